import { enumValueName } from '@livetap/connector';
import { wireTimeMs } from '../normalize/values.js';
import { Literal } from './json-bytes.js';
import { ABSENT, type Outcome, UNUSUAL, WRITTEN } from './outcome.js';
import { PersonProjector } from './person-projector.js';
import type { ProjectionFrame } from './projection-frame.js';
import { ItemKind, type ObjectPlan, type Step, StepKind } from './projection-plan.js';
import type { GenericPlans } from './generic-plans.js';
import { TextProjector } from './text-projector.js';

const TRUE = new Literal('true');
const FALSE = new Literal('false');
const UNKNOWN = new Literal('"UNKNOWN_');
const QUOTED = new Literal('"');
const QUOTE = 0x22;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const COMMA = 0x2c;
const EMPTY_OBJECT_BYTES = 2;
const TWO_32 = 0x1_0000_0000;

/**
 * Writes what the steps of a plan say. Every member begins with a comma; the first one of an object gives its place to the brace.
 * What a member has written counts only when it says WRITTEN.
 */
export class MemberWriter {
  readonly person: PersonProjector;
  readonly localized: TextProjector;
  readonly #frame: ProjectionFrame;
  readonly #generic: GenericPlans;

  constructor(frame: ProjectionFrame, generic: GenericPlans) {
    this.#frame = frame;
    this.#generic = generic;
    this.person = new PersonProjector(frame);
    this.localized = new TextProjector(frame);
  }

  /** `{…}` of the steps, whose values are in the frame at `base`; frames are free from `top` on. */
  object(steps: readonly Step[], base: number, top: number): Outcome {
    const { json } = this.#frame;
    const open = json.at;
    for (let i = 0; i < steps.length; i++) {
      const start = json.at;
      const outcome = this.member(steps[i]!, base, top);
      if (outcome === UNUSUAL) return UNUSUAL;
      if (outcome === ABSENT) json.at = start;
    }
    if (json.at === open) json.at += 1;
    json.out[open] = OPEN_OBJECT;
    json.byte(CLOSE_OBJECT);
    return WRITTEN;
  }

  /** `,"name":value` of one step. */
  member(step: Step, base: number, top: number): Outcome {
    const { places, json, bytes } = this.#frame;
    switch (step.kind) {
      case StepKind.text: {
        const at = base + step.places[0]!;
        return step.when === 'present' && places[at] === places[at + 1]
          ? ABSENT
          : this.#text(step, places[at]!, places[at + 1]!);
      }
      case StepKind.idText: {
        const from = places[base + step.places[0]!]!;
        const to = places[base + step.places[0]! + 1]!;
        const none = from === to || (to - from === 1 && bytes[from] === 0x30);
        return none && step.when === 'present' ? ABSENT : this.#text(step, from, to);
      }
      case StepKind.flag: {
        const at = base + step.places[0]!;
        const value = places[at] !== 0 || places[at + 1] !== 0;
        if (!value && step.when === 'present') return ABSENT;
        json.literal(step.key);
        json.literal(value ? TRUE : FALSE);
        return WRITTEN;
      }
      case StepKind.count:
        return this.#count(step, base + step.places[0]!);
      case StepKind.integer: {
        const at = base + step.places[0]!;
        if (step.when === 'present' && places[at] === 0 && places[at + 1] === 0) return ABSENT;
        json.literal(step.key);
        json.byte(QUOTE);
        json.int64(places[at + 1]!, places[at]!, step.signed);
        json.byte(QUOTE);
        return WRITTEN;
      }
      case StepKind.enum:
        return this.#enum(step, places[base + step.places[0]!]!);
      case StepKind.time: {
        const ms = wireTimeMs(this.#number(step, base + step.places[0]!));
        if (ms === undefined) return ABSENT;
        json.literal(step.key);
        json.byte(QUOTE);
        json.timestamp(ms);
        json.byte(QUOTE);
        return WRITTEN;
      }
      case StepKind.image:
        return this.#image(step, base);
      case StepKind.localized:
        return this.#localized(step, base, top);
      case StepKind.person:
        return this.#person(step, base, top);
      case StepKind.loosePerson:
        json.literal(step.key);
        return this.person.loose(step, base);
      case StepKind.match: {
        const at = base + step.places[0]!;
        const found = step.pattern?.exec(this.#frame.textAt(places[at]!, places[at + 1]!))?.[1];
        if (found === undefined) return ABSENT;
        json.literal(step.key);
        json.whole(Math.min(Number(found), Number.MAX_SAFE_INTEGER));
        return WRITTEN;
      }
      case StepKind.list:
        return this.#list(step, base, top);
      case StepKind.object:
        json.literal(step.key);
        return this.object((step.inner as ObjectPlan).steps, base, top);
      case StepKind.nested: {
        const at = base + step.places[0]!;
        if (places[at] === 0) return ABSENT;
        json.literal(step.key);
        const open = json.at;
        const outcome = this.#nested(step.type, places[at]!, places[at + 1]!, top);
        return outcome === WRITTEN && json.at === open + EMPTY_OBJECT_BYTES ? ABSENT : outcome;
      }
    }
  }

  #text(step: Step, from: number, to: number): Outcome {
    const { json } = this.#frame;
    json.literal(step.key);
    json.byte(QUOTE);
    if (!this.#frame.write(from, to)) return UNUSUAL;
    json.byte(QUOTE);
    return WRITTEN;
  }

  /** The varint at `at`, as a number as near as there is. */
  #number(step: Step, at: number): number {
    const { places } = this.#frame;
    const low = places[at]!;
    if (!step.wide) return step.signed ? low : low >>> 0;
    const high = places[at + 1]!;
    return (step.signed ? high : high >>> 0) * TWO_32 + (low >>> 0);
  }

  #count(step: Step, at: number): Outcome {
    const { json } = this.#frame;
    const value = this.#number(step, at);
    if (step.when === 'positive' ? value <= 0 : step.when === 'present' && value === 0) return ABSENT;
    json.literal(step.key);
    json.whole(Math.min(Number.MAX_SAFE_INTEGER, Math.max(Number.MIN_SAFE_INTEGER, value)));
    return WRITTEN;
  }

  #enum(step: Step, value: number): Outcome {
    if (value === 0 && step.when === 'present') return ABSENT;
    const { json } = this.#frame;
    json.literal(step.key);
    let name = step.names.get(value);
    if (name === undefined) {
      const declared = enumValueName(step.type, value);
      if (declared === undefined) {
        json.literal(UNKNOWN);
        json.int32(value);
        json.byte(QUOTE);
        return WRITTEN;
      }
      name = new Literal(JSON.stringify(declared));
      step.names.set(value, name);
    }
    json.literal(name);
    return WRITTEN;
  }

  #image(step: Step, base: number): Outcome {
    const { places, json } = this.#frame;
    json.literal(step.key);
    for (let i = 0; i < step.places.length; i++) {
      const at = base + step.places[i]!;
      const outcome = this.person.address(places[at]!, places[at + 1]!, step.fields[i]!, QUOTED);
      if (outcome === ABSENT) continue;
      json.byte(QUOTE);
      return outcome;
    }
    return ABSENT;
  }

  #localized(step: Step, base: number, top: number): Outcome {
    const { places, json } = this.#frame;
    json.literal(step.key);
    for (const place of step.places) {
      const outcome = this.localized.localized(places[base + place]!, places[base + place + 1]!, top);
      if (outcome !== ABSENT) return outcome;
    }
    return ABSENT;
  }

  #person(step: Step, base: number, top: number): Outcome {
    const { places, json } = this.#frame;
    json.literal(step.key);
    const start = json.at;
    const identity = step.places[0]!;
    const identityFrom = identity < 0 ? 0 : places[base + identity]!;
    const identityTo = identity < 0 ? 0 : places[base + identity + 1]!;
    for (let i = 1; i < step.places.length; i++) {
      const at = base + step.places[i]!;
      const outcome = this.person.user(places[at]!, places[at + 1]!, identityFrom, identityTo, top);
      if (outcome !== ABSENT) return outcome;
      json.at = start;
    }
    return ABSENT;
  }

  #list(step: Step, base: number, top: number): Outcome {
    const frame = this.#frame;
    const { places, json, bytes } = frame;
    const first = places[base + step.places[0]!]!;
    const last = places[base + step.places[0]! + 1]!;
    json.literal(step.key);
    const open = json.at;
    if (first !== 0) {
      const cursor = frame.items();
      let pos = first - 1;
      while (cursor.next(bytes, pos, last, step.fields[0]!)) {
        pos = cursor.to;
        // Every item begins with a comma, the first one with the bracket.
        const start = json.at;
        json.byte(COMMA);
        const outcome = this.#item(step, cursor.from, pos, top);
        if (outcome === UNUSUAL || json.full) return UNUSUAL;
        if (outcome === ABSENT) json.at = start;
      }
    }
    if (json.at === open) {
      if (step.when === 'present') return ABSENT;
      json.at += 1;
    }
    json.out[open] = OPEN_LIST;
    json.byte(CLOSE_LIST);
    return WRITTEN;
  }

  #item(step: Step, from: number, to: number, top: number): Outcome {
    const { json } = this.#frame;
    switch (step.item) {
      case ItemKind.person:
        return this.person.user(from, to, 0, 0, top);
      case ItemKind.object: {
        const plan = step.inner as ObjectPlan;
        if (!this.#frame.scan(plan.scan, plan.size, top, from, to)) return UNUSUAL;
        return this.object(plan.steps, top, top + plan.size);
      }
      case ItemKind.text:
        json.byte(QUOTE);
        if (!this.#frame.write(from, to)) return UNUSUAL;
        json.byte(QUOTE);
        return WRITTEN;
      case ItemKind.image: {
        const outcome = this.person.address(from, to, step.fields[1]!, QUOTED);
        if (outcome === WRITTEN) json.byte(QUOTE);
        return outcome;
      }
      case ItemKind.localized:
        return this.localized.localized(from, to, top);
      case ItemKind.nested:
        return this.#nested(step.type, from, to, top);
    }
  }

  #nested(type: string, from: number, to: number, top: number): Outcome {
    const plan = this.#generic.planOf(type);
    if (!this.#frame.scan(plan.scan, plan.size, top, from, to)) return UNUSUAL;
    return this.object(plan.steps, top, top + plan.size);
  }
}
