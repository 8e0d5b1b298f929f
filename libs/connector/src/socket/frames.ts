import { HeartbeatMessage, WebcastImEnterRoomMessage, WebcastPushFrame, type PartialMessage } from '../proto/index.js';

/** Sub-id of the web client in "enter room". */
const WEB_LIVE_ID = '12';

/** The bytes of a frame as clients send it: protobuf, numbers at zero left out. */
export function clientFrame(fields: PartialMessage<WebcastPushFrame>): Uint8Array {
  return WebcastPushFrame.encode({ payloadEncoding: 'pb', ...fields }).finish();
}

/**
 * "Enter room", the first frame of every socket.
 * @param enterUniqueId random positive 63-bit integer, decimal; the server echoes it
 */
export function enterRoomFrame(roomId: string, enterUniqueId: string): Uint8Array {
  const payload = WebcastImEnterRoomMessage.encode({
    roomId,
    liveId: WEB_LIVE_ID,
    identity: 'audience',
    enterUniqueId,
    filterWelcomeMsg: '0',
  }).finish();
  return clientFrame({ payloadType: 'im_enter_room', payload });
}

/** @param sequence 1, 2, 3 … within one room of one socket */
export function heartbeatFrame(roomId: string, sequence: number): Uint8Array {
  const payload = HeartbeatMessage.encode({ roomId, sendPacketSeqId: String(sequence) }).finish();
  return clientFrame({ payloadType: 'hb', payload });
}

/** @param logId of the acknowledged frame, `"0"` when it had none */
export function ackFrame(logId: string, internalExt: string): Uint8Array {
  return clientFrame({ logId, payloadType: 'ack', payload: Buffer.from(internalExt, 'utf8') });
}
