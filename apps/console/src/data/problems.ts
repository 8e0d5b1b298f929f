import type { ProxyPool, Readiness, Sources, Status, Webhook } from '../api/types.js';
import { clock, counted, duration, whole } from '../format.js';

/** Something that does not mend itself, or that a person should know of. */
export interface Problem {
  readonly id: string;
  /** `error`: something does not work. `warning`: it will not for long, or in part. */
  readonly severity: 'error' | 'warning';
  readonly title: string;
  /** What is known, and what helps. */
  readonly detail: string;
  /** Where on the page it can be looked at. */
  readonly link?: { readonly to: string; readonly text: string };
}

export interface ProblemFacts {
  /** ms since the epoch. */
  readonly now: number;
  readonly readiness?: Readiness | undefined;
  readonly status?: Status | undefined;
  readonly sources?: Sources | undefined;
  readonly pools?: readonly ProxyPool[] | undefined;
  readonly webhooks?: readonly Webhook[] | undefined;
}

/** What `/readyz` says, in a few words; the service's own sentence stands below it. */
const READINESS_TITLES: Readonly<Record<string, string>> = {
  SERVICE_STARTING: 'The service is starting',
  SERVICE_STOPPING: 'The service is stopping',
  DATABASE_UNREACHABLE: 'The database does not answer',
  LEASES_NOT_RENEWED: 'Streamers may be taken by another replica',
  KAFKA_UNREACHABLE: 'Kafka does not answer',
  PUBLISHER_NOT_CONNECTED: 'Not connected to Kafka yet',
  PUBLISHER_FAILING: 'Publishing to Kafka fails',
  PUBLISHER_STALLED: 'Kafka takes long to confirm',
  JOURNAL_NEARLY_FULL: 'The journal is nearly full',
  JOURNAL_FULL: 'The journal is full',
  JOURNAL_DISK_FULL: 'The disk is full',
  JOURNAL_DISK_SLOW: 'The disk is too slow',
};
/** These pass by themselves. */
const PASSING = new Set(['SERVICE_STARTING', 'SERVICE_STOPPING', 'PUBLISHER_NOT_CONNECTED']);

const WAITS: Readonly<Record<string, string>> = {
  quota: 'The quota of the sign server is used up.',
  asked: 'The sign server asked to wait.',
  database: 'The database is away, and the shared budget with it.',
};

/** Everything that needs a person, the worst first. */
export function problemsOf(facts: ProblemFacts): readonly Problem[] {
  const all = [
    ...readinessProblems(facts.readiness),
    ...statusProblems(facts.status),
    ...(facts.sources ? sourceProblems(facts.sources) : []),
    ...(facts.pools ?? []).flatMap(poolProblems),
    ...(facts.webhooks ?? []).flatMap((webhook) => webhookProblems(webhook, facts.now)),
  ];
  return [...all.filter(isError), ...all.filter((problem) => !isError(problem))];
}

const isError = ({ severity }: Problem): boolean => severity === 'error';

function readinessProblems(readiness: Readiness | undefined): Problem[] {
  return (readiness?.reasons ?? []).map(({ code, message }) => ({
    id: `ready-${code}`,
    severity: PASSING.has(code) ? 'warning' : 'error',
    title: READINESS_TITLES[code] ?? 'The service is not ready',
    detail: message,
  }));
}

function statusProblems(status: Status | undefined): Problem[] {
  if (status === undefined) return [];
  const { history, commands, webhooks, liveTail, streamers } = status;
  const failing = (id: string, title: string, problem: string | undefined): Problem[] =>
    problem === undefined ? [] : [{ id, severity: 'error', title, detail: problem }];
  const lost = (state: 'notFound' | 'restricted', title: string, detail: string): Problem[] => {
    const count = streamers?.byState[state] ?? 0;
    if (count === 0) return [];
    const link = { to: `#/streamers?state=${state}`, text: 'Show them' };
    return [{ id: state, severity: 'warning', title: `${counted(count, 'streamer')} ${title}`, detail, link }];
  };
  return [
    ...failing('history', 'History is not written', history.problem),
    ...failing('commands', 'Commands are not read', commands?.problem),
    ...failing('tail', 'The live tail stands still', liveTail.problem),
    ...failing('deliveries', 'Webhook calls are not made', webhooks.problem),
    ...lost('notFound', 'not found', 'TikTok knows no account of this name: it was renamed, banned or misspelt.'),
    ...lost(
      'restricted',
      'behind a login',
      'TikTok shows these rooms to accounts only. Give the streamer a login, or pause it.',
    ),
  ];
}

function sourceProblems({ routes, signatures }: Sources): Problem[] {
  const resting = new Map<string, Sources['routes']>();
  for (const route of routes) {
    if (route.state === 'open') resting.set(route.source, [...(resting.get(route.source) ?? []), route]);
  }
  const sources = [...resting].map(([source, list]): Problem => {
    const [first] = list;
    const until = first?.restEndsAt === undefined ? '' : ` It is tried again at ${clock(first.restEndsAt)}.`;
    return {
      id: `source-${source}`,
      severity: 'warning',
      title: `The way “${source}” into rooms rests${list.length === 1 ? '' : ` on ${counted(list.length, 'route')}`}`,
      detail: `${counted(first?.failuresInARow ?? 0, 'failure')} in a row, the last: ${first?.lastFailure ?? 'unknown'}.${until}`,
    };
  });
  if (signatures.waiting === 0) return sources;
  const until = signatures.blockedUntil === undefined ? '' : ` Until ${clock(signatures.blockedUntil)}.`;
  return [
    ...sources,
    {
      id: 'quota',
      severity: 'warning',
      title: `${counted(signatures.waiting, 'room')} wait for a signature`,
      detail: `${WAITS[signatures.waitingFor ?? ''] ?? 'Requests to the sign server are under way.'}${until}`,
    },
  ];
}

function poolProblems({ name, healthy, proxies }: ProxyPool): Problem[] {
  const link = { to: '#/settings', text: 'Proxy pools' };
  const unreadable = proxies.filter(({ health }) => health.state === 'unreadable').length;
  const found: Problem[] = [];
  if (unreadable > 0) {
    const detail = 'LIVETAP_SECRETS_KEYS does not hold the key that their addresses were encrypted with.';
    const title = `${counted(unreadable, 'proxy', 'proxies')} of pool “${name}” cannot be decrypted`;
    found.push({ id: `pool-secret-${name}`, severity: 'error', title, detail, link });
  }
  if (healthy === 0) {
    const detail =
      proxies.length === 0
        ? 'Streamers that use it are not reached. Add a proxy.'
        : 'All of its proxies rest after failures. Streamers that use it are not reached meanwhile.';
    found.push({ id: `pool-${name}`, severity: 'error', title: `Pool “${name}” has no healthy proxy`, detail, link });
  }
  return found;
}

function webhookProblems(webhook: Webhook, now: number): Problem[] {
  const { id, origin, enabled, disabledReason, failingSince, droppedEvents } = webhook;
  const link = { to: `#/webhooks/${encodeURIComponent(id)}`, text: 'Look at it' };
  const found: Problem[] = [];
  if (!enabled && disabledReason !== undefined && disabledReason !== 'operator') {
    const detail = `Reason: ${disabledReason}. Events wait until it is switched on again.`;
    found.push({ id: `hook-off-${id}`, severity: 'error', title: `Webhook ${origin} was switched off`, detail, link });
  } else if (enabled && failingSince !== undefined) {
    const since = duration(Math.max(0, now - Date.parse(failingSince)));
    const detail = `Nothing was taken for ${since}. It is tried again with growing pauses.`;
    found.push({ id: `hook-${id}`, severity: 'warning', title: `Webhook ${origin} fails`, detail, link });
  }
  if (droppedEvents > 0) {
    const detail = `${whole(droppedEvents)} were not taken up because too many waited already.`;
    found.push({ id: `hook-drop-${id}`, severity: 'warning', title: `Webhook ${origin} lost events`, detail, link });
  }
  return found;
}
