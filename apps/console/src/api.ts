/** What the page reads from the service. Shapes are those of /openapi.json. */
export interface StreamerView {
  uniqueId: string;
  nickname?: string;
  avatarUrl?: string;
  state: string;
  stateReason?: string;
  paused: boolean;
  labels: string[];
  priority: number;
  settings: { proxyPool?: { value: string; from: string; label?: string } };
  hasProxy: boolean;
  hasSession: boolean;
  roomId?: string;
  lastCheckedAt?: string;
  nextCheckAt?: string;
  lastLiveAt?: string;
  room?: { state: string; reason?: string; events?: number; lastFrameAt?: string; waitingFor?: string };
}

/** The ways into rooms and the budget of signatures, as this replica knows them. */
export interface SourcesView {
  routes: {
    source: string;
    route: string;
    state: 'closed' | 'open' | 'halfOpen';
    restEndsAt?: string;
    lastFailure?: string;
  }[];
  signatures: {
    windows: { window: string; limit: number; remaining: number; resetsAt: string }[];
    reserved: number;
    waiting: number;
    waitingFor?: 'quota' | 'asked' | 'database';
    blockedUntil?: string;
  };
}

export interface LiveEvent {
  cursor: string;
  type: string;
  event: Envelope;
}

export interface Envelope {
  id: string;
  source: string;
  type: string;
  subject: string;
  time: string;
  data: Record<string, unknown>;
}

/** An answer that is not 2xx, with the problem's own words. */
export class ApiProblem extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

const KEY = 'livetap.key';

/** The API key of this browser tab; never sent anywhere but to this service. */
export const apiKey = {
  get: (): string => sessionStorage.getItem(KEY) ?? '',
  set: (value: string): void => sessionStorage.setItem(KEY, value),
};

function headers(extra: Record<string, string> = {}): Record<string, string> {
  const key = apiKey.get();
  return key === '' ? extra : { ...extra, authorization: `Bearer ${key}` };
}

async function problemOf(answer: Response): Promise<ApiProblem> {
  const body = (await answer.json().catch(() => ({}))) as { detail?: string; title?: string };
  return new ApiProblem(answer.status, body.detail ?? body.title ?? `The service answered ${answer.status}.`);
}

export async function call<T>(path: string, options: { method?: string; body?: unknown } = {}): Promise<T> {
  const answer = await fetch(path, {
    method: options.method ?? 'GET',
    headers: headers(options.body === undefined ? {} : { 'content-type': 'application/json' }),
    ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
  });
  if (!answer.ok) throw await problemOf(answer);
  return (answer.status === 204 ? undefined : await answer.json()) as T;
}

interface AddResult {
  uniqueId: string;
  status: 'created' | 'exists' | 'invalid';
  errors?: { detail: string }[];
}

/** Adds streamers; says in words what became of them. */
export async function addStreamers(names: string[]): Promise<string> {
  const { results } = await call<{ results: AddResult[] }>('/v1/streamers', {
    method: 'POST',
    body: { streamers: names.map((uniqueId) => ({ uniqueId })) },
  });
  const count = (status: AddResult['status']): number => results.filter((result) => result.status === status).length;
  const wrong = results.filter((result) => result.status === 'invalid');
  const parts = [
    count('created') > 0 ? `${count('created')} added; the first check follows at once.` : '',
    count('exists') > 0 ? `${count('exists')} known already.` : '',
    ...wrong.slice(0, 3).map(({ uniqueId, errors }) => `“${uniqueId}”: ${errors?.[0]?.detail ?? 'not a name'}`),
    wrong.length > 3 ? `${wrong.length - 3} more are no names.` : '',
  ];
  return parts.filter((part) => part !== '').join(' ');
}

/** All streamers, page by page. */
export async function listStreamers(): Promise<StreamerView[]> {
  const all: StreamerView[] = [];
  let cursor: string | undefined;
  do {
    const query = new URLSearchParams({ limit: '200', ...(cursor === undefined ? {} : { cursor }) });
    const page = await call<{ streamers: StreamerView[]; nextCursor?: string }>(`/v1/streamers?${query.toString()}`);
    all.push(...page.streamers);
    cursor = page.nextCursor;
  } while (cursor !== undefined && all.length < 5000);
  return all;
}

/**
 * Follows the live tail. Reads the stream with fetch, because an EventSource cannot carry the key. Goes on after the
 * last received event when the connection breaks, with a pause that grows to 10 s.
 */
export function follow(
  filters: { streamer?: string },
  handlers: { event(event: LiveEvent): void; state(state: 'open' | 'waiting', problem?: ApiProblem): void },
): () => void {
  const stop = new AbortController();
  let last = '';
  let pauseMs = 500;
  const read = async (): Promise<void> => {
    const query = new URLSearchParams(filters.streamer === undefined ? {} : { streamer: filters.streamer });
    const answer = await fetch(`/v1/events?${query.toString()}`, {
      headers: headers({ accept: 'text/event-stream', ...(last === '' ? {} : { 'last-event-id': last }) }),
      signal: stop.signal,
    });
    if (!answer.ok || answer.body === null) throw await problemOf(answer);
    handlers.state('open');
    pauseMs = 500;
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    let buffer = '';
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      buffer += value;
      let end: number;
      while ((end = buffer.indexOf('\n\n')) >= 0) {
        const block = buffer.slice(0, end);
        buffer = buffer.slice(end + 2);
        let type = 'message';
        let data = '';
        for (const line of block.split('\n')) {
          if (line.startsWith('id:')) last = line.slice(3).trim();
          else if (line.startsWith('event:')) type = line.slice(6).trim();
          else if (line.startsWith('data:')) data += line.slice(5).trimStart();
        }
        if (type === 'reset') last = '';
        else if (data !== '') handlers.event({ cursor: last, type, event: JSON.parse(data) as Envelope });
      }
    }
  };
  const loop = async (): Promise<void> => {
    while (!stop.signal.aborted) {
      let problem: ApiProblem | undefined;
      try {
        await read();
      } catch (error) {
        if (error instanceof ApiProblem) problem = error;
      }
      if (stop.signal.aborted) return;
      handlers.state('waiting', problem);
      await new Promise((resolve) => setTimeout(resolve, pauseMs * (0.5 + Math.random() / 2)));
      pauseMs = Math.min(pauseMs * 2, 10_000);
    }
  };
  void loop();
  return () => stop.abort();
}
