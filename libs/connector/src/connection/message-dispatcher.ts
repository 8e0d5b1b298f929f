import { SchemaDecodeError } from '../errors/connection-errors.js';
import { classifyMessage, possibleEvents } from '../events/classify.js';
import { ControlEvent, WebcastEvent } from '../events/webcast-event.js';
import type { DecodedData, WebcastGiftEvent } from '../events/event-types.js';
import { codecForMethod, type WebcastControlMessage } from '../proto/index.js';
import type { RawBatch, RawMessage } from '../socket/batch.js';
import type { RoomGiftInfo } from './connection-types.js';

/** What the dispatcher needs of the connection. */
export interface DispatchTarget {
  /** True when somebody listens. */
  listens(event: string): boolean;
  /** Calls the listeners of an event; never throws. */
  dispatch(event: string, ...args: unknown[]): void;
  reportError(info: string, exception: unknown): void;
  /** False as soon as nothing more may be handed out. */
  isActive(): boolean;
  /** The gift list, when gifts are to carry their entry of it. */
  gifts(): RoomGiftInfo | null;
}

const CONTROL_METHOD = 'WebcastControlMessage';

/**
 * Turns batches into events: `rawData`, `decodedData`, then the typed ones. Only what somebody listens to is decoded.
 */
export class MessageDispatcher {
  private giftList: RoomGiftInfo | null = null;
  private giftsById = new Map<string, RoomGiftInfo[number]>();

  constructor(private readonly target: DispatchTarget) {}

  /** Hands out a batch, to its end. True when one of its messages ended the stream. */
  dispatchBatch(batch: RawBatch): boolean {
    let ended = false;
    for (const message of batch.messages) {
      if (!this.target.isActive()) return ended;
      if (this.dispatchMessage(message)) ended = true;
    }
    return ended;
  }

  private dispatchMessage({ method, payload }: RawMessage): boolean {
    const { target } = this;
    if (target.listens(ControlEvent.RAW_DATA)) target.dispatch(ControlEvent.RAW_DATA, method, payload);
    const codec = this.isWanted(method) ? codecForMethod(method) : undefined;
    if (!codec) return false;
    let data: unknown;
    try {
      data = codec.decode(payload);
    } catch (cause) {
      target.reportError(
        `Failed to decode a message of type ${method}`,
        new SchemaDecodeError(`The message is not a ${codec.typeName}.`, cause),
      );
      return false;
    }
    const events = classifyMessage(method, data);
    if (events[0] === WebcastEvent.GIFT) this.extendGift(data as WebcastGiftEvent);
    const decoded: DecodedData = { type: codec.typeName, data };
    this.emit(ControlEvent.DECODED_DATA, method, decoded, payload);
    for (const event of events)
      this.emit(event, event === WebcastEvent.STREAM_END ? { action: (data as WebcastControlMessage).action } : data);
    return events.includes(WebcastEvent.STREAM_END);
  }

  private emit(event: string, ...args: unknown[]): void {
    if (this.target.isActive()) this.target.dispatch(event, ...args);
  }

  /** The end of the stream is this connection's business, whether anybody listens or not. */
  private isWanted(method: string): boolean {
    if (method === CONTROL_METHOD || this.target.listens(ControlEvent.DECODED_DATA)) return true;
    return possibleEvents(method).some((event) => this.target.listens(event));
  }

  private extendGift(gift: WebcastGiftEvent): void {
    const list = this.target.gifts();
    if (!list || !gift.giftId) return;
    if (list !== this.giftList) {
      this.giftList = list;
      this.giftsById = new Map(list.map((entry) => [String(entry['id']), entry]));
    }
    gift.extendedGiftInfo = this.giftsById.get(String(gift.giftId));
  }
}
