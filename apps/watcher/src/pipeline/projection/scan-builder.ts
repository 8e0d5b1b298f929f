import { codecForType, type FieldDescriptor } from '@livetap/connector';
import { type NestedPlan, REFUSED, type ScanPlan } from './field-scan.js';

/** Places of one frame, two numbers each. */
export const MAX_PLACES = 256;

const VARINTS: ReadonlySet<string> = new Set(['int32', 'int64', 'uint32', 'uint64', 'bool']);

/** A field that a shape wants. */
export interface WantedField {
  readonly field: FieldDescriptor;
  /** Where its value will be, relative to the base of its frame. */
  readonly place: number;
}

/** Collects which fields of a message type, and of messages within it, are wanted, and gives each a place. */
export class ScanBuilder {
  readonly #root: TypePlan;
  /** Numbers used so far. */
  size = 0;

  constructor(typeName: string) {
    this.#root = new TypePlan(typeName);
  }

  /**
   * The place of the field at the end of a path such as `details.giftName`.
   * @throws Error when the type has no such field, or one that cannot be scanned (a fault of the shape, not retryable).
   */
  want(path: string): WantedField {
    const names = path.split('.');
    let type = this.#root;
    for (const name of names.slice(0, -1)) {
      const step = this.#place(type, name);
      if (step.field.kind !== 'message' || step.field.repeated) throw new Error(`${path} goes through ${name}`);
      type = type.nestedAt(step);
    }
    return this.#place(type, names.at(-1) ?? '');
  }

  /** Messages of the type that have this field are not to be scanned. */
  refuse(name: string): void {
    this.#root.refused.push(this.#root.field(name));
  }

  /** True when the type has a field of this name. */
  has(name: string): boolean {
    return this.#root.has(name);
  }

  build(): ScanPlan {
    return this.#root.build();
  }

  #place(type: TypePlan, name: string): WantedField {
    const known = type.wanted.get(name);
    if (known !== undefined) return known;
    const field = type.field(name);
    if (field.mapKey !== undefined || isFixed(field) || (field.repeated && isVarint(field))) {
      throw new Error(`${type.typeName}.${name} cannot be scanned`);
    }
    const wanted = { field, place: this.size };
    this.size += 2;
    if (this.size > MAX_PLACES) throw new Error(`${type.typeName}: too many fields are wanted`);
    type.wanted.set(name, wanted);
    // Which member of a oneof counts is known only when all are seen.
    for (const other of type.membersOf(field.oneof)) this.#place(type, other.name);
    return wanted;
  }
}

class TypePlan {
  readonly wanted = new Map<string, WantedField>();
  readonly refused: FieldDescriptor[] = [];
  readonly #nested = new Map<WantedField, TypePlan>();
  readonly #fields: readonly FieldDescriptor[];

  constructor(readonly typeName: string) {
    const codec = codecForType(typeName);
    if (codec === undefined) throw new Error(`No message type ${typeName}`);
    this.#fields = codec.fields;
  }

  has(name: string): boolean {
    return this.#fields.some((one) => one.name === name);
  }

  field(name: string): FieldDescriptor {
    const field = this.#fields.find((one) => one.name === name);
    if (field === undefined) throw new Error(`${this.typeName} has no field ${name}`);
    return field;
  }

  membersOf(oneof: string | undefined): readonly FieldDescriptor[] {
    return oneof === undefined ? [] : this.#fields.filter((field) => field.oneof === oneof);
  }

  nestedAt(step: WantedField): TypePlan {
    let nested = this.#nested.get(step);
    if (nested === undefined) {
      nested = new TypePlan(step.field.type);
      this.#nested.set(step, nested);
    }
    return nested;
  }

  build(): ScanPlan {
    const wanted = [...this.wanted.values()];
    const nested: NestedPlan[] = [...this.#nested].map(([{ place }, plan]) => ({ place, plan: plan.build() }));
    const oneofs = new Map<string, number[]>();
    for (const { field, place } of wanted) {
      if (field.oneof === undefined) continue;
      if (isVarint(field)) throw new Error(`${this.typeName}.${field.name}: a varint in a oneof cannot be scanned`);
      oneofs.set(field.oneof, [...(oneofs.get(field.oneof) ?? []), place]);
    }
    return {
      lengths: table(
        wanted.filter(({ field }) => !isVarint(field)),
        // Of a repeated number either form may come: packed, or one by one.
        this.refused.filter((field) => !isVarint(field) || field.repeated || field.mapKey !== undefined),
      ),
      varints: table(
        wanted.filter(({ field }) => isVarint(field)),
        this.refused.filter(isVarint),
      ),
      fixed: table([], this.refused.filter(isFixed)),
      nested,
      oneofs: [...oneofs.values()],
    };
  }
}

function table(wanted: readonly WantedField[], refused: readonly FieldDescriptor[]): Int16Array {
  const numbers = [...wanted.map(({ field }) => field.number), ...refused.map(({ number }) => number)];
  const places = new Int16Array(Math.max(-1, ...numbers) + 1);
  for (const { field, place } of wanted) places[field.number] = field.repeated ? -(place + 1) : place + 1;
  for (const { number } of refused) places[number] = REFUSED;
  return places;
}

export function isVarint(field: FieldDescriptor): boolean {
  return field.kind === 'enum' || (field.kind === 'scalar' && VARINTS.has(field.type));
}

function isFixed(field: FieldDescriptor): boolean {
  return field.kind === 'scalar' && (field.type === 'float' || field.type === 'double');
}
