import type { QuotaAnswer, SignWindow } from './sign-budget.port.js';
import { SIGN_WINDOWS } from './sign-budget.port.js';
import {
  BUDGET_RULES,
  type Reservation,
  type ReserveRequest,
  setAsideFactor,
  type Settlement,
  type SignBudgetStore,
} from './sign-budget-store.port.js';

interface Window {
  limit: number;
  /** Reserved in this window, and what the server counted besides. */
  used: number;
  resetAt: number;
  /** The server's name for the end of the window; undefined before it said one. */
  mark: number | undefined;
  /** The server has said when the window that runs now ends. */
  confirmed: boolean;
}

interface Member {
  floor: number;
  until: number;
}

interface Budget {
  generation: number;
  /** Reserved in this generation and not settled; and in the one before. */
  outstanding: number;
  outstandingBefore: number;
  blockedUntil: number;
  askedAt: number | undefined;
  observed: boolean;
  readonly windows: Map<SignWindow, Window>;
  readonly members: Map<string, Member>;
}

/** The shared budget in memory, for one process alone and for tests: same contract suite as the Postgres one. */
export class MemorySignBudgetStore implements SignBudgetStore {
  readonly #budgets = new Map<string, Budget>();

  /** `now`: ms, for all who share the store. */
  constructor(private readonly now: () => number) {}

  async reserve({ keyHash, replicaId, wanted }: ReserveRequest): Promise<Reservation> {
    const at = this.now();
    const budget = this.#budget(keyHash, at);
    roll(budget, at);
    const ask = wanted > 0 && (budget.askedAt === undefined || at - budget.askedAt >= BUDGET_RULES.askMs);
    if (ask) budget.askedAt = at;
    const floor = renewMember(budget, replicaId, at);
    const blockedForMs = Math.max(0, budget.blockedUntil - at);
    // Until the server said its limits, or had the time to: nothing.
    const waitForLimits = budget.observed ? 0 : Math.max(0, (budget.askedAt ?? at) + BUDGET_RULES.firstAnswerMs - at);
    const left = [...budget.windows].map(([name, window]) => ({ window, remaining: remainingOf(budget, name, at) }));
    const available = Math.min(...left.map(({ remaining }) => remaining));
    const granted = blockedForMs > 0 || waitForLimits > 0 ? 0 : Math.min(wanted, available);
    for (const { window } of left) window.used += granted;
    budget.outstanding += granted;
    const empty = left
      .filter(({ remaining }) => remaining <= granted)
      .map(({ window: { resetAt, confirmed } }) =>
        confirmed ? resetAt - at : Math.min(resetAt - at, BUDGET_RULES.unconfirmedLookMs),
      );
    return {
      granted,
      generation: String(budget.generation),
      validForMs: Math.max(0, (budget.windows.get('minute')?.resetAt ?? at) - at),
      waitMs:
        granted === wanted ? 0 : Math.max(blockedForMs, waitForLimits > 0 ? BUDGET_RULES.firstLookMs : 0, ...empty, 0),
      blockedForMs,
      windows: SIGN_WINDOWS.flatMap((name) => {
        const window = budget.windows.get(name);
        if (window === undefined) return [];
        const { limit, resetAt } = window;
        return { window: name, limit, remaining: remainingOf(budget, name, at), resetInMs: resetAt - at };
      }),
      outstanding: budget.outstanding + budget.outstandingBefore,
      ask,
      floor,
    };
  }

  async settle({ keyHash, generation, count, unused, answer }: Settlement): Promise<void> {
    const at = this.now();
    const budget = this.#budget(keyHash, at);
    roll(budget, at);
    const age = budget.generation - Number(generation);
    if (age === 0) budget.outstanding = Math.max(0, budget.outstanding - count);
    else if (age === 1) budget.outstandingBefore = Math.max(0, budget.outstandingBefore - count);
    // What was not sent goes back: it was counted here, or carried into the window that runs now.
    if (unused && age <= 1)
      for (const window of budget.windows.values()) window.used = Math.max(0, window.used - count);
    if (answer !== undefined) hear(budget, answer, at);
  }

  async observe(keyHash: string, answers: readonly QuotaAnswer[]): Promise<void> {
    const at = this.now();
    const budget = this.#budget(keyHash, at);
    roll(budget, at);
    for (const answer of answers) hear(budget, answer, at);
  }

  #budget(keyHash: string, at: number): Budget {
    let budget = this.#budgets.get(keyHash);
    if (budget === undefined) {
      budget = {
        generation: 0,
        outstanding: 0,
        outstandingBefore: 0,
        blockedUntil: 0,
        askedAt: undefined,
        observed: false,
        windows: new Map([['minute', newWindow('minute', BUDGET_RULES.assumedPerMinute, at)]]),
        members: new Map(),
      };
      this.#budgets.set(keyHash, budget);
    }
    return budget;
  }
}

function newWindow(name: SignWindow, limit: number, at: number): Window {
  const resetAt = at + BUDGET_RULES.lengthMs[name] + BUDGET_RULES.slackMs;
  return { limit, used: 0, resetAt, mark: undefined, confirmed: false };
}

/** Windows whose time is over begin anew; what is under way may be counted in the new one. */
function roll(budget: Budget, at: number): void {
  const carried = budget.outstanding;
  const minute = budget.windows.get('minute');
  if (minute !== undefined && minute.resetAt <= at) nextGeneration(budget);
  for (const [name, window] of budget.windows) {
    if (window.resetAt > at) continue;
    window.used = carried;
    window.resetAt = at + BUDGET_RULES.lengthMs[name] + BUDGET_RULES.slackMs;
    window.confirmed = false;
  }
}

/** What a dead replica never settled is forgotten after two of them. */
function nextGeneration(budget: Budget): void {
  budget.generation += 1;
  budget.outstandingBefore = budget.outstanding;
  budget.outstanding = 0;
}

function setAside(budget: Budget, at: number): number {
  let sum = 0;
  for (const member of budget.members.values()) if (member.until > at) sum += member.floor;
  return sum;
}

function remainingOf(budget: Budget, name: SignWindow, at: number): number {
  const window = budget.windows.get(name);
  if (window === undefined) return 0;
  return Math.max(0, window.limit - window.used - setAside(budget, at) * setAsideFactor(name));
}

/** Renews what is set aside for a replica; returns it. */
function renewMember(budget: Budget, replicaId: string, at: number): number {
  for (const [id, member] of budget.members) if (member.until <= at || id === replicaId) budget.members.delete(id);
  const others = setAside(budget, at);
  const minute = budget.windows.get('minute')?.limit ?? 0;
  const fair = Math.max(1, Math.floor((minute * BUDGET_RULES.floorShare) / (budget.members.size + 1)));
  const room = Math.min(
    ...[...budget.windows].map(([name, { limit }]) =>
      Math.floor((limit * BUDGET_RULES.maxSetAside) / setAsideFactor(name)),
    ),
  );
  const floor = budget.observed ? Math.max(0, Math.min(fair, room - others)) : 0;
  budget.members.set(replicaId, { floor, until: at + BUDGET_RULES.floorMinutes * 60_000 });
  return floor;
}

function hear(budget: Budget, answer: QuotaAnswer, at: number): void {
  const { limit, remaining, resetMark, resetInMs, retryAfterMs } = answer;
  const name = windowOf(budget, answer);
  if (name !== undefined && limit !== undefined && remaining !== undefined) {
    budget.observed = true;
    const used = Math.max(0, limit - remaining);
    let window = budget.windows.get(name);
    if (window === undefined) budget.windows.set(name, (window = newWindow(name, limit, at)));
    const resetAt = resetInMs === undefined ? window.resetAt : at + resetInMs;
    const { mark } = window;
    const newer = resetMark === undefined || mark === undefined || resetMark > mark + BUDGET_RULES.markTolerance;
    const same =
      resetMark !== undefined && mark !== undefined && Math.abs(resetMark - mark) <= BUDGET_RULES.markTolerance;
    if (newer && window.confirmed && resetMark !== undefined) {
      // The server began this window before its time was over here.
      window.used = used + budget.outstanding;
      if (name === 'minute') nextGeneration(budget);
      Object.assign(window, { limit, resetAt, mark: resetMark });
    } else if (newer) {
      Object.assign(window, { limit, resetAt, mark: resetMark ?? mark, confirmed: resetMark !== undefined });
      window.used = Math.max(window.used, used);
    } else if (same && window.confirmed) {
      Object.assign(window, { limit, resetAt: Math.min(window.resetAt, resetAt) });
      window.used = Math.max(window.used, used);
    }
  }
  if (retryAfterMs === undefined) return;
  budget.blockedUntil = Math.max(budget.blockedUntil, at + retryAfterMs);
  const spent = budget.windows.get(name ?? 'minute');
  if (spent !== undefined) spent.used = Math.max(spent.used, spent.limit);
}

/** Which window an answer is about: the one it names, else the one with this limit, else the shortest that fits its end. */
function windowOf(budget: Budget, { window, limit, resetMark, resetInMs }: QuotaAnswer): SignWindow | undefined {
  if (window !== undefined) return window;
  if (limit === undefined) return undefined;
  const alike = SIGN_WINDOWS.filter((name) => budget.windows.get(name)?.limit === limit);
  const distance = (name: SignWindow): number => Math.abs((budget.windows.get(name)?.mark ?? 0) - (resetMark ?? 0));
  const [nearest] = alike.sort((a, b) => distance(a) - distance(b));
  if (nearest !== undefined) return nearest;
  return (
    SIGN_WINDOWS.find((name) => (resetInMs ?? 0) <= BUDGET_RULES.lengthMs[name] + 2 * BUDGET_RULES.slackMs) ?? 'day'
  );
}
