import type { StoredEvent } from '../../apps/watcher/src/journal/journal.port.js';
import { withClient } from '../setup/postgres.js';
import { OWN_TYPES } from './delivery-oracle.js';
import { EventTable } from './event-table.js';
import type { Findings } from './findings.js';
import type { AdmissionOracle } from './kill-campaign.js';

/** Figures of all sessions together. */
export interface HistoryTotals {
  readonly sessions: number;
  /** Messages of the wire. */
  readonly events: number;
  readonly diamonds: number;
  readonly gaps: number;
  readonly gapMs: number;
  /** Different people by session: those who wrote, those who gave, everybody. */
  readonly chatters: number;
  readonly gifters: number;
  readonly viewers: number;
}

const SEEN = ['chat', 'member', 'like', 'follow', 'share', 'gift'].map((name) => `livetap.${name}.v1`);

/** What the tables say: each figure in every place where it is kept. */
const FIGURES: Readonly<Record<string, readonly [name: keyof HistoryTotals, sql: string]>> = {
  sessions: ['sessions', 'SELECT count(*) FROM sessions'],
  events: ['events', 'SELECT sum(events) FROM sessions'],
  diamonds: ['diamonds', 'SELECT sum(diamonds) FROM sessions'],
  'diamonds of gifters': ['diamonds', 'SELECT sum(diamonds) FROM session_gifters'],
  'diamonds of gifts': ['diamonds', 'SELECT sum(diamonds) FROM session_gifts'],
  'diamonds of all time': ['diamonds', 'SELECT sum(diamonds) FROM streamer_gifters'],
  gaps: ['gaps', 'SELECT sum(gaps) FROM sessions'],
  'rows of gaps': ['gaps', 'SELECT count(*) FROM session_gaps'],
  'length of gaps': ['gapMs', 'SELECT sum(gap_ms) FROM sessions'],
  'length of the rows of gaps': [
    'gapMs',
    'SELECT sum(extract(epoch FROM ended_at - began_at)) * 1000 FROM session_gaps',
  ],
  chatters: ['chatters', 'SELECT sum(unique_chatters) FROM sessions'],
  gifters: ['gifters', 'SELECT sum(unique_gifters) FROM sessions'],
  'rows of gifters': ['gifters', 'SELECT count(*) FROM session_gifters'],
  viewers: ['viewers', 'SELECT sum(unique_viewers) FROM sessions'],
};

/** Without Kafka history is folded from the journal: its totals must be those of the journal, each event counted once. */
export class HistoryOracle implements AdmissionOracle {
  readonly #table = new EventTable();
  readonly #sessions = new Set<string>();
  readonly #messages = new Set<string>();
  #events = 0;
  #diamonds = 0;
  #gaps = 0;
  #gapMs = 0;
  readonly #chatters = new Set<string>();
  readonly #gifters = new Set<string>();
  readonly #viewers = new Set<string>();

  constructor(private readonly findings: Findings) {}

  /** Whether a message is in the journal. */
  has(room: string, msgId: string): boolean {
    return this.#messages.has(`${room} ${msgId}`);
  }

  get admitted(): number {
    return this.#table.size;
  }

  admit(event: StoredEvent): void {
    const { fresh } = this.#table.admit(event.source, event.id, event.offset, event.value);
    if (!fresh) this.findings.add('admitted twice', `${event.type} ${event.source} ${event.id}`);
    const { sessionid, data } = JSON.parse(event.value.toString()) as {
      sessionid?: string;
      data: { diamonds?: number; durationMs?: number; user?: { id: string }; streak?: { count: number } };
    };
    if (sessionid !== undefined) this.#sessions.add(sessionid);
    if (!OWN_TYPES.has(event.type)) {
      this.#events += 1;
      this.#messages.add(`${event.source.replace('/tiktok/rooms/', '')} ${event.id}`);
    }
    if (event.type === 'livetap.gift.v1') this.#diamonds += data.diamonds ?? 0;
    if (event.type === 'livetap.room.gap.v1') {
      this.#gaps += 1;
      this.#gapMs += data.durationMs ?? 0;
    }
    if (data.user === undefined || !SEEN.includes(event.type) || data.streak?.count === 0) return;
    const person = `${sessionid ?? ''} ${data.user.id}`;
    this.#viewers.add(person);
    if (event.type === 'livetap.chat.v1') this.#chatters.add(person);
    if (event.type === 'livetap.gift.v1') this.#gifters.add(person);
  }

  ended(): void {
    // How a life ended does not matter to the totals.
  }

  /** Compares with the tables, when everything is folded. */
  async judge(database: string): Promise<HistoryTotals> {
    const expected = {
      sessions: this.#sessions.size,
      events: this.#events,
      diamonds: this.#diamonds,
      gaps: this.#gaps,
      gapMs: this.#gapMs,
      chatters: this.#chatters.size,
      gifters: this.#gifters.size,
      viewers: this.#viewers.size,
    };
    await withClient(database, async (client) => {
      for (const [figure, [name, sql]] of Object.entries(FIGURES)) {
        const { rows } = await client.query<{ found: string | null }>(`SELECT (${sql}) AS found`);
        const found = Number(rows[0]?.found ?? 0);
        if (found !== expected[name])
          this.findings.add('wrong history', `${figure}: ${found}, in the journal ${expected[name]}`);
      }
    });
    return expected;
  }
}
