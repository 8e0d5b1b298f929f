import { z } from 'zod';
import type { Clock } from '../common/clock.port.js';
import { pause } from '../publishing/pause.js';
import { CliError, type CliErrorCode } from './cli.errors.js';
import type { ServerAccess } from './server-access.js';

/** Longest time for an answer, ms; streams only have to begin in it. */
const ANSWER_MS = 60_000;

/** A server that has had enough requests of a key says for how long: waited for, so often at most. */
const TOO_MANY = 429;
const MAX_WAIT_S = 60;
const MAX_ATTEMPTS = 10;

const problemSchema = z.object({
  detail: z.string(),
  code: z.string(),
  errors: z.array(z.object({ pointer: z.string(), detail: z.string() })).optional(),
});

const BY_STATUS: Readonly<Record<number, CliErrorCode>> = {
  401: 'WATCHER_CLI_KEY_REFUSED',
  403: 'WATCHER_CLI_KEY_REFUSED',
  404: 'WATCHER_CLI_NOT_FOUND',
  429: 'WATCHER_CLI_SERVER_BUSY',
  503: 'WATCHER_CLI_SERVER_BUSY',
};

export interface RestClientOptions extends ServerAccess {
  readonly fetch: typeof fetch;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** The REST of a running server. Every failure is a CliError in words for people; an interruption is the signal's reason. */
export class RestClient {
  readonly #options: RestClientOptions;

  constructor(options: RestClientOptions) {
    this.#options = options;
  }

  /** Who is asked, for messages. */
  get url(): string {
    return this.#options.url;
  }

  /** @throws CliError */
  async get<T>(path: string, query: Readonly<Record<string, string | undefined>> = {}): Promise<T> {
    return (await (await this.#ask('GET', withQuery(path, query))).json()) as T;
  }

  /** The answer's JSON, undefined when it has no body. @throws CliError */
  async send<T>(method: 'POST' | 'PATCH' | 'DELETE', path: string, body?: unknown): Promise<T> {
    const answer = await this.#ask(method, path, body);
    return (answer.status === 204 ? undefined : await answer.json()) as T;
  }

  /** Whatever `/readyz` says, also while it is 503. @throws CliError when nobody answers */
  async readiness<T>(): Promise<T> {
    return (await (await this.#fetch('/readyz', { method: 'GET' })).json()) as T;
  }

  /** All entries of a list that comes in pages. @throws CliError */
  async *pages<T>(
    path: string,
    member: string,
    query: Readonly<Record<string, string | undefined>> = {},
  ): AsyncGenerator<T> {
    let cursor: string | undefined;
    do {
      const page = await this.get<Record<string, unknown>>(path, { ...query, cursor });
      yield* (page[member] ?? []) as T[];
      cursor = page['nextCursor'] as string | undefined;
    } while (cursor !== undefined);
  }

  /** The bytes of a stream that may last for ever; ends when the server ends it. @throws CliError when it does not begin */
  async stream(path: string, headers: Readonly<Record<string, string>>): Promise<ReadableStream<Uint8Array>> {
    const answer = await this.#ask('GET', path, undefined, headers);
    if (answer.body === null) throw this.#unreachable('the answer has no body');
    return answer.body;
  }

  async #ask(
    method: string,
    path: string,
    body?: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Response> {
    const { clock, signal } = this.#options;
    for (let attempt = 1; ; attempt += 1) {
      const answer = await this.#fetch(path, {
        method,
        headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      if (answer.ok) return answer;
      const wait = answer.status === TOO_MANY ? Number(answer.headers.get('retry-after') ?? NaN) : NaN;
      if (!(wait <= MAX_WAIT_S) || attempt === MAX_ATTEMPTS) throw await this.#refusal(answer);
      // Nothing was done: the requests of the key are used up for so long.
      await answer.body?.cancel();
      await pause(clock, wait * 1_000, signal);
      signal.throwIfAborted();
    }
  }

  async #fetch(path: string, init: RequestInit & { headers?: Record<string, string> }): Promise<Response> {
    const { url, key, signal, clock, fetch: ask } = this.#options;
    const authorization = key === undefined ? {} : { authorization: `Bearer ${key.reveal()}` };
    // Only the beginning of the answer is bounded: a stream may last.
    const late = new AbortController();
    const timer = clock.setTimeout(() => late.abort(new Error(`no answer in ${ANSWER_MS / 1_000} seconds`)), ANSWER_MS);
    try {
      const headers = { ...init.headers, ...authorization };
      // A redirect would take the key to whoever it names.
      return await ask(`${url}${path}`, {
        ...init,
        headers,
        redirect: 'error',
        signal: AbortSignal.any([signal, late.signal]),
      });
    } catch (error) {
      signal.throwIfAborted();
      throw this.#unreachable(reasonOf(error), error);
    } finally {
      timer.cancel();
    }
  }

  #unreachable(reason: string, cause?: unknown): CliError {
    return new CliError(
      'WATCHER_CLI_SERVER_UNREACHABLE',
      `No Livetap answers at ${this.url} (${reason}). Start it, or name its address with --url or LIVETAP_URL.`,
      { cause },
    );
  }

  async #refusal(answer: Response): Promise<CliError> {
    const parsed = problemSchema.safeParse(await answer.json().catch(() => undefined));
    const code =
      BY_STATUS[answer.status] ?? (answer.status < 500 ? 'WATCHER_CLI_REQUEST_REFUSED' : 'WATCHER_CLI_SERVER_FAILED');
    if (!parsed.success) return new CliError(code, `${this.url} answers ${answer.status}, and not as Livetap does.`);
    const { detail, code: theirs, errors = [] } = parsed.data;
    const hint = code === 'WATCHER_CLI_KEY_REFUSED' ? ' Give a key with --key-file or LIVETAP_API_KEY.' : '';
    const faults = errors.map((fault) => `\n  - ${fault.pointer}: ${fault.detail}`).join('');
    return new CliError(code, `${detail}${hint}${faults}`, { context: { code: theirs, status: answer.status } });
  }
}

/** A path with those of the parameters that are given. */
export function withQuery(path: string, query: Readonly<Record<string, string | undefined>>): string {
  const given = Object.entries(query).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return given.length === 0 ? path : `${path}?${new URLSearchParams(given).toString()}`;
}

/** The system's word for it, which stands deep in what fetch throws. */
function reasonOf(error: unknown): string {
  for (let cause = error; cause instanceof Error; cause = cause.cause)
    if ('code' in cause && typeof cause.code === 'string') return cause.code;
  return error instanceof Error ? error.message : 'unknown reason';
}
