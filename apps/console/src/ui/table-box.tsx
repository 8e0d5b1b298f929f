import type { ComponentChildren } from 'preact';

/** A table. One that is wider than a phone is scrolled by itself, by keyboard as well. */
export function TableBox({ label, children }: { label: string; children: ComponentChildren }) {
  return (
    <div class="table-box" tabIndex={0} role="group" aria-label={label}>
      <table>{children}</table>
    </div>
  );
}
