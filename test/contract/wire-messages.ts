import {
  type CommonMessageData,
  type MessageCodec,
  type PartialMessage,
  WebcastChatMessage,
  WebcastControlMessage,
  WebcastGiftMessage,
  WebcastLikeMessage,
} from '@livetap/connector';
import type { PipelineMessage } from '../../apps/watcher/src/pipeline/wire-message.js';

/** A wire message of any type, as an entry of a frame. */
export function wireMessage<T>(
  method: string,
  codec: MessageCodec<T>,
  msgId: string,
  message: PartialMessage<T>,
): PipelineMessage {
  return { method, msgId, payload: codec.encode(message).finish(), isHistory: false };
}

export function commonHeader(msgId: string, createTime = '1700000000000'): PartialMessage<CommonMessageData> {
  return { method: 'x', msgId, createTime };
}

export function chatMessage(msgId: string, comment = 'hello', userId = '11'): PipelineMessage {
  return wireMessage('WebcastChatMessage', WebcastChatMessage, msgId, {
    common: commonHeader(msgId),
    user: { userId, uniqueId: `user${userId}`, nickname: `User ${userId}` },
    comment,
  });
}

export interface GiftSpec {
  readonly msgId: string;
  readonly repeatCount: number;
  readonly end?: boolean;
  readonly userId?: string;
  readonly giftId?: number;
  readonly groupId?: string;
  /** 0: the message does not say it. */
  readonly diamonds?: number;
  /** 1 is sent in streaks. */
  readonly giftType?: number;
  readonly toUserId?: string;
}

export function giftMessage(spec: GiftSpec): PipelineMessage {
  const { giftId = 5487, userId = '11' } = spec;
  return wireMessage('WebcastGiftMessage', WebcastGiftMessage, spec.msgId, {
    common: commonHeader(spec.msgId),
    giftId,
    user: { userId, uniqueId: `user${userId}` },
    ...(spec.toUserId === undefined ? {} : { toUser: { userId: spec.toUserId, nickname: 'Guest' } }),
    repeatCount: spec.repeatCount,
    repeatEnd: spec.end === true ? 1 : 0,
    groupId: spec.groupId ?? '900',
    giftDetails: {
      id: String(giftId),
      giftName: 'Finger Heart',
      diamondCount: spec.diamonds ?? 5,
      giftType: spec.giftType ?? 1,
    },
  });
}

export function likeMessage(msgId: string, count: number, total: number): PipelineMessage {
  return wireMessage('WebcastLikeMessage', WebcastLikeMessage, msgId, {
    common: commonHeader(msgId),
    user: { userId: '11' },
    likeCount: count,
    totalLikeCount: total,
  });
}

export function controlMessage(msgId: string, action: number): PipelineMessage {
  return wireMessage('WebcastControlMessage', WebcastControlMessage, msgId, { common: commonHeader(msgId), action });
}

/** A method that proto/webcast does not know. */
export function unknownMessage(msgId: string, payload = Uint8Array.of(8, 1)): PipelineMessage {
  return { method: 'WebcastFutureMessage', msgId, payload, isHistory: false };
}
