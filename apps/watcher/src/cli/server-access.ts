import { z } from 'zod';
import { Secret } from '../common/secret.js';
import { systemCodeOf } from '../common/system-code.js';
import type { ReadFile } from '../config/setting-files.js';
import { CliError } from './cli.errors.js';

/** How the command line reaches a running server. */
export interface ServerAccess {
  /** Without a slash at its end. */
  readonly url: string;
  readonly key: Secret | undefined;
}

/** What was given on the command line; it wins. */
export interface GivenAccess {
  readonly url?: string | undefined;
  readonly key?: string | undefined;
  readonly keyFile?: string | undefined;
}

const ADDRESS = 'must be an address that starts with http:// or https://, without user and password';
const KEY = 'must be a key: one word, without the name and the role that stand before it in LIVETAP_API_KEYS';
const DEFAULT_PORT = '3000';

const address = z
  .string()
  .refine((value) => {
    if (!URL.canParse(value)) return false;
    const { protocol, username, password } = new URL(value);
    return (protocol === 'http:' || protocol === 'https:') && username === '' && password === '';
  })
  .transform((value) => value.replace(/\/+$/, ''));
const word = z
  .string()
  .trim()
  .regex(/^[\x21-\x7e]{1,1000}$/);

/**
 * Options before environment before defaults: LIVETAP_URL, or the port of the service on this machine; LIVETAP_API_KEY, or the
 * file that LIVETAP_API_KEY_FILE names. These are not settings of the service: FOREIGN_NAMES has them.
 * @throws CliError WATCHER_CLI_ACCESS_INVALID that names what is wrong, never a value
 */
export function serverAccess(
  given: GivenAccess,
  environment: Readonly<Record<string, string | undefined>>,
  readFile: ReadFile,
): ServerAccess {
  const set = (name: string): string | undefined => (environment[name]?.trim() === '' ? undefined : environment[name]);
  const port = set('LIVETAP_HTTP_PORT') ?? DEFAULT_PORT;
  const [urlName, url = `http://127.0.0.1:${/^\d{1,5}$/.test(port) ? port : DEFAULT_PORT}`] = first([
    ['--url', () => given.url],
    ['LIVETAP_URL', () => set('LIVETAP_URL')],
  ]);
  const [keyName, text] = first([
    ['--key', () => given.key],
    ['--key-file', () => contents('--key-file', given.keyFile, readFile)],
    ['LIVETAP_API_KEY', () => set('LIVETAP_API_KEY')],
    ['LIVETAP_API_KEY_FILE', () => contents('LIVETAP_API_KEY_FILE', set('LIVETAP_API_KEY_FILE'), readFile)],
  ]);
  const parsed = address.safeParse(url);
  if (!parsed.success) throw new CliError('WATCHER_CLI_ACCESS_INVALID', `${urlName} ${ADDRESS}.`);
  if (text === undefined) return { url: parsed.data, key: undefined };
  const key = word.safeParse(text);
  if (!key.success) throw new CliError('WATCHER_CLI_ACCESS_INVALID', `${keyName} ${KEY}.`);
  return { url: parsed.data, key: new Secret(key.data) };
}

type Source = readonly [name: string, value: () => string | undefined];

/** Later ones are not looked at: a file that nobody needs need not be there. */
function first(sources: readonly Source[]): readonly [name: string, value: string | undefined] {
  for (const [name, value] of sources) {
    const found = value();
    if (found !== undefined) return [name, found];
  }
  return ['', undefined];
}

function contents(name: string, path: string | undefined, readFile: ReadFile): string | undefined {
  if (path === undefined) return undefined;
  try {
    return readFile(path);
  } catch (error) {
    throw new CliError(
      'WATCHER_CLI_ACCESS_INVALID',
      `${name} names a file that cannot be read (${systemCodeOf(error)}).`,
    );
  }
}
