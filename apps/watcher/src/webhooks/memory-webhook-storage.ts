import type { Clock } from '../common/clock.port.js';
import { boundedLimit, decodeCursor, encodeCursor } from '../persistence/page-cursor.js';
import type {
  ClaimedDelivery,
  Delivery,
  DeliveryStatus,
  DisabledReason,
  NewWebhook,
  Webhook,
  WebhookChanges,
} from './webhook.js';
import type {
  AttemptReport,
  ClaimRequest,
  DeliveryLog,
  EnqueueResult,
  JournalPosition,
  Page,
  PageRequest,
  WantedEvent,
  WebhookIntake,
  WebhookQueue,
  WebhookStorage,
  WebhookStore,
} from './webhook-store.port.js';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
type StoredWebhook = Mutable<Webhook> & { number: number; holdUntil: number };
type StoredDelivery = Mutable<Delivery> & { key: string; body: Buffer; claimedUntil: number };

const NUMBER = /^\d{1,18}$/;

/** Webhooks and their queue in memory, for tests: same contract suite as Postgres. */
export class MemoryWebhookStorage implements WebhookStore, WebhookIntake, WebhookQueue, DeliveryLog {
  readonly #webhooks = new Map<string, StoredWebhook>();
  #deliveries: StoredDelivery[] = [];
  readonly #positions = new Map<string, { offset: number; seenAt: number }>();
  readonly #labels = new Map<string, readonly string[]>();
  #numbers = 0;

  constructor(private readonly clock: Clock) {}

  /** The four ports of it. */
  get storage(): WebhookStorage {
    return { webhooks: this, intake: this, queue: this, log: this };
  }

  /** What a streamer's row says. */
  setLabels(uniqueId: string, labels: readonly string[]): void {
    this.#labels.set(uniqueId, labels);
  }

  async add(webhook: NewWebhook, most: number): Promise<Webhook | undefined> {
    if (this.#webhooks.size >= most) return undefined;
    const now = new Date(this.clock.now());
    const row: StoredWebhook = {
      ...webhook,
      ...(webhook.enabled ? {} : { disabledReason: 'operator' as const, disabledAt: now }),
      consecutiveFailures: 0,
      droppedEvents: 0,
      createdAt: now,
      updatedAt: now,
      number: (this.#numbers += 1),
      holdUntil: 0,
    };
    this.#webhooks.set(row.id, row);
    return this.#copy(row);
  }

  async find(id: string): Promise<Webhook | undefined> {
    const row = this.#webhooks.get(id);
    return row && this.#copy(row);
  }

  async list({ limit, cursor }: PageRequest): Promise<Page<Webhook>> {
    const after = cursor === undefined ? 0 : Number(decodeCursor('webhooks', cursor, [NUMBER])[0]);
    const rows = [...this.#webhooks.values()].filter(({ number }) => number > after);
    const page = rows.slice(0, boundedLimit(limit));
    const last = page.at(-1);
    return {
      items: page.map((row) => this.#copy(row)),
      ...(rows.length > page.length && last ? { nextCursor: encodeCursor('webhooks', [String(last.number)]) } : {}),
    };
  }

  async update(id: string, changes: WebhookChanges): Promise<Webhook | undefined> {
    const row = this.#webhooks.get(id);
    if (row === undefined) return undefined;
    const { enabled, ...rest } = changes;
    const now = new Date(this.clock.now());
    Object.assign(row, rest, { updatedAt: now });
    if (enabled === false && row.disabledReason !== 'operator') {
      Object.assign(row, { enabled, disabledReason: 'operator', disabledAt: now });
    }
    if (enabled === true && !row.enabled) {
      row.enabled = true;
      row.holdUntil = 0;
      row.consecutiveFailures = 0;
      delete row.disabledReason;
      delete row.disabledAt;
      delete row.failingSince;
      for (const one of this.#pendingOf(id)) if (one.dueAt > now) one.dueAt = now;
    }
    return this.#copy(row);
  }

  async rotate(id: string, sealedSecret: string, keepMs: number): Promise<Webhook | undefined> {
    const row = this.#webhooks.get(id);
    if (row === undefined) return undefined;
    row.previous = { sealedSecret: row.sealedSecret, validUntil: new Date(this.clock.now() + keepMs) };
    row.sealedSecret = sealedSecret;
    return this.#copy(row);
  }

  async remove(id: string): Promise<boolean> {
    this.#deliveries = this.#deliveries.filter(({ webhookId }) => webhookId !== id);
    return this.#webhooks.delete(id);
  }

  async position(journalId: string): Promise<number | undefined> {
    return this.#positions.get(journalId)?.offset;
  }

  async enabled(): Promise<readonly Webhook[]> {
    return [...this.#webhooks.values()].filter((row) => row.enabled).map((row) => this.#copy(row));
  }

  async labelsOf(uniqueIds: readonly string[]): Promise<ReadonlyMap<string, readonly string[]>> {
    return new Map(uniqueIds.flatMap((id) => (this.#labels.has(id) ? [[id, this.#labels.get(id) ?? []]] : [])));
  }

  async enqueue(
    wanted: readonly WantedEvent[],
    position: JournalPosition,
    limits: { readonly maxPending: number; readonly maxAgeMs: number },
  ): Promise<EnqueueResult> {
    const room = new Map<string, number>();
    let enqueued = 0;
    let dropped = 0;
    for (const { webhookId, event } of wanted) {
      const webhook = this.#webhooks.get(webhookId);
      if (webhook?.enabled !== true) continue;
      const left = room.get(webhookId) ?? limits.maxPending - this.#pendingOf(webhookId).length;
      room.set(webhookId, left - 1);
      if (left <= 0) {
        dropped += 1;
        webhook.droppedEvents += 1;
        continue;
      }
      const known = this.#deliveries.some(
        (one) => one.webhookId === webhookId && one.source === event.source && one.eventId === event.id,
      );
      if (known) continue;
      enqueued += 1;
      const now = this.clock.now();
      this.#deliveries.push({
        id: String((this.#numbers += 1)),
        webhookId,
        source: event.source,
        eventId: event.id,
        eventType: event.type,
        subject: event.subject,
        key: event.key,
        body: event.value,
        status: 'pending',
        attempts: 0,
        dueAt: new Date(now),
        expiresAt: new Date(now + limits.maxAgeMs),
        createdAt: new Date(now),
        claimedUntil: 0,
      });
    }
    this.#positions.set(position.journalId, { offset: position.offset, seenAt: this.clock.now() });
    return { enqueued, dropped };
  }

  async claim({ limit, perWebhook, claimMs, except }: ClaimRequest): Promise<readonly ClaimedDelivery[]> {
    const now = this.clock.now();
    const due = [...this.#webhooks.values()]
      .filter((row) => row.enabled && row.holdUntil <= now && !except.includes(row.id))
      .flatMap(({ id }) =>
        this.#pendingOf(id)
          .filter((one) => one.dueAt.getTime() <= now && one.expiresAt.getTime() > now && one.claimedUntil < now)
          .filter((one) => !this.#claimedBefore(one, now))
          .sort(byDue)
          .slice(0, perWebhook),
      );
    const taken = due.sort(byDue).slice(0, limit);
    for (const one of taken) one.claimedUntil = now + claimMs;
    return taken
      .sort((a, b) => Number(a.id) - Number(b.id))
      .flatMap(({ id, key, source, eventId, body, attempts, expiresAt, webhookId }) => {
        const webhook = this.#webhooks.get(webhookId);
        return webhook ? [{ id, key, source, eventId, body, attempts, expiresAt, webhook: this.#copy(webhook) }] : [];
      });
  }

  async report({ deliveryId, webhookId, outcome, status, durationMs, verdict }: AttemptReport): Promise<void> {
    const now = new Date(this.clock.now());
    const one = this.#deliveries.find(({ id, status: state }) => id === deliveryId && state === 'pending');
    if (one !== undefined) {
      one.attempts += 1;
      one.claimedUntil = 0;
      one.lastAttemptAt = now;
      one.lastOutcome = outcome;
      one.lastDurationMs = Math.round(durationMs);
      if (status === undefined) delete one.lastStatus;
      else one.lastStatus = status;
      if (verdict.kind === 'retry') one.dueAt = new Date(now.getTime() + verdict.inMs);
      else one.finishedAt = now;
      if (verdict.kind === 'delivered') one.status = 'delivered';
      if (verdict.kind === 'dead') Object.assign(one, { status: 'dead', deadReason: verdict.reason });
    }
    const webhook = this.#webhooks.get(webhookId);
    if (webhook === undefined) return;
    if (verdict.kind === 'delivered') {
      webhook.consecutiveFailures = 0;
      webhook.holdUntil = 0;
      webhook.lastSuccessAt = now;
      delete webhook.failingSince;
      return;
    }
    webhook.failingSince ??= now;
    webhook.consecutiveFailures += 1;
    if (verdict.holdMs > 0) webhook.holdUntil = Math.max(webhook.holdUntil, now.getTime() + verdict.holdMs);
    if (verdict.disable !== undefined) await this.disable(webhookId, verdict.disable);
  }

  async release(deliveryIds: readonly string[]): Promise<void> {
    for (const one of this.#deliveries) if (deliveryIds.includes(one.id)) one.claimedUntil = 0;
  }

  async disable(webhookId: string, reason: DisabledReason): Promise<void> {
    const row = this.#webhooks.get(webhookId);
    if (row?.enabled !== true) return;
    Object.assign(row, { enabled: false, disabledReason: reason, disabledAt: new Date(this.clock.now()) });
  }

  async pending(): Promise<number> {
    return this.#deliveries.filter(({ status }) => status === 'pending').length;
  }

  async prune(limits: {
    readonly keepMs: number;
    readonly keepEach: number;
    readonly keepPositionsMs: number;
  }): Promise<{ expired: number; deleted: number }> {
    const now = this.clock.now();
    const over = this.#deliveries.filter(
      (one) => one.status === 'pending' && one.expiresAt.getTime() <= now && one.claimedUntil < now,
    );
    for (const one of over) Object.assign(one, { status: 'dead', deadReason: 'expired', finishedAt: new Date(now) });
    const before = this.#deliveries.length;
    const kept = new Map<string, number>();
    this.#deliveries = this.#deliveries
      .reverse()
      .filter((one) => {
        if (one.finishedAt === undefined) return true;
        const name = `${one.webhookId} ${one.status}`;
        kept.set(name, (kept.get(name) ?? 0) + 1);
        return one.finishedAt.getTime() >= now - limits.keepMs && (kept.get(name) ?? 0) <= limits.keepEach;
      })
      .reverse();
    for (const [id, { seenAt }] of this.#positions)
      if (seenAt < now - limits.keepPositionsMs) this.#positions.delete(id);
    return { expired: over.length, deleted: before - this.#deliveries.length };
  }

  async listDeliveries(
    webhookId: string,
    { limit, cursor, status }: PageRequest & { readonly status?: DeliveryStatus | undefined },
  ): Promise<Page<Delivery>> {
    const before = cursor === undefined ? Infinity : Number(decodeCursor('deliveries', cursor, [NUMBER])[0]);
    const rows = this.#deliveries
      .filter((one) => one.webhookId === webhookId && (status === undefined || one.status === status))
      .filter(({ id }) => Number(id) < before)
      .reverse();
    const page = rows.slice(0, boundedLimit(limit));
    const last = page.at(-1);
    return {
      items: page.map(shown),
      ...(rows.length > page.length && last ? { nextCursor: encodeCursor('deliveries', [last.id]) } : {}),
    };
  }

  async redeliver(webhookId: string, deliveryId: string, maxAgeMs: number): Promise<Delivery | undefined> {
    const one = this.#deliveries.find((row) => row.webhookId === webhookId && row.id === deliveryId);
    if (one === undefined) return undefined;
    this.#sendAgain(one, maxAgeMs);
    return shown(one);
  }

  async redeliverDead(webhookId: string, maxAgeMs: number): Promise<number> {
    const dead = this.#deliveries.filter((one) => one.webhookId === webhookId && one.status === 'dead');
    for (const one of dead) this.#sendAgain(one, maxAgeMs);
    return dead.length;
  }

  #sendAgain(one: StoredDelivery, maxAgeMs: number): void {
    const now = this.clock.now();
    delete one.deadReason;
    delete one.finishedAt;
    const fresh = { status: 'pending', attempts: 0, dueAt: new Date(now), expiresAt: new Date(now + maxAgeMs) };
    Object.assign(one, fresh);
  }

  #pendingOf(webhookId: string): StoredDelivery[] {
    return this.#deliveries.filter((one) => one.webhookId === webhookId && one.status === 'pending');
  }

  #claimedBefore(one: StoredDelivery, now: number): boolean {
    return this.#pendingOf(one.webhookId).some(
      (other) => other.key === one.key && other.claimedUntil > now && Number(other.id) < Number(one.id),
    );
  }

  #copy(row: StoredWebhook): Webhook {
    const { number: _number, holdUntil: _hold, previous, ...rest } = row;
    const valid = previous !== undefined && previous.validUntil.getTime() > this.clock.now();
    return { ...rest, ...(valid ? { previous } : {}) };
  }
}

function byDue(a: StoredDelivery, b: StoredDelivery): number {
  return a.dueAt.getTime() - b.dueAt.getTime() || Number(a.id) - Number(b.id);
}

function shown(one: StoredDelivery): Delivery {
  const { key: _key, body: _body, claimedUntil: _claimed, ...rest } = one;
  return { ...rest };
}
