import type { EventName } from '@livetap/contracts';
import { codecForMethod, mostSpecificEvent, needsContent, possibleEvents } from '@livetap/connector';
import type { CountedGift, GiftFold } from '../gift-fold.js';
import { wireTimeMs } from '../normalize/values.js';
import { EVENT_SHAPES } from './event-shapes.js';
import type { ScanPlan } from './field-scan.js';
import { NORMALIZERS } from '../normalize/normalizers.js';
import { GenericPlans, genericSteps } from './generic-plans.js';
import { GiftProjector } from './gift-projector.js';
import { JsonBytes, Literal } from './json-bytes.js';
import { MemberWriter } from './member-writer.js';
import { UNUSUAL } from './outcome.js';
import { ProjectionFrame } from './projection-frame.js';
import { type Step, stepsOf } from './projection-plan.js';
import { ScanBuilder } from './scan-builder.js';

/** Events leave their bytes in pieces of memory of this size, one after the other. */
const SLAB_BYTES = 65_536;
/** Most events take less than half of it, the envelope included. */
const USUAL_BYTES = 4096;
const TOTAL = new Literal(',"total":');
const CLOSE = 0x7d;

/** What is wanted of the messages of one wire method. */
interface MethodPlan {
  readonly method: string;
  readonly scan: ScanPlan;
  readonly size: number;
  readonly msgId: number;
  readonly createTime: number;
  /** Key of the display text, action and business type: what tells the event of some methods; -1 where there is none. */
  readonly displayKey: number;
  readonly action: number;
  readonly businessType: number;
  readonly totalLikeCount: number;
  readonly events: ReadonlyMap<EventName, readonly Step[]>;
  /** The event of all messages of the method; undefined when it depends on the message. */
  readonly event: EventName | undefined;
}

/**
 * Writes the data of events as JSON from the bytes of their messages: what the contract does not show is stepped over, and
 * nothing is made on the way. Bytes that are unusual in any way (cut short, not UTF-8, larger than expected) and events
 * without a shape are left to the decoder, which says the same of all that both can read. One for a process: call `open`,
 * look at the message, then `write`; nothing is kept beyond the next `open`.
 */
export class Projector {
  readonly json = new JsonBytes(SLAB_BYTES);
  readonly #frame = new ProjectionFrame(this.json);
  readonly #members = new MemberWriter(this.#frame, new GenericPlans());
  readonly #gifts = new GiftProjector(this.#frame, this.#members);
  readonly #plans = new Map<string, MethodPlan | undefined>();
  #plan: MethodPlan | undefined;
  /** Length of the message. */
  #bytes = 0;
  /** The event of the message. */
  event: EventName = 'unknown';

  /** Looks at a message. False: decode it. */
  open(method: string, payload: Uint8Array): boolean {
    const plan = this.#planOf(method);
    if (plan === undefined) return false;
    const frame = this.#frame;
    frame.turnTo(payload);
    this.#bytes = payload.length;
    const from = payload.byteOffset;
    if (!frame.scan(plan.scan, plan.size, 0, from, from + payload.length)) return false;
    this.#plan = plan;
    const event = plan.event ?? this.#tellingEvent(plan);
    if (event === undefined) return false;
    this.event = event;
    return true;
  }

  /** Decimal string, `"0"` when the message does not say it. */
  get msgId(): string {
    const at = this.#plan?.msgId ?? -1;
    if (at < 0) return '0';
    const { places } = this.#frame;
    return BigInt.asIntN(64, (BigInt(places[at + 1]!) << 32n) | BigInt(places[at]! >>> 0)).toString();
  }

  /** Milliseconds since the epoch; undefined when the message does not say it. */
  get createdAt(): number | undefined {
    const at = this.#plan?.createTime ?? -1;
    return at < 0 ? undefined : wireTimeMs(this.#frame.int64(at));
  }

  /** Action of a control message. */
  get action(): number {
    const at = this.#plan?.action ?? -1;
    return at < 0 ? 0 : this.#frame.places[at]!;
  }

  get totalLikeCount(): number {
    const at = this.#plan?.totalLikeCount ?? -1;
    return at < 0 ? 0 : this.#frame.int64(at);
  }

  /**
   * Makes room for the event of the message. `usual`: as much as nearly all events take; `most`: a text can become six times as
   * long, but hardly all of a long message.
   */
  reserve(room: 'usual' | 'most'): void {
    this.json.reserve(
      room === 'usual' ? USUAL_BYTES : USUAL_BYTES + Math.min(6 * this.#bytes, 16_384 + 2 * this.#bytes),
    );
  }

  /** Writes the data of the event. False: what was written does not count, decode the message. */
  write(): boolean {
    const plan = this.#plan;
    const steps = plan?.events.get(this.event);
    if (plan === undefined || steps === undefined) return false;
    return this.#members.object(steps, 0, plan.size) !== UNUSUAL && !this.json.full;
  }

  /** As `write`, with the total that the room keeps. */
  writeLike(total: number): boolean {
    if (!this.write()) return false;
    const { json } = this;
    json.at -= 1;
    json.literal(TOTAL);
    json.whole(total);
    json.byte(CLOSE);
    return !json.full;
  }

  /** As `write`, for a gift; undefined: nothing was counted, decode the message. Arguments as of `GiftProjector`. */
  writeGift(fold: GiftFold, hostId: string | undefined, eventId: string, at: number): CountedGift | undefined {
    return this.#gifts.write(fold, hostId, eventId, at, this.#plan?.size ?? 0);
  }

  #tellingEvent(plan: MethodPlan): EventName | undefined {
    const { places } = this.#frame;
    const value = (place: number) => (place < 0 ? 0 : places[place]!);
    const key = plan.displayKey < 0 ? '' : this.#frame.textAt(value(plan.displayKey), value(plan.displayKey + 1));
    return mostSpecificEvent(plan.method, {
      common: { displayText: { displayType: key } },
      action: value(plan.action),
      envelopeInfo: { businessType: value(plan.businessType) },
    });
  }

  #planOf(method: string): MethodPlan | undefined {
    let plan = this.#plans.get(method);
    // Unknown methods are not remembered: there is no end to them.
    if (plan === undefined && !this.#plans.has(method) && codecForMethod(method) !== undefined) {
      plan = compileMethod(method, this.#gifts);
      this.#plans.set(method, plan);
    }
    return plan;
  }
}

function compileMethod(method: string, gifts: GiftProjector): MethodPlan | undefined {
  const typeName = codecForMethod(method)?.typeName ?? '';
  const builder = new ScanBuilder(typeName);
  const names: readonly EventName[] = possibleEvents(method);
  const events = new Map<EventName, readonly Step[]>();
  for (const name of names) {
    if (name === 'gift') {
      gifts.prepare(builder);
      continue;
    }
    if (NORMALIZERS.has(name)) return undefined;
    const shape = EVENT_SHAPES.get(name);
    events.set(name, shape === undefined ? genericSteps(builder, typeName) : stepsOf(builder, shape));
  }
  const optional = (path: string) => (builder.has(path.split('.')[0] ?? '') ? builder.want(path).place : -1);
  const depends = needsContent(method);
  const wanted = {
    msgId: optional('common.msgId'),
    createTime: optional('common.createTime'),
    displayKey: depends ? optional('common.displayText.displayType') : -1,
    action: depends ? optional('action') : -1,
    businessType: optional('envelopeInfo.businessType'),
    totalLikeCount: optional('totalLikeCount'),
  };
  const event = depends ? undefined : names[0];
  return { method, ...wanted, scan: builder.build(), size: builder.size, events, event };
}
