import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { checkEquation } from '../system/metrics-equation.js';
import { eventually, type Simulator, Watcher } from '../system/processes.js';
import { AdmittedJournal } from './admitted-journal.js';
import type { StoredEvent } from '../../apps/watcher/src/journal/journal.port.js';
import type { LifeEnd } from './delivery-oracle.js';
import type { Findings } from './findings.js';
import type { Death } from './kill-plan.js';

/** Is told what each life had admitted. */
export interface AdmissionOracle {
  /** Distinct events so far. */
  readonly admitted: number;
  /** An event that was found in the journal, in the order of offsets. */
  admit(event: StoredEvent): void;
  /** The life whose events were just admitted has ended like this. */
  ended(life: Omit<LifeEnd, 'lastSecond'>): void;
}

export interface CampaignOptions {
  readonly simulator: Simulator;
  /** Streamers to watch, all in rooms of this campaign alone. */
  readonly uniqueIds: readonly string[];
  /** How many of them are live for good: so many rooms must be live at the end. */
  readonly liveRooms: number;
  /** An empty folder: the data folder and the kept segments go there. */
  readonly folder: string;
  /** Settings beside those that lead to the simulator and the data folder. */
  readonly settings: Readonly<Record<string, string>>;
  /** Reader of the journal whose cursor says what is sent again. */
  readonly reader: 'publisher' | 'history';
  readonly oracle: AdmissionOracle;
  readonly findings: Findings;
  /** Told after each life. */
  readonly onLife?: (life: {
    readonly how: string;
    readonly admitted: number;
    readonly readyMs: number | undefined;
  }) => void;
}

export interface LastLife {
  finish(): Promise<void>;
}

const CRASHING_WATCHER = 'test/crash/crashing-watcher.mjs';
/** A life that does not come to its point in this time is killed where it is; that each point is hit is judged over the whole run. */
const DEATH_MS = 180_000;
const KEEP_MS = 50;
const SETTLE_MS = 120_000;
const DEAD = 'SIGKILL';

/** One data folder, one watcher after the other on it, each ended as planned, while the rooms go on. */
export class KillCampaign {
  readonly #journal: AdmittedJournal;
  readonly #reached = new Map<string, number>();
  readonly #readyMs: number[] = [];
  readonly #options: CampaignOptions;
  #added = false;
  #kills = 0;

  constructor(options: CampaignOptions) {
    this.#options = options;
    this.#journal = new AdmittedJournal(this.#path('data/journal'), this.#path('kept'), options.reader);
  }

  get kills(): number {
    return this.#kills;
  }

  /** How often each crash point ended a process, and `random`, `stop`. */
  get reached(): ReadonlyMap<string, number> {
    return this.#reached;
  }

  /** Times from the start of a process until it was ready, ms. */
  get readyMs(): readonly number[] {
    return this.#readyMs;
  }

  async run(plan: Iterable<Death>): Promise<void> {
    await mkdir(this.#path('kept'), { recursive: true });
    for (const death of plan) await this.#live(death);
  }

  /** The last life, left in peace. Resolves when all rooms are live; then let no more messages come and call `finish`. */
  async lastLife(): Promise<LastLife> {
    const watcher = await this.#start({});
    const keeping = this.#keepWhileRunning(watcher);
    await watcher.program.printed(/Livetap is ready/, DEATH_MS);
    await this.#add(watcher);
    await eventually('all rooms are live', () => this.#allLive(watcher), SETTLE_MS);
    return { finish: () => this.#finish(watcher, keeping) };
  }

  /** Everything is published, the service's own figures add up, and the orderly stop leaves nothing. */
  async #finish(watcher: Watcher, keeping: Promise<void>): Promise<void> {
    const { findings } = this.#options;
    await eventually('everything is published', () => this.#settled(watcher), SETTLE_MS);
    const exit = await watcher.program.stop('SIGTERM');
    await keeping;
    await this.#judgeMetrics(watcher, 'end');
    if (exit !== 0) findings.add('orderly stop failed', `exit ${exit}: ${watcher.program.output.slice(-2_000)}`);
    await this.#account('end', false);
  }

  async #live(death: Death): Promise<void> {
    const how = death.kind === 'point' ? death.point : death.kind;
    const watcher = await this.#start(
      death.kind === 'point' ? { LIVETAP_TEST_CRASH_AT: `${death.point}#${death.passing}+${death.afterMs}` } : {},
    );
    const startedAt = performance.now();
    const keeping = this.#keepWhileRunning(watcher);
    let readyMs: number | undefined;
    const ready = watcher.program
      .printed(/Livetap is ready/, DEATH_MS)
      .then(async () => {
        readyMs = performance.now() - startedAt;
        this.#readyMs.push(readyMs);
        await this.#add(watcher);
      })
      // Ended before it was ready, or while the streamers were added: they are added in the next life.
      .catch(() => undefined);
    const exit = await this.#die(watcher, death, ready);
    await ready;
    await keeping;
    await this.#judgeMetrics(watcher, how);
    const admitted = await this.#account(how, death.kind !== 'stop');
    this.#options.onLife?.({ how, admitted, readyMs });
    this.#judgeExit(death, exit, watcher.program.output);
  }

  /** Resolves with the exit of the process, whoever ended it. */
  async #die(watcher: Watcher, death: Death, ready: Promise<void>): Promise<number | NodeJS.Signals> {
    const exited = watcher.program.exited();
    const patience = new AbortController();
    const late = pause(DEATH_MS, undefined, { signal: patience.signal }).then(
      () => watcher.program.stop(DEAD),
      () => undefined,
    );
    if (death.kind === 'random' && death.from === 'start') await Promise.race([pause(death.afterMs), exited]);
    else await Promise.race([ready, exited]);
    if (death.kind === 'random') {
      if (death.from === 'ready') await Promise.race([pause(death.afterMs), exited]);
      await watcher.program.stop(DEAD);
    } else if (death.kind === 'stop' || death.stop !== undefined) {
      await Promise.race([pause(death.kind === 'stop' ? death.afterMs : death.stop), exited]);
      void watcher.program.stop('SIGTERM');
    }
    const exit = await exited;
    patience.abort();
    await late;
    return exit;
  }

  #judgeExit(death: Death, exit: number | NodeJS.Signals, output: string): void {
    const { findings } = this.#options;
    const end = output.slice(-2_000);
    if (death.kind === 'stop') {
      if (exit !== 0) findings.add('orderly stop failed', `exit ${exit}: ${end}`);
    } else if (exit !== DEAD) {
      findings.add(
        'ended by itself',
        `exit ${exit} before ${death.kind === 'point' ? death.point : 'it was killed'}: ${end}`,
      );
      return;
    } else this.#kills += 1;
    // On a machine that does much else a life may not come to its point in time. It was killed all the same, at some moment.
    const missed = death.kind === 'point' && !output.includes(`crash point ${death.point}\n`);
    const how = missed ? 'random' : death.kind === 'point' ? death.point : death.kind;
    this.#reached.set(how, (this.#reached.get(how) ?? 0) + 1);
  }

  /** They were scraped all the time: R33 holds at every scrape. */
  async #judgeMetrics(watcher: Watcher, how: string): Promise<void> {
    await watcher.equation
      .end()
      .catch((error: unknown) => this.#options.findings.add('metrics do not add up', `${how}: ${String(error)}`));
  }

  async #account(how: string, killed: boolean): Promise<number> {
    const { oracle } = this.#options;
    const at = Date.now();
    const before = oracle.admitted;
    const { lastOffset, cursor } = await this.#journal.read((event) => oracle.admit(event));
    oracle.ended({ how, killed, at, lastOffset, cursor });
    return oracle.admitted - before;
  }

  #start(more: Readonly<Record<string, string>>): Promise<Watcher> {
    const { simulator, settings } = this.#options;
    return Watcher.launch(
      { ...simulator.settings, LIVETAP_DATA_DIR: this.#path('data'), ...settings, ...more },
      CRASHING_WATCHER,
    );
  }

  async #add(watcher: Watcher): Promise<void> {
    if (this.#added) return;
    await watcher.add(this.#options.uniqueIds);
    this.#added = true;
  }

  async #keepWhileRunning(watcher: Watcher): Promise<void> {
    let running = true;
    void watcher.program.exited().then(() => (running = false));
    while (running) {
      await this.#journal.keep();
      await pause(KEEP_MS);
    }
  }

  async #allLive(watcher: Watcher): Promise<true | undefined> {
    const { rooms } = await watcher.json<{ rooms: { live?: number } }>('/v1/status');
    return (rooms.live ?? 0) >= this.#options.liveRooms ? true : undefined;
  }

  /** Nothing is under way any more, and the figures add up (R33). */
  async #settled(watcher: Watcher): Promise<true | undefined> {
    const { pending } = checkEquation(await (await watcher.call('/metrics')).text());
    const { journal } = await watcher.json<{ journal: { pendingEvents: number } }>('/v1/status');
    if (pending === 0 && journal.pendingEvents === 0) return true;
    throw new Error(`pending ${pending}, in the journal ${journal.pendingEvents}`);
  }

  #path(name: string): string {
    return join(this.#options.folder, name);
  }
}
