import { wireMethods } from './registry.js';

const SLOTS = 1024;

interface KnownName {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/**
 * The names of all wire methods by a hash of their bytes. Every message names its method: a name that is found here costs
 * no new string, and what is looked up by it needs no hash of its own.
 */
const KNOWN: readonly (readonly KnownName[] | undefined)[] = tableOf(wireMethods);

/** The wire method whose name is at `[from, to)`, undefined when it is none that proto/webcast knows. */
export function knownMethod(bytes: Uint8Array, from: number, to: number): string | undefined {
  const candidates = KNOWN[slotOf(bytes, from, to)];
  if (candidates === undefined) return undefined;
  for (let i = 0; i < candidates.length; i++) {
    const candidate = candidates[i]!;
    if (isAt(candidate.bytes, bytes, from, to)) return candidate.name;
  }
  return undefined;
}

function isAt(name: Uint8Array, bytes: Uint8Array, from: number, to: number): boolean {
  if (name.length !== to - from) return false;
  for (let i = 0; i < name.length; i++) if (name[i] !== bytes[from + i]) return false;
  return true;
}

/** Most names begin with `Webcast` and end with `Message`: what lies between them tells them apart. */
function slotOf(bytes: Uint8Array, from: number, to: number): number {
  let hash = to - from;
  for (let at = from + 7; at < to - 7; at += 3) hash = (Math.imul(hash, 31) + bytes[at]!) | 0;
  return hash & (SLOTS - 1);
}

function tableOf(names: readonly string[]): readonly (readonly KnownName[] | undefined)[] {
  const table: KnownName[][] = Array.from({ length: SLOTS }, () => []);
  for (const name of names) {
    const bytes = Buffer.from(name);
    table[slotOf(bytes, 0, bytes.length)]?.push({ name, bytes });
  }
  return table.map((names) => (names.length === 0 ? undefined : names));
}
