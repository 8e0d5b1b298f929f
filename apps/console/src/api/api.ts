import { ApiProblem, problemOf } from './api-problem.js';
import { SentEventParser } from './server-sent-events.js';
import type { Envelope } from './types.js';

const KEY = 'livetap.key';
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 10_000;
/** A file is held by the tab until it is whole; a larger one belongs on the disk at once. */
const MOST_FILE_BYTES = 512 * 1024 ** 2;

export interface CallOptions {
  method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  body?: unknown;
  /** A table as body, instead of JSON. */
  csv?: string;
  signal?: AbortSignal;
  /** Statuses besides 2xx whose body is an answer and no problem. */
  accept?: readonly number[];
}

export interface TailFilters {
  streamer?: string;
  types?: readonly string[];
}

export interface TailHandlers {
  event(event: Envelope): void;
  /** `waiting`: the connection is lost and is tried again. */
  state(state: 'open' | 'waiting'): void;
  /** Something was missed: the place to go on from is no longer known to the service. */
  reset(): void;
}

/** The service, as the page talks to it. The key stays in this browser tab and goes nowhere but to this service. */
export class Api {
  readonly #listeners = new Set<() => void>();
  #refused = false;

  /** @param request the browser's own fetch, or what stands for it in a test */
  constructor(
    private readonly storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>,
    private readonly request: typeof fetch = (...given) => fetch(...given),
  ) {}

  /** The service wants a key, or another one. */
  get needsKey(): boolean {
    return this.#refused;
  }

  get hasKey(): boolean {
    return this.#key !== '';
  }

  get #key(): string {
    return this.storage.getItem(KEY) ?? '';
  }

  /** Calls back when a key is asked for or was given. Returns the unsubscribe function. */
  onAccess(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  useKey(key: string): void {
    this.storage.setItem(KEY, key);
    this.#setRefused(false);
  }

  forgetKey(): void {
    this.storage.removeItem(KEY);
    for (const listener of this.#listeners) listener();
  }

  /** @throws ApiProblem */
  async call<T>(path: string, { method = 'GET', body, csv, signal, accept = [] }: CallOptions = {}): Promise<T> {
    const sent = csv ?? (body === undefined ? undefined : JSON.stringify(body));
    const type = csv === undefined ? 'application/json' : 'text/csv';
    const answer = await this.#fetch(path, {
      method,
      headers: this.#headers(sent === undefined ? {} : { 'content-type': type }),
      ...(sent === undefined ? {} : { body: sent }),
      ...(signal === undefined ? {} : { signal }),
    });
    if (!answer.ok && !accept.includes(answer.status)) throw await this.#problem(answer);
    return (answer.status === 204 ? undefined : await answer.json()) as T;
  }

  /**
   * Fetches a whole file, because a link cannot carry the key. `onProgress` gets the bytes received so far.
   * @throws ApiProblem, also when the file is cut off before its end
   */
  async download(path: string, signal: AbortSignal, onProgress: (bytes: number) => void): Promise<Blob> {
    const answer = await this.#fetch(path, { headers: this.#headers({}), signal }, 'The service does not answer.');
    if (!answer.ok || answer.body === null) throw await this.#problem(answer);
    const reader = answer.body.getReader();
    const pieces: Uint8Array<ArrayBuffer>[] = [];
    let bytes = 0;
    for (;;) {
      const { done, value } = await reader.read().catch((error: unknown) => {
        if (signal.aborted) throw error;
        throw new ApiProblem(0, 'The file was cut off before its end; nothing of it was kept.');
      });
      if (done) return new Blob(pieces, { type: answer.headers.get('content-type') ?? '' });
      pieces.push(value);
      bytes += value.byteLength;
      onProgress(bytes);
      if (bytes > MOST_FILE_BYTES) {
        await reader.cancel();
        throw new ApiProblem(0, 'The file is too large for the page: `livetap export` writes it to the disk at once.');
      }
    }
  }

  /**
   * Follows the live tail, with fetch, because an EventSource cannot carry the key. After a cut it goes on behind the last
   * event received, with a pause that doubles up to 10 s. Returns the function that ends it.
   */
  follow(filters: TailFilters, handlers: TailHandlers): () => void {
    const stop = new AbortController();
    void this.#followUntil(filters, handlers, stop.signal);
    return () => stop.abort();
  }

  async #followUntil(filters: TailFilters, handlers: TailHandlers, signal: AbortSignal): Promise<void> {
    const place = { last: '' };
    let pauseMs = FIRST_PAUSE_MS;
    while (!signal.aborted) {
      const opened = await this.#readTail(filters, handlers, place, signal).catch(() => false);
      if (signal.aborted) return;
      handlers.state('waiting');
      if (opened) pauseMs = FIRST_PAUSE_MS;
      await new Promise((resolve) => setTimeout(resolve, pauseMs * (0.5 + Math.random() / 2)));
      pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
    }
  }

  /** Resolves when the connection ends, with whether it was open before. */
  async #readTail(
    { streamer, types }: TailFilters,
    handlers: TailHandlers,
    place: { last: string },
    signal: AbortSignal,
  ): Promise<boolean> {
    const query = new URLSearchParams();
    if (streamer !== undefined) query.set('streamer', streamer);
    if (types !== undefined) query.set('type', types.join(','));
    const resume: Record<string, string> = place.last === '' ? {} : { 'last-event-id': place.last };
    const answer = await this.#fetch(`/v1/events?${query.toString()}`, {
      headers: this.#headers({ accept: 'text/event-stream', ...resume }),
      signal,
    });
    if (!answer.ok || answer.body === null) throw await this.#problem(answer);
    handlers.state('open');
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    const parser = new SentEventParser();
    try {
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return true;
        for (const { type, id, data } of parser.push(value)) {
          if (id !== undefined) place.last = id;
          if (type === 'reset') handlers.reset();
          else if (data !== '') handlers.event(JSON.parse(data) as Envelope);
        }
      }
    } catch {
      // A cut in the middle is an end like any other: what was received counts, the rest follows.
      return true;
    }
  }

  /** @param away what to tell a person when there is no answer; most of what the page asks for it asks for again */
  async #fetch(
    path: string,
    init: RequestInit,
    away = 'The service does not answer. Trying again.',
  ): Promise<Response> {
    try {
      return await this.request(path, init);
    } catch (error) {
      if (init.signal?.aborted === true) throw error;
      throw new ApiProblem(0, away);
    }
  }

  async #problem(answer: Response): Promise<ApiProblem> {
    const problem = await problemOf(answer);
    if (problem.status === 401) this.#setRefused(true);
    return problem;
  }

  #headers(extra: Record<string, string>): Record<string, string> {
    return this.#key === '' ? extra : { ...extra, authorization: `Bearer ${this.#key}` };
  }

  #setRefused(refused: boolean): void {
    this.#refused = refused;
    for (const listener of this.#listeners) listener();
  }
}
