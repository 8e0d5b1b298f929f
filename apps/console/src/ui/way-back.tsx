import type { ComponentChildren } from 'preact';
import { Icon } from './icon.js';

/** The link to where a view was opened from; its words name that place. */
export function WayBack({ to, children }: { to: string; children: ComponentChildren }) {
  return (
    <p class="way-back">
      <a href={to}>
        <Icon name="back" size={16} /> {children}
      </a>
    </p>
  );
}
