import type { Person } from '../api/types.js';
import { toHistory, toStreamer } from '../router.js';

const COLOURS = 6;

/** The best that is known of what a viewer is called. */
export function personName({ nickname, uniqueId, id }: Person): string {
  return nickname ?? uniqueId ?? id;
}

/** A person's or streamer's name as they wrote it: in its own direction, whatever stands around it. */
export function Name({ text }: { text: string }) {
  return (
    <bdi class="name" title={text}>
      {text}
    </bdi>
  );
}

/** Pictures would have to be fetched from TikTok, which the page does not do: a letter in a colour of the name's own. */
export function Avatar({ name, of, large = false }: { name: string; of: string; large?: boolean }) {
  const letter = [...new Intl.Segmenter().segment(name.trim())][0]?.segment ?? '?';
  let sum = 0;
  for (const character of of) sum = (sum * 31 + (character.codePointAt(0) ?? 0)) % 997;
  return (
    <span class={`avatar hue${sum % COLOURS}${large ? ' large' : ''}`} aria-hidden="true">
      {letter.toUpperCase()}
    </span>
  );
}

interface WhoProperties {
  uniqueId: string;
  nickname?: string | undefined;
}

/** A streamer: picture, name and handle, as a link to the room's page. */
export function StreamerLink({ uniqueId, nickname }: WhoProperties) {
  return (
    <a class="who" href={toStreamer(uniqueId)}>
      <Avatar name={nickname ?? uniqueId} of={uniqueId} />
      <span class="who-text">
        <Name text={nickname ?? uniqueId} />
        <span class="handle">@{uniqueId}</span>
      </span>
    </a>
  );
}

/** A streamer of whom only the name is known, as a link to its history. */
export function HistoryLink({ uniqueId }: { uniqueId: string }) {
  return (
    <a class="who" href={toHistory(uniqueId)}>
      <Avatar name={uniqueId} of={uniqueId} />
      <span class="who-text">
        <Name text={`@${uniqueId}`} />
      </span>
    </a>
  );
}
