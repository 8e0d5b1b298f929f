import type { Session } from '../../api/types.js';
import { compact, counted, whole } from '../../format.js';
import { Figure } from '../../ui/card.js';

/** The totals of a session, as they stand. */
export function SessionFigures({ session }: { session: Session }) {
  const {
    peakViewers,
    averageViewers,
    totalViewers,
    diamonds,
    gifts,
    uniqueGifters,
    likes,
    chats,
    uniqueChatters,
    newFollowers,
    followersLast,
    shares,
  } = session;
  return (
    <dl class="figures">
      <Figure
        label="Peak viewers"
        value={compact(peakViewers)}
        note={averageViewers === undefined ? undefined : `${whole(averageViewers)} average`}
      />
      <Figure
        label="Diamonds"
        value={compact(diamonds)}
        tone="gold"
        note={`${counted(gifts, 'gift')} by ${compact(uniqueGifters)}`}
      />
      <Figure label="Chats" value={compact(chats)} note={`by ${counted(uniqueChatters, 'person', 'people')}`} />
      <Figure label="Likes" value={compact(likes)} note={counted(shares, 'share')} />
      <Figure
        label="Followers"
        value={`+${compact(newFollowers)}`}
        note={followersLast === undefined ? undefined : `${compact(followersLast)} in all`}
      />
      <Figure
        label="People"
        value={compact(session.uniqueViewers)}
        note={totalViewers === undefined ? 'who did something' : `${compact(totalViewers)} came`}
      />
    </dl>
  );
}
