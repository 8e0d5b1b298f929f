import { knownMethod } from './method-names.js';
import { NO_BYTES, WireReader } from './wire-reader.js';
import { setEntry } from './wire-writer.js';

/** One message of a batch, still bytes. */
export interface WireBatchEntry {
  /** Wire method, for example `WebcastChatMessage`. */
  readonly method: string;
  /** Decimal string, `"0"` when absent. */
  readonly msgId: string;
  /** A view of the input. */
  readonly payload: Uint8Array;
  readonly isHistory: boolean;
}

/** What a `ProtoMessageFetchResult` says, with the messages left as bytes. */
export interface WireBatch {
  readonly messages: readonly WireBatchEntry[];
  readonly cursor: string;
  /** Milliseconds since the epoch as a decimal string, `"0"` when absent. */
  readonly now: string;
  readonly internalExt: string;
  readonly needAck: boolean;
  /** Milliseconds between heartbeats, 0 when the server leaves it to the client. */
  readonly heartbeatDuration: number;
  readonly pushServer: string;
  readonly routeParams: Readonly<Record<string, string>>;
  /** Entries that were left out because their own bytes could not be read. */
  readonly dropped: number;
}

/**
 * Reads a `ProtoMessageFetchResult` in one pass and without copying: payloads are views of `input`, which the caller must
 * not change afterwards. Same rules as the generated decoders; the full message is `ProtoMessageFetchResult.decode`.
 * @throws RangeError when the batch itself is cut short (not retryable).
 */
export function readBatch(input: Uint8Array): WireBatch {
  const r = new WireReader(input);
  const messages: WireBatchEntry[] = [];
  const routeParams: Record<string, string> = {};
  let cursor = '';
  let now = '0';
  let internalExt = '';
  let needAck = false;
  let heartbeatDuration = 0;
  let pushServer = '';
  while (r.pos < r.limit) {
    const tag = r.tag();
    switch (tag) {
      case 10: {
        const outer = r.enter();
        const entry = readEntry(r);
        if (r.leave(outer)) messages.push(entry);
        break;
      }
      case 18:
        cursor = r.string();
        break;
      case 32:
        now = r.int64();
        break;
      case 42:
        internalExt = r.string();
        break;
      case 58:
        readRouteParam(r, routeParams);
        break;
      case 64:
        heartbeatDuration = r.int64Number();
        break;
      case 72:
        needAck = r.bool();
        break;
      case 82:
        pushServer = r.string();
        break;
      default:
        r.skip(tag);
    }
  }
  if (r.failed()) throw new RangeError('ProtoMessageFetchResult: the message is cut short or not protobuf');
  return {
    messages,
    cursor,
    now,
    internalExt,
    needAck,
    heartbeatDuration,
    pushServer,
    routeParams,
    dropped: r.dropped,
  };
}

function readEntry(r: WireReader): WireBatchEntry {
  let method = '';
  let msgId = '0';
  let payload = NO_BYTES;
  let isHistory = false;
  while (r.pos < r.limit) {
    const tag = r.tag();
    switch (tag) {
      case 10:
        method = r.name(knownMethod);
        break;
      case 18:
        payload = r.view();
        break;
      case 24:
        msgId = r.int64();
        break;
      case 48:
        isHistory = r.bool();
        break;
      default:
        r.skip(tag);
    }
  }
  return { method, msgId, payload, isHistory };
}

function readRouteParam(r: WireReader, into: Record<string, string>): void {
  const outer = r.enter();
  let key = '';
  let value = '';
  while (r.pos < r.limit) {
    const tag = r.tag();
    if (tag === 10) key = r.string();
    else if (tag === 18) value = r.string();
    else r.skip(tag);
  }
  if (r.leave(outer)) setEntry(into, key, value);
}
