import type { Clock, Random } from '../common/clock.port.js';
import type { Logger } from '../common/logger.port.js';
import { SecretBoxError } from '../common/secret-box/secret-box.errors.js';
import { ConcurrencyGate } from '../rooms/concurrency-gate.js';
import { judge, type DeliveryVerdict } from './delivery-plan.js';
import { PersistentRetry } from './persistent-retry.js';
import type { ClaimedDelivery, WebhookTarget } from './webhook.js';
import { eventHeaders } from './webhook-request.js';
import type { SendResult, WebhookSender } from './webhook-sender.port.js';
import { messageId } from './webhook-signature.js';
import type { WebhookQueue } from './webhook-store.port.js';
import type { WebhookVault } from './webhook-vault.js';

export interface WebhookDelivererOptions {
  readonly queue: WebhookQueue;
  readonly vault: WebhookVault;
  readonly sender: WebhookSender;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** `user-agent` of the calls. */
  readonly userAgent: string;
  /** For one call, ms. */
  readonly timeoutMs: number;
  /** Most deliveries in hand at once. */
  readonly concurrency: number;
  /** Most calls to one destination (scheme, host, port) at once. */
  readonly perDestination: number;
  readonly metrics: { attempted(verdict: DeliveryVerdict['kind']): void };
}

/** How long a replica may hold a delivery, in time-outs of a call: it is the second of its room at best when it waits so long. */
const CLAIM_TIMEOUTS = 6;
/** When nobody says that there is something: time between two looks. Retries and what other replicas took up are found so. */
const POLL_MS = 1_000;

/**
 * Sends what is due. Any replica may; a delivery that was claimed by one that died is due again when the claim runs out, so a
 * destination can get an event twice, with the same `webhook-id`. Those of one room go to a webhook one after the other,
 * as far as it is known here: what failed is passed by later ones.
 */
export class WebhookDeliverer {
  readonly #stopping = new AbortController();
  readonly #retry: PersistentRetry;
  readonly #lanes = new Set<Promise<void>>();
  readonly #gates = new Map<string, ConcurrencyGate>();
  /** Deliveries in hand, by webhook. */
  readonly #inHand = new Map<string, number>();
  /** Webhooks whose last attempt here failed: for one log line at each change. */
  readonly #failing = new Set<string>();
  #running: Promise<void> = Promise.resolve();
  #wake: (() => void) | undefined;
  #woken = false;

  constructor(private readonly options: WebhookDelivererOptions) {
    this.#retry = new PersistentRetry({ ...options, part: 'delivery' });
  }

  start(): void {
    this.#running = this.#run();
  }

  /** Looks at once whether something is due. */
  nudge(): void {
    this.#woken = true;
    this.#wake?.();
  }

  problem(): string | undefined {
    return this.#retry.failing ? 'the database does not hand out deliveries' : undefined;
  }

  /** Claims nothing more, gives back what was not begun, and finishes the calls under way, not longer than the signal lets it. */
  async stop(signal?: AbortSignal): Promise<void> {
    this.#stopping.abort();
    this.nudge();
    const late = new Promise<void>((resolve) => signal?.addEventListener('abort', () => resolve(), { once: true }));
    const ended = this.#running.then(() => Promise.all(this.#lanes));
    if (signal?.aborted !== true) await Promise.race([ended, late]);
    this.options.sender.close();
  }

  get #taken(): number {
    return [...this.#inHand.values()].reduce((sum, count) => sum + count, 0);
  }

  get #claimMs(): number {
    return this.options.timeoutMs * CLAIM_TIMEOUTS;
  }

  async #run(): Promise<void> {
    const { queue, concurrency, perDestination, clock } = this.options;
    const signal = this.#stopping.signal;
    while (!signal.aborted) {
      this.#woken = false;
      const free = concurrency - this.#taken;
      if (free > 0) {
        const request = {
          limit: free,
          perWebhook: perDestination,
          claimMs: this.#claimMs,
          except: [...this.#inHand].filter(([, count]) => count >= perDestination).map(([id]) => id),
        };
        const claimedAt = clock.monotonic();
        const claimed = await this.#retry.insist(() => queue.claim(request), signal);
        for (const lane of lanesOf(claimed?.value ?? [])) this.#begin(lane, claimedAt);
      }
      if (!this.#woken && !signal.aborted) await this.#pause();
    }
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        this.#wake = undefined;
        timer.cancel();
        resolve();
      };
      const timer = this.options.clock.setTimeout(wake, POLL_MS);
      this.#wake = wake;
    });
  }

  #begin(lane: readonly ClaimedDelivery[], claimedAt: number): void {
    const [first] = lane;
    if (first === undefined) return;
    const { id } = first.webhook;
    this.#inHand.set(id, (this.#inHand.get(id) ?? 0) + lane.length);
    const work = this.#sendInOrder(lane, claimedAt).finally(() => {
      const left = (this.#inHand.get(id) ?? 0) - lane.length;
      if (left > 0) this.#inHand.set(id, left);
      else this.#inHand.delete(id);
      this.#lanes.delete(work);
      this.nudge();
    });
    this.#lanes.add(work);
  }

  /** Deliveries of one webhook and room, one after the other. Never rejects. */
  async #sendInOrder(lane: readonly ClaimedDelivery[], claimedAt: number): Promise<void> {
    const { clock, timeoutMs } = this.options;
    for (const [index, delivery] of lane.entries()) {
      const left = this.#claimMs - (clock.monotonic() - claimedAt);
      const enough = left > timeoutMs * 2 && !this.#stopping.signal.aborted;
      const next = enough ? await this.#attempt(delivery, left) : 'notBegun';
      if (next === 'goOn') continue;
      // What was reported is not claimed any more, and may be claimed by somebody else.
      await this.#release(lane.slice(next === 'wait' ? index + 1 : index), left);
      return;
    }
  }

  /** `wait`: those behind it should wait, the destination is away. `notBegun`: neither it nor those behind it can be sent. */
  async #attempt(delivery: ClaimedDelivery, claimLeftMs: number): Promise<'goOn' | 'wait' | 'notBegun'> {
    const { clock, random, metrics, logger } = this.options;
    const { webhook } = delivery;
    const target = await this.#open(delivery);
    const startedAt = clock.monotonic();
    const result = target && (await this.#call(delivery, target));
    if (result === undefined) return 'notBegun';
    const facts = {
      at: clock.now(),
      attempts: delivery.attempts,
      expiresAt: delivery.expiresAt.getTime(),
      failingSince: webhook.failingSince?.getTime(),
      consecutiveFailures: webhook.consecutiveFailures,
    };
    const verdict = judge(result, facts, random);
    metrics.attempted(verdict.kind);
    this.#log(delivery, result, verdict);
    const report = {
      deliveryId: delivery.id,
      webhookId: webhook.id,
      outcome: result.outcome,
      ...(result.status === undefined ? {} : { status: result.status }),
      durationMs: clock.monotonic() - startedAt,
      verdict,
    };
    const written = await this.#within(claimLeftMs, (signal) =>
      this.#retry.insist(() => this.options.queue.report(report), signal),
    );
    if (written === undefined) {
      logger.warn('webhook.outcomeNotWritten', { webhookId: webhook.id, deliveryId: delivery.id });
    }
    return verdict.kind === 'delivered' || (verdict.holdMs === 0 && verdict.disable === undefined) ? 'goOn' : 'wait';
  }

  /** One call, when the destination has a place free. undefined when the stop came first. */
  async #call(delivery: ClaimedDelivery, { url, secrets }: WebhookTarget): Promise<SendResult | undefined> {
    const { clock, sender, userAgent, timeoutMs, perDestination } = this.options;
    const { webhook, source, eventId, body } = delivery;
    const gate = this.#gates.get(webhook.origin) ?? new ConcurrencyGate(perDestination);
    this.#gates.set(webhook.origin, gate);
    let ticket: { leave(): void } | undefined;
    await new Promise<void>((resolve) => (ticket = gate.enter(resolve)));
    try {
      if (this.#stopping.signal.aborted) return undefined;
      const message = {
        id: messageId(webhook.id, source, eventId),
        timestamp: Math.floor(clock.now() / 1_000),
        body,
      };
      return await sender.send({ url, headers: eventHeaders(message, secrets, userAgent), body, timeoutMs });
    } finally {
      ticket?.leave();
      if (gate.running === 0) this.#gates.delete(webhook.origin);
    }
  }

  async #open(delivery: ClaimedDelivery): Promise<WebhookTarget | undefined> {
    const { vault, queue, logger } = this.options;
    const { webhook } = delivery;
    try {
      return vault.open(webhook);
    } catch (error) {
      if (!(error instanceof SecretBoxError)) throw error;
      logger.error('webhook.disabled', {
        webhookId: webhook.id,
        host: hostOf(webhook.origin),
        reason: 'unreadable',
        error,
      });
      await this.#within(this.#claimMs, (signal) =>
        this.#retry.insist(() => queue.disable(webhook.id, 'unreadable'), signal),
      );
      return undefined;
    }
  }

  async #release(deliveries: readonly ClaimedDelivery[], withinMs: number): Promise<void> {
    const ids = deliveries.map(({ id }) => id);
    await this.#within(withinMs, (signal) => this.#retry.insist(() => this.options.queue.release(ids), signal));
  }

  /** Tries until the claim runs out: then another replica may have the delivery. */
  async #within<T>(ms: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const controller = new AbortController();
    const timer = this.options.clock.setTimeout(() => controller.abort(), Math.max(0, ms));
    try {
      return await work(controller.signal);
    } finally {
      timer.cancel();
    }
  }

  #log({ id, webhook }: ClaimedDelivery, { outcome, status, detail }: SendResult, verdict: DeliveryVerdict): void {
    const { logger } = this.options;
    const fields = { webhookId: webhook.id, host: hostOf(webhook.origin), outcome, status, detail };
    if (verdict.kind === 'delivered') {
      if (this.#failing.delete(webhook.id))
        logger.info('webhook.recovered', { webhookId: webhook.id, host: fields.host });
      return;
    }
    if (!this.#failing.has(webhook.id)) {
      this.#failing.add(webhook.id);
      logger.warn('webhook.failing', fields);
    }
    if (verdict.kind === 'dead') logger.warn('webhook.deadLetter', { ...fields, deliveryId: id });
    if (verdict.disable !== undefined) {
      this.#failing.delete(webhook.id);
      logger.error('webhook.disabled', { ...fields, reason: verdict.disable });
    }
  }
}

/** By webhook and room, each in order. */
function lanesOf(claimed: readonly ClaimedDelivery[]): Iterable<readonly ClaimedDelivery[]> {
  const lanes = new Map<string, ClaimedDelivery[]>();
  for (const delivery of claimed) {
    const name = `${delivery.webhook.id}\0${delivery.key}`;
    const lane = lanes.get(name);
    if (lane === undefined) lanes.set(name, [delivery]);
    else lane.push(delivery);
  }
  return lanes.values();
}

/** The host alone: what may stand in the log. */
function hostOf(origin: string): string {
  return new URL(origin).hostname;
}
