import type { ComponentChildren } from 'preact';
import type { Battle, BattleSide } from '../../api/types.js';
import { clock, compact, duration } from '../../format.js';
import { Badge } from '../../ui/badge.js';
import { Card, Empty } from '../../ui/card.js';
import { Name, personName } from '../../ui/name.js';

/** A battle of teams names its hosts as well: then the teams are the sides. */
function sidesOf({ sides }: Battle): readonly BattleSide[] {
  const teams = sides.filter(({ kind }) => kind === 'team');
  return teams.length > 0 ? teams : sides;
}

/** Battles with their sides, the newest first. */
export function BattleCard({ battles, aside }: { battles: readonly Battle[] | undefined; aside?: ComponentChildren }) {
  return (
    <Card title="Battles" aside={aside}>
      {battles === undefined || battles.length === 0 ? (
        <Empty title={battles === undefined ? 'Loading' : 'No battle'} />
      ) : (
        <ul class="battles">
          {[...battles].reverse().map((battle) => (
            <li key={battle.id}>
              <p class="battle-line">
                {clock(battle.startedAt ?? battle.firstSeenAt, false)}
                {battle.durationSeconds !== undefined && ` · ${duration(battle.durationSeconds * 1_000)}`}
                <Badge tone={battle.endedAt === undefined ? 'good' : 'quiet'}>
                  {battle.endedAt === undefined ? 'Under way' : battle.cutShort ? 'Cut short' : 'Over'}
                </Badge>
              </p>
              <Sides sides={sidesOf(battle)} />
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}

function Sides({ sides }: { sides: readonly BattleSide[] }) {
  const highest = Math.max(1, ...sides.map(({ score }) => score));
  return (
    <ul class="sides">
      {sides.map((side, index) => (
        <li key={side.id} class={side.won === true ? 'won' : ''}>
          <span class="side-name">
            <Name text={side.kind === 'team' ? `Team ${side.id}` : personName(side)} />
            {side.won === true && <span class="won-mark">won</span>}
          </span>
          <b>{compact(side.score)}</b>
          <span class={`bar colour${index}`} style={{ width: `${(side.score / highest) * 100}%` }} aria-hidden="true" />
          {side.contributors.length > 0 && (
            <span class="note">
              {'Most from '}
              {side.contributors.slice(0, 3).map(({ viewer }, place) => (
                <span key={viewer.id}>
                  {place > 0 && ', '}
                  <bdi>{personName(viewer)}</bdi>
                </span>
              ))}
            </span>
          )}
        </li>
      ))}
    </ul>
  );
}
