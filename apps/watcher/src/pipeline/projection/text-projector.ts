import { Literal } from './json-bytes.js';
import { ABSENT, type Outcome, UNUSUAL, WRITTEN } from './outcome.js';
import type { ProjectionFrame } from './projection-frame.js';
import { ScanBuilder } from './scan-builder.js';

const KEY = new Literal('{"key":"');
const PATTERN = new Literal('","pattern":"');
const TEXT = new Literal('","text":"');
const END = new Literal('"}');

const OPEN = 0x7b;
const CLOSE = 0x7d;
const COLON = 0x3a;
const ZERO = 0x30;
const NINE = 0x39;
/** Texts have a handful of pieces; one with more is decoded. */
const MAX_PIECES = 64;

/** Writes `{key, pattern, text}` from the bytes of a `Text` of the wire. */
export class TextProjector {
  readonly #frame: ProjectionFrame;
  readonly #text = textPlan();
  readonly #piece = piecePlan();

  constructor(frame: ProjectionFrame) {
    this.#frame = frame;
  }

  /** The text at `[from, to)`; absent when it has neither key nor pattern. `top`: frames are free from there on. */
  localized(from: number, to: number, top: number): Outcome {
    if (from === 0) return ABSENT;
    const frame = this.#frame;
    const plan = this.#text;
    const { places, json } = frame;
    if (!frame.scan(plan.scan, plan.size, top, from, to)) return UNUSUAL;
    const keyFrom = places[top + plan.key]!;
    const keyTo = places[top + plan.key + 1]!;
    const patternFrom = places[top + plan.pattern]!;
    const patternTo = places[top + plan.pattern + 1]!;
    const pieces = places[top + plan.pieces]!;
    if (keyFrom === keyTo && patternFrom === patternTo) return ABSENT;
    json.literal(KEY);
    if (!frame.write(keyFrom, keyTo)) return UNUSUAL;
    json.literal(PATTERN);
    if (!frame.write(patternFrom, patternTo)) return UNUSUAL;
    json.literal(TEXT);
    const whole =
      pieces === 0
        ? frame.write(patternFrom, patternTo)
        : this.#filled(patternFrom, patternTo, pieces - 1, places[top + plan.pieces + 1]!, top + plan.size);
    if (!whole) return UNUSUAL;
    json.literal(END);
    return WRITTEN;
  }

  /** The pattern with its places, `{0}` or `{0:string}`, filled by the pieces at `[pos, last)`. */
  #filled(from: number, to: number, pos: number, last: number, top: number): boolean {
    const frame = this.#frame;
    const { places, bytes } = frame;
    const cursor = frame.items();
    let pieces = 0;
    while (cursor.next(bytes, pos, last, this.#text.piecesField)) {
      if (pieces === MAX_PIECES || top + 2 * MAX_PIECES > places.length) return false;
      places[top + 2 * pieces] = cursor.from;
      places[top + 2 * pieces + 1] = cursor.to;
      pos = cursor.to;
      pieces += 1;
    }
    const free = top + 2 * pieces;
    let plain = from;
    for (let at = from; at < to; at++) {
      if (bytes[at] !== OPEN) continue;
      const end = placeEnd(bytes, at, to);
      if (end === 0) continue;
      const index = placeIndex(bytes, at + 1);
      if (index < pieces) {
        if (!frame.write(plain, at) || !this.#pieceText(top + 2 * index, free)) return false;
        plain = end;
      }
      at = end - 1;
    }
    return frame.write(plain, to);
  }

  #pieceText(span: number, top: number): boolean {
    const frame = this.#frame;
    const plan = this.#piece;
    const { places } = frame;
    if (!frame.scan(plan.scan, plan.size, top, places[span]!, places[span + 1]!)) return false;
    let shown = plan.stringValue;
    if (places[top + plan.user] !== 0) {
      shown = places[top + plan.nickname] === places[top + plan.nickname + 1] ? plan.uniqueId : plan.nickname;
    } else if (places[top + plan.gift] !== 0) shown = plan.giftName;
    else if (places[top + plan.reference] !== 0) shown = plan.referenceText;
    return frame.write(places[top + shown]!, places[top + shown + 1]!);
  }
}

/** Behind the place that begins at `at` with a brace: digits, and after a colon anything but braces. 0: it is none. */
function placeEnd(bytes: Uint8Array, at: number, to: number): number {
  let pos = at + 1;
  while (pos < to && bytes[pos]! >= ZERO && bytes[pos]! <= NINE) pos++;
  if (pos === at + 1) return 0;
  if (pos < to && bytes[pos] === COLON) {
    do pos++;
    while (pos < to && bytes[pos] !== OPEN && bytes[pos] !== CLOSE);
  }
  return pos < to && bytes[pos] === CLOSE ? pos + 1 : 0;
}

function placeIndex(bytes: Uint8Array, pos: number): number {
  let index = 0;
  for (let byte = bytes[pos]!; byte >= ZERO && byte <= NINE; byte = bytes[++pos]!) index = index * 10 + byte - ZERO;
  return index;
}

function textPlan() {
  const builder = new ScanBuilder('Text');
  const pieces = builder.want('piecesList');
  const wanted = {
    key: builder.want('displayType').place,
    pattern: builder.want('defaultPattern').place,
    pieces: pieces.place,
    piecesField: pieces.field.number,
  };
  return { ...wanted, scan: builder.build(), size: builder.size };
}

function piecePlan() {
  const builder = new ScanBuilder('Text_TextPiece');
  const place = (path: string) => builder.want(path).place;
  const wanted = {
    user: place('userValue.user'),
    nickname: place('userValue.user.nickname'),
    uniqueId: place('userValue.user.uniqueId'),
    gift: place('giftValue'),
    giftName: place('giftValue.nameRef.defaultPattern'),
    reference: place('patternRefValue'),
    referenceText: place('patternRefValue.defaultPattern'),
    stringValue: place('stringValue'),
  };
  return { ...wanted, scan: builder.build(), size: builder.size };
}
