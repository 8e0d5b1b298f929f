import { gzipSync } from 'node:zlib';
import type { OutBatch } from '../world/message.js';
import { ProtoMessageFetchResult, WebcastPushFrame } from './proto.js';

/** Compressed frames are about this large; zlib's own 16 KiB buffer for each would cost more than the compression. */
const GZIP_CHUNK_BYTES = 4096;

/** A batch as bytes, made once for all sockets of a room. */
export class EncodedBatch {
  private plain: Uint8Array | undefined;
  private packed: Uint8Array | undefined;

  constructor(
    readonly batch: OutBatch,
    readonly cursor: string,
    readonly internalExt: string,
  ) {}

  /** The payload of the push frame, compressed when asked for. */
  payload(gzip: boolean): Uint8Array {
    this.plain ??= encodeBatch(this.batch, this.cursor, this.internalExt);
    if (!gzip) return this.plain;
    // Level 1: real frames are compressed, how well does not matter, and the simulator must not be the slow part.
    this.packed ??= gzipSync(this.plain, { level: 1, chunkSize: GZIP_CHUNK_BYTES });
    return this.packed;
  }
}

/** The body of a frame: the messages, and where the stream stands after them. */
export const encodeBatch = (batch: OutBatch, cursor: string, internalExt: string): Uint8Array =>
  ProtoMessageFetchResult.encode({
    messages: batch.messages.map((message) => ({
      method: message.method,
      payload: message.payload,
      msgId: message.msgId,
      ...(batch.history ? { isHistory: true } : {}),
    })),
    cursor,
    fetchInterval: '1000',
    now: String(batch.now),
    internalExt,
    fetchType: 1,
    heartbeatDuration: 10_000,
    needAck: true,
  }).finish();

/** Where a room's stream stands, in the form that TikTok's cursors and extras have. */
export const streamPosition = (now: number, lastMsgId: string): { cursor: string; internalExt: string } => {
  const cursor = `${now}_${lastMsgId}_1_1_0_0`;
  return {
    cursor,
    internalExt: `fetch_time:${now}|start_time:${now}|ack_ids:|flag:0|seq:1|next_cursor:${cursor}|wss_info:0-${now}-0-0`,
  };
};

/** A push frame around a payload. */
export const pushFrame = (options: {
  seqId: number;
  logId: string;
  payloadType: string;
  payload: Uint8Array;
  headers?: Readonly<Record<string, string>>;
}): Uint8Array =>
  WebcastPushFrame.encode({
    seqId: String(options.seqId),
    logId: options.logId,
    service: '30010',
    method: '8',
    headers: Object.entries(options.headers ?? {}).map(([key, value]) => ({ key, value })),
    payloadEncoding: 'pb',
    payloadType: options.payloadType,
    payload: options.payload,
  }).finish();
