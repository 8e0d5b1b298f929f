import { WireReader } from './wire-reader.js';

/** What nearly every Webcast message says about itself, read without decoding the rest. */
export interface MessageHeader {
  /** The method as the header has it; for some methods another name than the wire method. */
  readonly method: string;
  /** Decimal string, `"0"` when absent. */
  readonly msgId: string;
  /** Decimal string, `"0"` when absent. */
  readonly roomId: string;
  /** Seconds or milliseconds since the epoch, depending on the message; decimal string, `"0"` when absent. */
  readonly createTime: string;
  /** Key of the display text (`pm_main_follow_message_viewer_2` …), `""` when absent. */
  readonly displayKey: string;
}

const HEADER_FIELD = 1;
/** Methods whose header is not in field 1. */
const OTHER_HEADER_FIELD: Readonly<Record<string, number>> = { WebcastWeeklyRankRewardMessage: 3 };

/**
 * Reads the common header of a message of any wire method, also of one that has no type in proto/webcast.
 * Stops behind the header, so bytes after it may be anything. Undefined when there is no readable header. Never throws.
 */
export function readMessageHeader(payload: Uint8Array, method: string): MessageHeader | undefined {
  const field = Object.hasOwn(OTHER_HEADER_FIELD, method) ? OTHER_HEADER_FIELD[method] : undefined;
  const wanted = ((field ?? HEADER_FIELD) << 3) | 2;
  const r = new WireReader(payload);
  while (r.pos < r.limit) {
    const tag = r.tag();
    if (tag !== wanted) {
      r.skip(tag);
      continue;
    }
    const outer = r.enter();
    const header = readHeader(r);
    return r.leave(outer) ? header : undefined;
  }
  return undefined;
}

function readHeader(r: WireReader): MessageHeader {
  let method = '';
  let msgId = '0';
  let roomId = '0';
  let createTime = '0';
  let displayKey = '';
  while (r.pos < r.limit) {
    const tag = r.tag();
    switch (tag) {
      case 10:
        method = r.string();
        break;
      case 16:
        msgId = r.int64();
        break;
      case 24:
        roomId = r.int64();
        break;
      case 32:
        createTime = r.int64();
        break;
      case 66: {
        const outer = r.enter();
        const key = readTextKey(r);
        if (r.leave(outer)) displayKey = key;
        break;
      }
      default:
        r.skip(tag);
    }
  }
  return { method, msgId, roomId, createTime, displayKey };
}

function readTextKey(r: WireReader): string {
  let key = '';
  while (r.pos < r.limit) {
    const tag = r.tag();
    if (tag === 10) key = r.string();
    else r.skip(tag);
  }
  return key;
}
