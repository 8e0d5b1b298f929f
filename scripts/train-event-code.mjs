#!/usr/bin/env node
/**
 * Makes the one Huffman code of apps/watcher/assembly/deflate.ts from events as they are in the contract's examples, their numbers
 * and ids made anew for each, and writes it to apps/watcher/assembly/event-code.ts. To be run when events have become something
 * else, not for each new field: any code can pack anything, it only packs well what it was made for.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const TARGET = 'apps/watcher/assembly/event-code.ts';
/** How often events come in a busy room, in percent. */
const MIX = { member: 35, like: 25, chat: 20, gift: 10, roomUser: 10 };
const ROUNDS = 4;
const LITERALS = 286;
const DISTANCES = 30;
const END_OF_BLOCK = 256;
const WINDOW = 32_768;
/** In which order a block writes the lengths of the code of lengths (RFC 1951, 3.2.7). */
const ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

const random = seeded(7);
const counts = { literals: new Array(LITERALS).fill(1), distances: new Array(DISTANCES).fill(1) };
for (const batch of trainingBatches()) count(batch, counts);
const literals = codeLengths(counts.literals, 15);
const distances = codeLengths(counts.distances, 15);
const header = blockHeader(literals, distances);
writeFileSync(join(root, TARGET), render());

/** Batches of one to six events of a kind, as they come to a partition. */
function* trainingBatches() {
  for (let round = 0; round < ROUNDS; round += 1)
    for (const [name, share] of Object.entries(MIX))
      for (let n = 0; n < share; n += 1) {
        const example = JSON.parse(readFileSync(join(root, 'libs/contracts/examples', `${name}.json`), 'utf8'));
        const events = Array.from({ length: 1 + (n % 6) }, () => record(JSON.stringify(example)));
        yield Buffer.from(events.join(''));
      }
}

/** An event as it stands in a record of Kafka, headers behind it, with ids, times and digests of its own. */
function record(example) {
  const text = example.replace(/[0-9a-f]{8,}/g, (run) =>
    Array.from(run, (c) => (/[a-f]/.test(run) ? '0123456789abcdef'[random(16)] : c && String(random(10)))).join(''),
  );
  const { id, type, source, sequence } = JSON.parse(text);
  const headers = { 'content-type': 'application/cloudevents+json; charset=UTF-8', ce_id: id, ce_type: type };
  const all = Object.entries({ ...headers, ce_source: source, ce_sequence: sequence });
  return `\x00\x00\x02&${id}\xf8\x08${text}\x0a${all.map((pair) => pair.map((part) => `\x18${part}`).join('')).join('')}`;
}

/** Literals, lengths and distances that deflate.ts would write for a batch. */
function count(batch, { literals, distances }) {
  const last = new Map();
  for (let at = 0; at < batch.length;) {
    const four = at + 4 <= batch.length ? batch.readUInt32LE(at) : undefined;
    const before = four === undefined ? undefined : last.get(four);
    if (four !== undefined) last.set(four, at);
    let length = 1;
    if (before !== undefined && at - before <= WINDOW) {
      for (length = 4; length < 258 && at + length < batch.length; length += 1)
        if (batch[before + length] !== batch[at + length]) break;
      literals[lengthSymbol(length)] += 1;
      distances[distanceSymbol(at - before)] += 1;
    } else literals[batch[at]] += 1;
    at += length;
  }
  literals[END_OF_BLOCK] += 1;
}

function lengthSymbol(length) {
  if (length === 258) return 285;
  if (length < 11) return 254 + length;
  const extraBits = Math.floor(Math.log2(length - 3)) - 2;
  return 257 + 4 * extraBits + ((length - 3) >> extraBits);
}

function distanceSymbol(distance) {
  if (distance < 5) return distance - 1;
  const extraBits = Math.floor(Math.log2(distance - 1)) - 1;
  return 2 * (extraBits + 1) + (((distance - 1) >> extraBits) & 1);
}

/** Huffman's lengths, none longer than `longest`: counts are brought closer together until that is so. */
function codeLengths(given, longest) {
  for (let weights = [...given]; ; weights = weights.map((weight) => (weight > 0 ? (weight >> 1) + 1 : 0))) {
    const nodes = weights.map((weight, symbol) => ({ weight, symbols: [symbol] })).filter(({ weight }) => weight > 0);
    const lengths = new Array(given.length).fill(0);
    while (nodes.length > 1) {
      nodes.sort((a, b) => b.weight - a.weight || b.symbols[0] - a.symbols[0]);
      const [one, other] = [nodes.pop(), nodes.pop()];
      const symbols = [...one.symbols, ...other.symbols];
      for (const symbol of symbols) lengths[symbol] += 1;
      nodes.push({ weight: one.weight + other.weight, symbols });
    }
    if (Math.max(...lengths) <= longest) return lengths;
  }
}

/** The bits of a block's begin with these codes: the last block, dynamic codes (RFC 1951, 3.2.7). */
function blockHeader(literals, distances) {
  const written = [...runs([...literals, ...distances])];
  const counted = new Array(19).fill(0);
  for (const { symbol } of written) counted[symbol] += 1;
  const lengths = codeLengths(counted, 7);
  const codes = canonicalCodes(lengths);
  let used = ORDER.length;
  while (lengths[ORDER[used - 1]] === 0) used -= 1;
  const bits = [];
  const put = (value, size) => {
    for (let bit = 0; bit < size; bit += 1) bits.push((value >> bit) & 1);
  };
  put(1, 1);
  put(2, 2);
  put(literals.length - 257, 5);
  put(distances.length - 1, 5);
  put(used - 4, 4);
  for (const symbol of ORDER.slice(0, used)) put(lengths[symbol], 3);
  for (const { symbol, extra = 0, extraBits = 0 } of written) {
    put(codes[symbol], lengths[symbol]);
    put(extra, extraBits);
  }
  return bits;
}

/** No length is 0 here, so of the symbols for repeats only 16 is needed: the length before, 3 to 6 times. */
function* runs(lengths) {
  for (let at = 0; at < lengths.length;) {
    let times = 1;
    while (lengths[at + times] === lengths[at]) times += 1;
    yield { symbol: lengths[at] };
    const repeats = times > 3 ? Math.min(times - 1, 6) : 0;
    if (repeats > 0) yield { symbol: 16, extra: repeats - 3, extraBits: 2 };
    at += 1 + repeats;
  }
}

/** Each with its first bit lowest. */
function canonicalCodes(lengths) {
  const codes = new Array(lengths.length).fill(0);
  let code = 0;
  for (let length = 1; length < 16; length += 1) {
    lengths.forEach((its, symbol) => {
      if (its !== length) return;
      for (let bit = 0; bit < length; bit += 1) codes[symbol] |= ((code >> bit) & 1) << (length - 1 - bit);
      code += 1;
    });
    code <<= 1;
  }
  return codes;
}

function seeded(seed) {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

function render() {
  const bytes = [];
  for (let at = 0; at < header.length; at += 8)
    bytes.push(header.slice(at, at + 8).reduce((byte, bit, place) => byte | (bit << place), 0));
  const data = (values) => `memory.data<u8>([\n${values.join(',').replace(/(.{1,110},)/g, '  $1\n')}\n])`;
  return `// AssemblyScript (not TypeScript). Written by scripts/train-event-code.mjs: do not edit.

/** Bits of a code, for each literal and length symbol. */
export const LITERAL_LENGTHS: usize = ${data(literals)};

/** Bits of a code, for each symbol of distances. */
export const DISTANCE_LENGTHS: usize = ${data(distances)};

/** Begin of the one block of a batch, which says all these lengths. */
export const HEADER: usize = ${data(bytes)};

export const HEADER_BITS: u32 = ${header.length};
`;
}
