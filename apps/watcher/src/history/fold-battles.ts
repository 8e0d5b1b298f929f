import { isRecord, readCount, readId, readRecords, readTime, type EventFacts } from './event-facts.js';
import type { ViewerFold } from './fold-viewers.js';
import type {
  BattleContributor,
  BattleDelta,
  BattleScorePoint,
  BattleSideDelta,
  BattleSideKey,
  FoldedBattles,
} from './folded-batch.js';

/** Events that tell of battles. */
export const BATTLE_EVENTS: ReadonlySet<string> = new Set(['linkMicBattle', 'linkMicArmies']);

/** Length of an interval of the points over time: a battle of 5 minutes has 60 points for each side. */
const SCORE_INTERVAL_MS = 5_000;
/** Beyond it points are damaged; the database's integers hold what is left. */
const MAX_SCORE = 1_000_000_000_000;
const MAX_SECONDS = 2_000_000_000;
const ENDS = new Set(['BATTLE_ACTION_FINISH', 'BATTLE_ACTION_CUT_SHORT']);
const ENDED = new Set(['BATTLE_FINISHED', 'BATTLE_PUNISH_STARTED', 'BATTLE_PUNISH_FINISHED']);
/** TikTok names a kind or a result in fewer characters. */
const MAX_NAME = 60;

type Fields = Readonly<Record<string, unknown>>;

/** The battles of a batch. All figures are maxima or minima. */
export class BattleFold {
  readonly #battles = new Map<string, BattleDelta>();
  readonly #sides = new Map<string, BattleSideDelta>();
  readonly #scores = new Map<string, BattleScorePoint>();
  readonly #contributors = new Map<string, BattleContributor>();

  /** `viewers` learns the names of hosts and supporters. */
  constructor(private readonly viewers: ViewerFold) {}

  /** Takes one of {@link BATTLE_EVENTS}. What does not say which battle it is of is passed over. */
  add(event: EventFacts): void {
    const { data } = event;
    const battleId = readId(data['battleId']);
    if (battleId === undefined) return;
    const battle = this.#battle(event, battleId);
    const ended = this.#describe(battle, event);
    for (const army of readRecords(data['armies'])) this.#points(event, battleId, 'host', readId(army['hostId']), army);
    for (const team of readRecords(data['teams'])) {
      const teamId = readId(team['teamId']);
      this.#points(event, battleId, 'team', teamId, team);
      for (const hostId of list(team['hostIds']).flatMap((id) => readId(id) ?? [])) {
        const side = this.#side({ sessionId: event.sessionId, battleId, kind: 'host', sideId: hostId });
        if (teamId !== undefined && BigInt(teamId) > BigInt(side.teamId ?? 0)) side.teamId = teamId;
      }
    }
    for (const host of readRecords(data['hosts'])) this.#host(event, battleId, host, ended);
  }

  folded(): FoldedBattles {
    return {
      battles: [...this.#battles.values()],
      sides: [...this.#sides.values()],
      scores: [...this.#scores.values()],
      contributors: [...this.#contributors.values()],
    };
  }

  #battle({ sessionId, recordedAt }: EventFacts, battleId: string): BattleDelta {
    const key = `${battleId} ${sessionId}`;
    const battle = this.#battles.get(key) ?? {
      sessionId,
      battleId,
      firstSeenAt: recordedAt,
      lastSeenAt: recordedAt,
      cutShort: false,
    };
    this.#battles.set(key, battle);
    battle.firstSeenAt = Math.min(battle.firstSeenAt, recordedAt);
    battle.lastSeenAt = Math.max(battle.lastSeenAt, recordedAt);
    return battle;
  }

  /** @returns whether the event says that the battle is over */
  #describe(battle: BattleDelta, { data, recordedAt }: EventFacts): boolean {
    const settings = isRecord(data['settings']) ? data['settings'] : {};
    const startedAt = readTime(settings['startedAt']);
    const endsAt = readTime(settings['endsAt']);
    const seconds = Math.min(readCount(settings['durationSeconds']), MAX_SECONDS);
    if (startedAt !== undefined) battle.startedAt = Math.min(battle.startedAt ?? startedAt, startedAt);
    if (endsAt !== undefined) battle.endsAt = Math.max(battle.endsAt ?? endsAt, endsAt);
    if (seconds > 0) battle.durationSeconds = Math.max(battle.durationSeconds ?? 0, seconds);
    battle.type = greater(battle.type, text(settings['type']));
    if (data['action'] === 'BATTLE_ACTION_CUT_SHORT') battle.cutShort = true;
    const ended =
      ENDS.has(text(data['action']) ?? '') ||
      ENDED.has(text(settings['status']) ?? '') ||
      data['reason'] === 'TRIGGER_REASON_BATTLE_END';
    if (ended) battle.endedAt = Math.min(battle.endedAt ?? recordedAt, recordedAt);
    return ended;
  }

  #host(event: EventFacts, battleId: string, host: Fields, ended: boolean): void {
    const user = isRecord(host['user']) ? host['user'] : {};
    const hostId = readId(user['id']);
    if (hostId === undefined) return;
    this.viewers.name(hostId, user, event.recordedAt);
    const side = this.#side({ sessionId: event.sessionId, battleId, kind: 'host', sideId: hostId });
    // Before the end TikTok may send results that are none yet.
    const result = ended ? text(host['result']) : undefined;
    if (result === undefined) return;
    side.result = greater(side.result, result);
    side.finalScore = Math.max(side.finalScore ?? 0, score(host['score']));
  }

  #points(event: EventFacts, battleId: string, kind: 'host' | 'team', sideId: string | undefined, army: Fields): void {
    if (sideId === undefined) return;
    const { sessionId, recordedAt } = event;
    const key = { sessionId, battleId, kind, sideId };
    const points = score(army['score']);
    const side = this.#side(key);
    side.score = Math.max(side.score, points);
    const at = Math.floor(recordedAt / SCORE_INTERVAL_MS) * SCORE_INTERVAL_MS;
    raise(this.#scores, `${at} ${nameOf(key)}`, { ...key, at, score: points });
    for (const supporter of readRecords(army['supporters'])) {
      const user = isRecord(supporter['user']) ? supporter['user'] : {};
      const viewerId = readId(user['id']);
      if (viewerId === undefined) continue;
      this.viewers.name(viewerId, user, recordedAt);
      raise(this.#contributors, `${viewerId} ${nameOf(key)}`, { ...key, viewerId, score: score(supporter['score']) });
    }
  }

  #side(key: BattleSideKey): BattleSideDelta {
    const name = nameOf(key);
    const side = this.#sides.get(name) ?? { ...key, score: 0 };
    this.#sides.set(name, side);
    return side;
  }
}

function nameOf({ kind, sideId, battleId, sessionId }: BattleSideKey): string {
  return `${kind} ${sideId} ${battleId} ${sessionId}`;
}

function raise<T extends { score: number }>(rows: Map<string, T>, key: string, row: T): void {
  const known = rows.get(key);
  if (known === undefined) rows.set(key, row);
  else known.score = Math.max(known.score, row.score);
}

function score(value: unknown): number {
  return Math.min(readCount(value), MAX_SCORE);
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value.slice(0, MAX_NAME) : undefined;
}

/** As the database compares text in the collation "C": these are ASCII names. */
function greater(known: string | undefined, value: string | undefined): string | undefined {
  return known === undefined || (value !== undefined && value > known) ? value : known;
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
