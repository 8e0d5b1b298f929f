import type { ComponentChildren } from 'preact';
import type { Gifter, GivenGift } from '../../api/types.js';
import { compact, counted, whole } from '../../format.js';
import { Card, Empty } from '../../ui/card.js';
import { Name, personName } from '../../ui/name.js';

interface GifterProperties {
  title: string;
  gifters: readonly Gifter[] | undefined;
  aside?: ComponentChildren;
}

/** Who gave the most diamonds. */
export function GifterCard({ title, gifters, aside }: GifterProperties) {
  const highest = gifters?.[0]?.diamonds ?? 1;
  return (
    <Card title={title} aside={aside}>
      {gifters === undefined || gifters.length === 0 ? (
        <Empty title={gifters === undefined ? 'Loading' : 'Nobody gave yet'} />
      ) : (
        <ol class="ranking">
          {gifters.map(({ viewer, gifts, diamonds, sessions }) => (
            <li key={viewer.id}>
              <span class="share" style={{ width: `${(diamonds / Math.max(1, highest)) * 100}%` }} aria-hidden="true" />
              <span class="ranking-who">
                <Name text={personName(viewer)} />
                {viewer.uniqueId !== undefined && viewer.nickname !== undefined && (
                  <span class="handle">@{viewer.uniqueId}</span>
                )}
              </span>
              <span class="ranking-figure">
                <b>{compact(diamonds)}</b>
                <span class="note">
                  {sessions === undefined
                    ? counted(gifts, 'gift')
                    : `${counted(gifts, 'gift')}, ${counted(sessions, 'LIVE', 'LIVEs')}`}
                </span>
              </span>
            </li>
          ))}
        </ol>
      )}
    </Card>
  );
}

/** Which gifts brought the most diamonds. */
export function GiftCard({ gifts, aside }: { gifts: readonly GivenGift[] | undefined; aside?: ComponentChildren }) {
  const highest = gifts?.[0]?.diamonds ?? 1;
  return (
    <Card title="Gifts" aside={aside}>
      {gifts === undefined || gifts.length === 0 ? (
        <Empty title={gifts === undefined ? 'Loading' : 'No gift yet'} />
      ) : (
        <ol class="ranking">
          {gifts.map(({ gift, count, diamonds }) => (
            <li key={gift.id}>
              <span class="share" style={{ width: `${(diamonds / Math.max(1, highest)) * 100}%` }} aria-hidden="true" />
              <span class="ranking-who">
                <Name text={gift.name ?? `Gift ${gift.id}`} />
                {gift.diamondsEach !== undefined && <span class="handle">{whole(gift.diamondsEach)} each</span>}
              </span>
              <span class="ranking-figure">
                <b>{compact(diamonds)}</b>
                <span class="note">×{compact(count)}</span>
              </span>
            </li>
          ))}
        </ol>
      )}
    </Card>
  );
}
