import type { EventName } from '@livetap/contracts';
import {
  codecForMethod,
  codecForType,
  type FieldDescriptor,
  messageTypeNames,
  possibleEvents,
  wireMethods,
} from '@livetap/connector';
import { SeededRandom } from '@livetap/testkit';
import { describe, expect, it } from 'vitest';
import { pipeline, T0 } from '../../../../../test/contract/room.js';
import type { FinishedEvent } from '../finished-event.js';
import { MessageShaper } from '../message-shaper.js';
import { NORMALIZERS } from '../normalize/normalizers.js';
import { EVENT_SHAPES } from './event-shapes.js';
import { GenericPlans } from './generic-plans.js';

/** Messages of which every field is there or not by chance, with values at every edge. */
class AnyMessage {
  constructor(readonly random: SeededRandom) {}

  of(typeName: string, depth: number): Record<string, unknown> {
    const message: Record<string, unknown> = {};
    const density = this.random.next();
    for (const field of codecForType(typeName)?.fields ?? []) {
      if (this.random.next() > density || (depth === 0 && field.kind === 'message')) continue;
      const value = () => this.value(field, depth);
      if (field.mapKey !== undefined) message[field.name] = { [this.random.integer(0, 9)]: value() };
      else if (field.repeated) message[field.name] = Array.from({ length: this.random.integer(0, 3) }, value);
      else message[field.name] = value();
    }
    return message;
  }

  value(field: FieldDescriptor, depth: number): unknown {
    if (field.kind === 'message') return this.of(field.type, depth - 1);
    if (field.kind === 'enum') return this.pick([0, 1, 2, 3, 4, 6, 7, 8, 10, 77, -1, 2_147_483_647]);
    switch (field.type) {
      case 'string':
        return this.pick(TEXTS);
      case 'bool':
        return this.random.next() < 0.5;
      case 'bytes':
        return Uint8Array.of(1, 2, 3);
      case 'float':
      case 'double':
        return this.pick([0, 0.5, 3]);
      case 'int32':
        return this.pick([0, 1, 9, 100, 99_999, 1_234_567, 2_147_483_647, -1, -2_147_483_648]);
      case 'uint32':
        return this.pick([0, 1, 4_294_967_295]);
      case 'uint64':
        return field.asNumber ? 7 : this.pick(['0', '1', '9007199254740993', '18446744073709551615']);
      default:
        return field.asNumber
          ? this.pick([0, 1, 4_294_967_296, 2 ** 53, 2 ** 60, -5])
          : this.pick(['0', '1', '2', '999999999', '1000000000', '1720000000', '7312345678901234567', '-1', INT64_MIN]);
    }
  }

  private pick<T>(values: readonly T[]): T {
    return values[this.random.integer(0, values.length - 1)] as T;
  }
}

const INT64_MIN = '-9223372036854775808';
const TEXTS = [
  '',
  '0',
  '00',
  '42',
  '7312345678901234567',
  'https://a/b.webp',
  'http://plain',
  'plain text of some length, with a comma',
  'a "quote", a \\ and \b\t\n\f\r\u0001\u001f\u007f',
  'günaydın ありがとう 😍 \u2028',
  '{0:user} sent {1:gift} x {2}',
  '{0:user}{0:user}{9:string} {} {x} {1',
  '{00:a}{1:{0:b}} {2:"}',
  'pm_mt_viewer_12_share',
  'pm_main_follow_message_viewer_2',
  'ttlive_superFanBox',
  'webcast-va/top_gifter_version_2.png',
  'super_fan.png',
  ' 18',
  '1e3',
  '18',
];

/** The same messages through a pipeline that projects and through one that decodes everything. */
class Both {
  readonly #shaper = new MessageShaper();
  readonly #projecting = pipeline({ shaper: this.#shaper });
  readonly #decoding: ReturnType<typeof pipeline>;
  projected = 0;
  #next = 0;

  constructor() {
    const shaper = new MessageShaper();
    shaper.projector.open = () => false;
    this.#decoding = pipeline({ shaper });
    const { projector } = this.#shaper;
    const write = projector.write.bind(projector);
    projector.write = () => this.#counted(write());
    const writeGift = projector.writeGift.bind(projector);
    projector.writeGift = (...of) => this.#counted(writeGift(...of));
  }

  #counted<T>(written: T): T {
    if (written !== false && written !== undefined) this.projected += 1;
    return written;
  }

  frame(method: string, payload: Uint8Array): readonly [readonly string[], readonly string[]] {
    const frame = {
      messages: [{ method, msgId: String((this.#next += 1)), payload, isHistory: false }],
      receivedAt: T0,
      now: '1720000000123',
    };
    return [texts(this.#projecting.frame(frame).events), texts(this.#decoding.frame(frame).events)];
  }
}

function texts(events: readonly FinishedEvent[]): readonly string[] {
  return events.map((event) => `${event.topic} ${event.id} ${event.sequence} ${event.value.toString()}`);
}

const methods = wireMethods.filter((method) => {
  const events: readonly string[] = possibleEvents(method);
  return events.length > 0 && !events.some((name) => NORMALIZERS.has(name as EventName));
});

describe('what is written from the bytes of a message', () => {
  it('covers every event that has a shape', () => {
    const reached = new Set<string>(methods.flatMap((method) => possibleEvents(method)));
    expect([...EVENT_SHAPES.keys()].filter((name: string) => !reached.has(name))).toEqual([]);
  });

  it('has a plan for every message type by the generic rule', () => {
    const plans = new GenericPlans();
    for (const typeName of messageTypeNames) expect(() => plans.planOf(typeName), typeName).not.toThrow();
    expect(() => plans.planOf('Nope')).toThrow('No message type Nope');
  });

  it('is what the decoded message gives, of every method', () => {
    for (const method of methods) {
      const random = new SeededRandom(method.length);
      const messages = new AnyMessage(random);
      const both = new Both();
      const codec = codecForMethod(method);
      for (let i = 0; i < 150; i += 1) {
        const payload = codec?.encode(messages.of(codec.typeName, 5)).finish() ?? new Uint8Array(0);
        const [projected, decoded] = both.frame(method, payload);
        expect(projected, method).toEqual(decoded);
      }
      // The others are left to the decoder: ids that a number cannot hold; by the generic rule, maps, floats, lists of numbers.
      const shaped = possibleEvents(method).every((name) => EVENT_SHAPES.has(name));
      expect(both.projected, method).toBeGreaterThanOrEqual(shaped ? 150 : 15);
    }
  });

  it('is the same for damaged messages, but for damage to parts that no event shows', () => {
    for (const method of methods) {
      const random = new SeededRandom(method.length);
      const messages = new AnyMessage(random);
      const both = new Both();
      const codec = codecForMethod(method);
      for (let i = 0; i < 150; i += 1) {
        const payload = Buffer.from(codec?.encode(messages.of(codec.typeName, 4)).finish() ?? []);
        for (let hits = random.integer(1, 4); hits > 0 && payload.length > 0; hits -= 1) {
          payload[random.integer(0, payload.length - 1)] = random.integer(0, 255);
        }
        const [projected, decoded] = both.frame(method, payload);
        expect(projected.map(whole), method).toEqual(decoded.map(whole));
      }
    }
  });
});

/** Damage outside of what is shown makes the decoded message partial; what is written of it does not say so. */
function whole(event: string): string {
  return event.replace(',"partial":true', '').replace('{"partial":true}', '{}');
}
