import type {
  PermitRequest,
  QuotaAnswer,
  SignBudget,
  SignBudgetStatus,
  SignOutcome,
  SignPermit,
} from '../sign-budget/sign-budget.port.js';

/** A budget without limits, until the test holds it. Writes down what became of each permit. */
export class FakeSignBudget implements SignBudget {
  readonly log: (SignOutcome | 'unused' | 'waiting')[] = [];
  readonly answers: (QuotaAnswer | undefined)[] = [];
  readonly requests: PermitRequest[] = [];
  /** While set, rooms wait. */
  held = false;
  /** What the next permits are worth, true when the list is empty. */
  readonly validity: boolean[] = [];
  readonly #waiting = new Map<PermitRequest, (permit: SignPermit) => void>();

  get waiting(): number {
    return this.#waiting.size;
  }

  acquire(request: PermitRequest): Promise<SignPermit> {
    this.requests.push(request);
    if (!this.held) return Promise.resolve(this.#permit());
    return new Promise((resolve, reject) => {
      const { signal } = request;
      this.#waiting.set(request, resolve);
      signal.addEventListener('abort', () => {
        this.#waiting.delete(request);
        reject(signal.reason as Error);
      });
      queueMicrotask(() => {
        this.log.push('waiting');
        request.onWaiting();
      });
    });
  }

  async tryAcquire(): Promise<SignPermit | undefined> {
    return this.held ? undefined : this.#permit();
  }

  /** Serves everybody who waits. */
  release(): void {
    this.held = false;
    for (const serve of this.#waiting.values()) serve(this.#permit());
    this.#waiting.clear();
  }

  status(): SignBudgetStatus {
    return {
      windows: [],
      reserved: 0,
      fleetReserved: 0,
      waiting: this.waiting,
      blockedForMs: 0,
      databaseAway: false,
      outcomes: { signed: 0, checked: 0, rateLimited: 0, refused: 0, unreachable: 0, cancelled: 0 },
    };
  }

  #permit(): SignPermit {
    const valid = this.validity.shift() ?? true;
    return {
      valid,
      spent: (outcome, answer) => {
        this.log.push(outcome);
        this.answers.push(answer);
      },
      unused: () => void this.log.push('unused'),
    };
  }
}
