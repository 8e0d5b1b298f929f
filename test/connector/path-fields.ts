import { codecForType, type FieldDescriptor, type MessageCodec } from '@livetap/connector';
import type { Fields } from './stage.js';

/** One step of a documented path. */
interface Step {
  readonly name: string;
  readonly in: 'field' | 'list' | 'map';
}

function stepsOf(path: string): Step[] {
  return path
    .split('.')
    .filter((name) => name !== 'length')
    .map((name) => ({
      name: name.replace(/\[0?\]|\{\}/, ''),
      in: name.includes('[') ? 'list' : name.includes('{') ? 'map' : 'field',
    }));
}

/** The fields of a message in which each of the paths holds a value that is not its default. */
export function fieldsWith(codec: MessageCodec<unknown>, paths: readonly string[]): Fields {
  const fields: Record<string, unknown> = {};
  for (const path of paths) fill(codec, stepsOf(path), fields, path);
  return fields;
}

function fill(
  codec: MessageCodec<unknown>,
  [step, ...rest]: Step[],
  into: Record<string, unknown>,
  path: string,
): void {
  if (step === undefined) return;
  const field = codec.fields.find(({ name }) => name === step.name);
  if (field === undefined) throw new Error(`${codec.typeName} has no field ${step.name} (${path})`);
  const inner = field.kind === 'message' ? codecForType(field.type) : undefined;
  const key = '71';
  const list = into[step.name] as Record<string, unknown>[] | undefined;
  const current =
    field.mapKey === undefined
      ? field.repeated
        ? list?.[0]
        : into[step.name]
      : (into[step.name] as Record<string, unknown> | undefined)?.[key];
  const value = inner ? ((current ?? {}) as Record<string, unknown>) : scalar(field, path);
  if (inner) fill(inner, rest, value as Record<string, unknown>, path);
  into[step.name] = field.mapKey === undefined ? (field.repeated ? [value] : value) : { [key]: value };
}

function scalar({ kind, type, number }: FieldDescriptor, path: string): unknown {
  if (kind === 'enum') return 2;
  if (type === 'string') return `the ${path}`;
  if (type === 'bool') return true;
  return type.endsWith('64') ? String(7_000_000_000_000 + number) : 1000 + number;
}

/** Every value that a documented path leads to. */
export function valuesAt(data: unknown, path: string): unknown[] {
  let values = [data];
  for (const part of path.split('.')) {
    const name = part.replace(/\[0?\]|\{\}/, '');
    values = values.map((value) => (value as Record<string, unknown> | undefined)?.[name]);
    if (part.endsWith('[]')) values = values.flatMap((value) => value as unknown[]);
    else if (part.endsWith('[0]')) values = values.map((value) => (value as unknown[])[0]);
    else if (part.endsWith('{}')) values = values.flatMap((value) => Object.values(value as Record<string, unknown>));
  }
  return values;
}
