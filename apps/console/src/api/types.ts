/**
 * What the page reads from the service. Each shape is checked against the schema that the service answers with
 * (`apps/watcher/src/admin/page-types.spec.ts`), so that the two cannot drift apart.
 */

export const STREAMER_STATES = ['live', 'paused', 'restricted', 'unknown', 'pending', 'offline', 'notFound'] as const;
export type StreamerState = (typeof STREAMER_STATES)[number];

/** A setting that counts, and where it comes from. */
export interface EffectiveSetting {
  value: string | number | readonly string[];
  from: 'streamer' | 'label' | 'service';
  label?: string;
}

export interface StreamerRoom {
  state: string;
  reason: string;
  since: string;
  roomId?: string;
  sessionId?: string;
  source?: string;
  waitingFor?: 'quota';
  lastFrameAt?: string;
  frames: number;
  events: number;
}

export interface Streamer {
  uniqueId: string;
  tiktokUserId?: string;
  aliases: string[];
  nickname?: string;
  state: StreamerState;
  stateReason?: string;
  paused: boolean;
  labels: string[];
  priority: number;
  settings: Partial<Record<string, EffectiveSetting>>;
  hasProxy: boolean;
  hasSession: boolean;
  roomId?: string;
  lastCheckedAt?: string;
  nextCheckAt?: string;
  lastLiveAt?: string;
  createdAt: string;
  room?: StreamerRoom;
}

export interface StreamerPage {
  streamers: Streamer[];
  nextCursor?: string;
}

/** What may be sent with PATCH; null takes a setting back. */
export interface StreamerChange {
  paused?: boolean;
  labels?: string[];
  priority?: number | null;
  proxyPool?: string | null;
}

export interface NewStreamersAnswer {
  results: {
    uniqueId: string;
    status: 'created' | 'exists' | 'invalid';
    errors?: { pointer: string; detail: string }[];
  }[];
}

export interface Status {
  version: string;
  replicaId: string;
  startedAt: string;
  ready: boolean;
  reasons: string[];
  streamers?: { total: number; byState: Partial<Record<StreamerState, number>> };
  rooms: Partial<Record<string, number>>;
  leases: { held: number; replicas: number };
  events: { admitted: number; perSecond: number };
  journal: { bytes: number; maxBytes: number; pendingEvents: number; oldestPendingAt?: string; full: boolean };
  kafka?: { status: string; since: string; pendingEvents: number; problem?: string };
  history: { problem?: string };
  commands?: { problem?: string };
  webhooks: { pending: number; problem?: string };
  liveTail: { clients: number; problem?: string };
}

/** `/readyz`; answered with 503 when it is not `ok`. */
export interface Readiness {
  status: 'ok' | 'unavailable';
  reasons: { code: string; message: string }[];
}

export interface SourceRoute {
  source: string;
  route: string;
  state: 'closed' | 'open' | 'halfOpen';
  restEndsAt?: string;
  opened: number;
  failed: number;
  failuresInARow: number;
  lastFailure?: string;
}

export interface SignWindow {
  window: string;
  limit: number;
  remaining: number;
  resetsAt: string;
}

export interface Sources {
  order: string[];
  routes: SourceRoute[];
  signatures: {
    windows: SignWindow[];
    reserved: number;
    fleetReserved: number;
    waiting: number;
    waitingFor?: 'quota' | 'asked' | 'database';
    blockedUntil?: string;
  };
}

export interface Session {
  id: string;
  roomId: string;
  uniqueId: string;
  title?: string;
  startedAt?: string;
  joinedAt: string;
  endedAt?: string;
  endReason?: string;
  peakViewers: number;
  averageViewers?: number;
  totalViewers?: number;
  uniqueViewers: number;
  uniqueChatters: number;
  uniqueGifters: number;
  newFollowers: number;
  followersFirst?: number;
  followersLast?: number;
  likes: number;
  chats: number;
  joins: number;
  follows: number;
  shares: number;
  gifts: number;
  diamonds: number;
  events: number;
  gaps: number;
  gapMs: number;
}

export interface SessionPage {
  sessions: Session[];
  nextCursor?: string;
}

export interface Snapshot {
  at: string;
  viewers?: number;
  followers?: number;
  likes: number;
  chats: number;
  gifts: number;
  diamonds: number;
  final: boolean;
}

export interface SnapshotPage {
  snapshots: Snapshot[];
  nextCursor?: string;
}

export interface Person {
  id: string;
  uniqueId?: string;
  nickname?: string;
}

export interface Gifter {
  viewer: Person;
  gifts: number;
  diamonds: number;
  lastAt: string;
  /** Over all sessions of a streamer only. */
  sessions?: number;
}

export interface GifterPage {
  gifters: Gifter[];
  nextCursor?: string;
}

export interface GivenGift {
  gift: { id: string; name?: string; diamondsEach?: number };
  count: number;
  diamonds: number;
}

export interface GivenGiftPage {
  gifts: GivenGift[];
  nextCursor?: string;
}

export interface BattleSide {
  kind: 'host' | 'team';
  id: string;
  uniqueId?: string;
  nickname?: string;
  score: number;
  won?: boolean;
  contributors: { viewer: Person; score: number }[];
}

export interface Battle {
  id: string;
  startedAt?: string;
  firstSeenAt: string;
  endedAt?: string;
  durationSeconds?: number;
  cutShort: boolean;
  sides: BattleSide[];
}

export interface BattlePage {
  battles: Battle[];
  nextCursor?: string;
}

/** An interval of a session without a healthy socket. */
export interface Gap {
  /** Id of the gap event. */
  id: string;
  from: string;
  to: string;
  durationMs: number;
  reason: string;
}

export interface GapPage {
  gaps: Gap[];
  nextCursor?: string;
}

export interface Webhook {
  id: string;
  url?: string;
  origin: string;
  description: string;
  types: string[];
  streamers: string[];
  labels: string[];
  enabled: boolean;
  disabledReason?: string;
  disabledAt?: string;
  failingSince?: string;
  consecutiveFailures: number;
  lastSuccessAt?: string;
  droppedEvents: number;
  createdAt: string;
}

/** What may be sent; what is left out is as the service says, or stays. */
export interface NewWebhook {
  url: string;
  types?: string[];
  streamers?: string[];
  labels?: string[];
  description?: string;
  enabled?: boolean;
}

export interface WebhookPage {
  webhooks: Webhook[];
  nextCursor?: string;
}

export type WebhookWithSecret = Webhook & { secret: string };

export interface WebhookTest {
  delivered: boolean;
  outcome: string;
  status?: number;
  detail?: string;
  durationMs: number;
}

export interface Delivery {
  id: string;
  eventId: string;
  eventType: string;
  subject: string;
  status: 'pending' | 'delivered' | 'dead';
  attempts: number;
  dueAt?: string;
  lastAttemptAt?: string;
  lastOutcome?: string;
  lastStatus?: number;
  deadReason?: string;
  createdAt: string;
}

export interface DeliveryPage {
  deliveries: Delivery[];
  nextCursor?: string;
}

export interface Proxy {
  id: string;
  address: string;
  health: { state: string; lastFailure?: string; retryAt?: string };
}

export interface ProxyPool {
  name: string;
  description: string;
  healthy: number;
  proxies: Proxy[];
}

export interface ProxyPoolList {
  proxyPools: ProxyPool[];
}

export interface LabelDefaults {
  label: string;
  precedence: number;
  priority?: number;
  proxyPool?: string;
  language?: string;
  region?: string;
  checkIntervalMs?: number;
  checkIntervalMaxMs?: number;
  silenceMs?: number;
  socketSources?: readonly string[];
}

export interface LabelDefaultsList {
  labelDefaults: LabelDefaults[];
}

export const ROLES = ['read', 'operate', 'admin'] as const;
export type Role = (typeof ROLES)[number];

export interface Key {
  id: string;
  name: string;
  role: Role;
  prefix: string;
  requestsPerMinute?: number;
  expiresAt?: string;
  previousValidUntil?: string;
  createdBy: string;
  createdAt: string;
  lastUsedAt?: string;
}

export type KeyWithSecret = Key & { secret: string };

export interface NewKey {
  name: string;
  role: Role;
  requestsPerMinute?: number;
  expiresAt?: string;
}

export interface KeyList {
  keys: Key[];
  settingsKeys: { name: string; role: Role }[];
}

/** Whose key this tab uses, and what it may do. */
export interface Access {
  name: string;
  role: Role;
  source: 'local' | 'settings' | 'database';
  keyRequired: boolean;
}

export interface AuditEntry {
  id: string;
  at: string;
  actor: string;
  channel: string;
  action: string;
  target?: string;
  details: Record<string, string | number | boolean | string[]>;
}

export interface AuditPage {
  entries: AuditEntry[];
  nextCursor?: string;
}

/** An event of the contract, as CloudEvents JSON. */
export interface Envelope {
  id: string;
  source: string;
  type: string;
  subject: string;
  sessionid?: string;
  time: string;
  data: Record<string, unknown>;
}
