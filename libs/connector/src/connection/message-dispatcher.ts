import { isDecodingWanted } from '../config/deserialize-config.js';
import type { SchemaDecodeError } from '../errors/connection-errors.js';
import { classifyMessage, possibleEvents } from '../events/classify.js';
import { ControlEvent, WebcastEvent } from '../events/webcast-event.js';
import type { DecodedData, UndecodedData, WebcastGiftEvent } from '../events/event-types.js';
import { codecForMethod, User, type WebcastChatMessage, type WebcastControlMessage } from '../proto/index.js';
import type { RawBatch, RawMessage } from '../socket/batch.js';
import type { MessageContinuity } from './message-continuity.js';
import type { RoomGiftInfo } from './connection-types.js';
import { decodeWith } from './deserialize-message.js';

/** What the dispatcher needs of the connection. */
export interface DispatchTarget {
  /** True when somebody listens. */
  listens(event: string): boolean;
  /** Calls the listeners of an event; never throws. */
  dispatch(event: string, ...args: unknown[]): void;
  reportError(info: string, exception: unknown): void;
  /** False as soon as nothing more may be handed out. */
  isActive(): boolean;
  /** What was handed out on earlier sockets, when repeats are to be removed. */
  continuity(): MessageContinuity | undefined;
  /** The room that the messages are of. */
  roomId(): string;
  /** The gift list, when gifts are to carry their entry of it. */
  gifts(): RoomGiftInfo | null;
}

const NO_BYTES = new Uint8Array(0);
const CONTROL_METHOD = 'WebcastControlMessage';

/** Listeners may keep what they are given; a payload is valid during the call alone. */
const copyOf = (payload: Uint8Array): Uint8Array => Buffer.from(payload);

/**
 * Turns batches into events: `rawData`, `decodedData`, then the typed ones. Only what somebody listens to is decoded.
 */
export class MessageDispatcher {
  private giftList: RoomGiftInfo | null = null;
  private giftsById: ReadonlyMap<string, RoomGiftInfo[number]> | undefined;

  constructor(private readonly target: DispatchTarget) {}

  /** Hands out a batch, to its end. True when one of its messages ended the stream. */
  dispatchBatch(batch: RawBatch): boolean {
    let ended = false;
    const continuity = this.target.continuity();
    continuity?.heard(batch);
    for (const message of batch.messages) {
      if (!this.target.isActive()) return ended;
      if (continuity?.isRepeat(message)) continue;
      const gap = continuity?.gapBefore(message, batch.receivedAt, this.target.roomId());
      if (gap) this.emit(ControlEvent.GAP, gap);
      if (this.dispatchMessage(message)) ended = true;
    }
    return ended;
  }

  private dispatchMessage({ method, payload }: RawMessage): boolean {
    const { target } = this;
    // Most events have no listener: looking costs less than telling nobody.
    const [raw, decoded] = [target.listens(ControlEvent.RAW_DATA), target.listens(ControlEvent.DECODED_DATA)];
    const kept = raw || decoded ? copyOf(payload) : payload;
    if (raw) this.emit(ControlEvent.RAW_DATA, method, kept);
    const codec = codecForMethod(method);
    if (!codec) {
      this.tellUndecoded({ method, payload, reason: 'unknownMethod' });
      return false;
    }
    const visible = isDecodingWanted(method, codec.typeName);
    if (!(visible ? this.isWanted(method) : method === CONTROL_METHOD)) return false;
    let data: unknown;
    try {
      data = decodeWith(codec, payload);
    } catch (error) {
      this.reportUndecodable(method, payload, error as SchemaDecodeError);
      return false;
    }
    if (!visible) return classifyMessage(method, data).includes(WebcastEvent.STREAM_END);
    const events = classifyMessage(method, data);
    if (events[0] === WebcastEvent.CHAT || events[0] === WebcastEvent.GIFT)
      (data as WebcastChatMessage).user ??= User.decode(NO_BYTES);
    if (events[0] === WebcastEvent.GIFT) this.extendGift(data as WebcastGiftEvent);
    if (decoded)
      this.emit(ControlEvent.DECODED_DATA, method, { type: codec.typeName, data } satisfies DecodedData, kept);
    for (const event of events)
      this.emit(event, event === WebcastEvent.STREAM_END ? { action: (data as WebcastControlMessage).action } : data);
    return events.includes(WebcastEvent.STREAM_END);
  }

  private reportUndecodable(method: string, payload: Uint8Array, error: SchemaDecodeError): void {
    this.tellUndecoded({ method, payload, reason: 'undecodable', error });
    if (this.target.isActive()) this.target.reportError(`Failed to decode a message of type ${method}`, error);
  }

  private tellUndecoded(undecoded: UndecodedData): void {
    if (this.target.listens(ControlEvent.UNDECODED_DATA))
      this.emit(ControlEvent.UNDECODED_DATA, { ...undecoded, payload: copyOf(undecoded.payload) });
  }

  private emit(event: string, ...args: unknown[]): void {
    if (this.target.isActive()) this.target.dispatch(event, ...args);
  }

  /** The end of the stream is this connection's business, whether anybody listens or not. */
  private isWanted(method: string): boolean {
    if (method === CONTROL_METHOD) return true;
    const { target } = this;
    // Whether a message is damaged shows only when it is decoded.
    if (target.listens(ControlEvent.DECODED_DATA) || target.listens(ControlEvent.UNDECODED_DATA)) return true;
    for (const event of possibleEvents(method)) if (target.listens(event)) return true;
    return false;
  }

  private extendGift(gift: WebcastGiftEvent): void {
    const list = this.target.gifts();
    if (!list || !gift.giftId) return;
    if (list !== this.giftList) {
      this.giftList = list;
      this.giftsById = new Map(list.map((entry) => [String(entry['id']), entry]));
    }
    gift.extendedGiftInfo = this.giftsById?.get(String(gift.giftId));
  }
}
