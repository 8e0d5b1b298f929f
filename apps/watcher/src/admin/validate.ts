import { z } from 'zod';
import { AdminError, type RequestFault } from './admin.errors.js';

/** What the top level of a schema takes, to name it when a request holds something else. */
function allowedKeys(schema: z.ZodType): readonly string[] {
  return schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
}

const escapePointer = (part: PropertyKey): string => String(part).replaceAll('~', '~0').replaceAll('/', '~1');

/** The faults of a value, worded for people; empty when there is none. Never quotes what was sent, only names. */
export function faultsOf(schema: z.ZodType, error: z.ZodError, at: 'body' | 'query' = 'body'): readonly RequestFault[] {
  return error.issues.flatMap((issue): RequestFault[] => {
    const pointer = (path: readonly PropertyKey[]): string =>
      at === 'query' ? `?${path.map(String).join('.')}` : path.map((part) => `/${escapePointer(part)}`).join('');
    if (issue.code === 'unrecognized_keys') {
      const what = at === 'query' ? 'parameter' : 'field';
      const allowed = allowedKeys(schema).join(', ');
      return issue.keys.map((key) => ({
        pointer: pointer([...issue.path, key]),
        detail: `Unknown ${what} "${key}". Allowed: ${allowed}.`,
      }));
    }
    const missing = issue.code === 'invalid_type' && issue.message.endsWith('received undefined');
    return [
      {
        pointer: pointer(issue.path),
        detail: missing ? `This field is required. ${issue.message}.` : `${issue.message}.`,
      },
    ];
  });
}

/**
 * Checks a request part against its schema and returns the parsed value.
 * @throws AdminError WATCHER_REQUEST_INVALID with one fault for each thing that is wrong
 */
export function parse<T extends z.ZodType>(schema: T, value: unknown, at: 'body' | 'query' = 'body'): z.output<T> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const faults = faultsOf(schema, result.error, at);
  const [first] = faults;
  const rest = faults.length > 1 ? ` (${faults.length - 1} more in errors)` : '';
  const where = first?.pointer ? `${first.pointer}: ` : '';
  throw new AdminError('WATCHER_REQUEST_INVALID', `${where}${first?.detail ?? 'The request is not valid.'}${rest}`, {
    faults,
  });
}
