import { fileURLToPath } from 'node:url';
import { loadSchema, type SchemaField, type SchemaMessage } from '../../scripts/generate-proto/schema.mjs';

/** A decoded message, ours or the reference's. */
type Decoded = Readonly<Record<string, unknown>>;

/** Where the two disagree: `Message.field`, how often, and one example. */
export interface Difference {
  readonly field: string;
  count: number;
  readonly example: string;
}

const EXAMPLE_CHARACTERS = 200;

/**
 * Compares decoded messages with what tiktok-live-proto's v3 schema makes of the same bytes: field by field, by the v3
 * names that proto/webcast notes. Equal are also: a number and the same number as text, a map and the same entries as a
 * list of {key, value}, bytes and their base64. A field that one side does not have must be at its default on the other.
 */
export class ReferenceComparison {
  /** Scalars and enum values compared so far, those inside lists, maps and nested messages included. */
  fields = 0;
  messages = 0;
  readonly #differences = new Map<string, Difference>();
  readonly #types: ReadonlyMap<string, SchemaMessage>;

  constructor() {
    const { files } = loadSchema(fileURLToPath(new URL('../../proto/webcast', import.meta.url)));
    this.#types = new Map(files.flatMap((file) => file.messages).map((message) => [message.name, message]));
  }

  differences(): readonly Difference[] {
    return [...this.#differences.values()].sort((a, b) => (a.field < b.field ? -1 : 1));
  }

  compare(typeName: string, ours: Decoded, reference: Decoded): void {
    this.messages += 1;
    this.#message(typeName, ours, reference);
  }

  /** The values of one message type only; for the header of messages whose own type is unknown. */
  #message(typeName: string, ours: Decoded, reference: Decoded): void {
    const type = this.#types.get(typeName);
    if (type === undefined) throw new Error(`proto/webcast has no message ${typeName}`);
    const known = new Set<string>();
    for (const field of type.fields) {
      known.add(field.v3Name);
      this.#field(`${typeName}.${field.name}`, field, ours[field.name], reference[field.v3Name]);
    }
    for (const [name, value] of Object.entries(reference)) {
      if (!known.has(name) && !isDefault(value)) this.#note(`${typeName}.${name}`, undefined, value);
    }
  }

  #field(label: string, field: SchemaField, ours: unknown, reference: unknown): void {
    if (ours === undefined || reference === undefined) {
      if (ours === reference) return;
      if (ours !== undefined && isDefault(ours)) return;
      this.#note(label, ours, reference);
    } else if (field.mapKey !== undefined) {
      this.#entries(label, field, ours as Decoded, entriesOf(reference));
    } else if (field.repeated) {
      this.#list(label, field, ours as readonly unknown[], reference as readonly unknown[]);
    } else {
      this.#value(label, field, ours, reference);
    }
  }

  #entries(label: string, field: SchemaField, ours: Decoded, reference: Decoded): void {
    if (Object.keys(ours).sort().join() !== Object.keys(reference).sort().join()) this.#note(label, ours, reference);
    else for (const key of Object.keys(ours)) this.#value(label, field, ours[key], reference[key]);
  }

  #list(label: string, field: SchemaField, ours: readonly unknown[], reference: readonly unknown[]): void {
    if (ours.length !== reference.length) this.#note(label, ours, reference);
    else ours.forEach((value, index) => this.#value(label, field, value, reference[index]));
  }

  #value(label: string, field: SchemaField, ours: unknown, reference: unknown): void {
    if (field.kind === 'message' && typeof reference === 'object') {
      this.#message(field.type, ours as Decoded, reference as Decoded);
      return;
    }
    this.fields += 1;
    const value = ours instanceof Uint8Array ? Buffer.from(ours).toString('base64') : ours;
    if (String(value) !== String(reference)) this.#note(label, ours, reference);
  }

  #note(field: string, ours: unknown, reference: unknown): void {
    const known = this.#differences.get(field);
    if (known !== undefined) {
      known.count += 1;
      return;
    }
    const example = `${JSON.stringify(ours)} here, ${JSON.stringify(reference)} there`.slice(0, EXAMPLE_CHARACTERS);
    this.#differences.set(field, { field, count: 1, example });
  }
}

function entriesOf(reference: unknown): Decoded {
  if (!Array.isArray(reference)) return reference as Decoded;
  return Object.fromEntries((reference as { key: string; value: unknown }[]).map(({ key, value }) => [key, value]));
}

function isDefault(value: unknown): boolean {
  if (typeof value === 'object' && value !== null) return Object.keys(value).length === 0;
  return value === undefined || value === 0 || value === '0' || value === '' || value === false;
}
