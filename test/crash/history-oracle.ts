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
}

/** Without Kafka history is folded from the journal: its totals must be those of the journal, each event counted once. */
export class HistoryOracle implements AdmissionOracle {
  readonly #table = new EventTable();
  readonly #sessions = new Set<string>();
  #events = 0;
  #diamonds = 0;
  #gaps = 0;

  constructor(private readonly findings: Findings) {}

  get admitted(): number {
    return this.#table.size;
  }

  admit(event: StoredEvent): void {
    const { fresh } = this.#table.admit(event.source, event.id, event.offset, event.value);
    if (!fresh) this.findings.add('admitted twice', `${event.type} ${event.source} ${event.id}`);
    const { sessionid, data } = JSON.parse(event.value.toString()) as {
      sessionid?: string;
      data: { diamonds?: number };
    };
    if (sessionid !== undefined) this.#sessions.add(sessionid);
    if (!OWN_TYPES.has(event.type)) this.#events += 1;
    if (event.type === 'livetap.gift.v1') this.#diamonds += data.diamonds ?? 0;
    if (event.type === 'livetap.room.gap.v1') this.#gaps += 1;
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
    };
    const { rows } = await withClient(database, (client) =>
      client.query<Record<keyof HistoryTotals, string>>(
        'SELECT count(*) AS sessions, sum(events) AS events, sum(diamonds) AS diamonds, sum(gaps) AS gaps FROM sessions',
      ),
    );
    for (const name of ['sessions', 'events', 'diamonds', 'gaps'] as const) {
      const found = Number(rows[0]?.[name] ?? 0);
      if (found !== expected[name])
        this.findings.add('wrong history', `${name}: ${found}, in the journal ${expected[name]}`);
    }
    return expected;
  }
}
