import { compact, whole } from '../../format.js';

interface Properties {
  value: number;
  /** That of the first. */
  highest: number;
  /** Diamonds have a colour of their own everywhere on the page. */
  gold: boolean;
}

/** The figure that decides, with how far it is from the first. */
export function Standing({ value, highest, gold }: Properties) {
  return (
    <td class={`number standing${gold ? ' gold' : ''}`} title={whole(value)}>
      <span class="share" style={{ width: `${(value / Math.max(1, highest)) * 100}%` }} aria-hidden="true" />
      <b>{compact(value)}</b>
    </td>
  );
}
