import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';

interface Properties {
  title: string;
  /** Beside the title: figures, switches. */
  aside?: ComponentChildren;
  class?: string;
  children: ComponentChildren;
}

/** A part of a view with a heading. */
export function Card({ title, aside, class: extra = '', children }: Properties) {
  const id = useId();
  return (
    <section class={`card ${extra}`} aria-labelledby={id}>
      <div class="card-head">
        <h2 id={id}>{title}</h2>
        {aside}
      </div>
      {children}
    </section>
  );
}

/** One figure with its name, and a line below it. */
export function Figure({
  label,
  value,
  note,
  tone = '',
}: {
  label: string;
  value: string;
  note?: ComponentChildren;
  tone?: string;
}) {
  return (
    <div class="figure">
      <dt>{label}</dt>
      <dd>
        <span class={`value ${tone}`}>{value}</span>
        {note !== undefined && <span class="note">{note}</span>}
      </dd>
    </div>
  );
}

/** What stands where there is nothing to show yet, and what to do about it. */
export function Empty({ title, children }: { title: string; children?: ComponentChildren }) {
  return (
    <div class="empty">
      <svg width="72" height="28" viewBox="0 0 72 28" aria-hidden="true" focusable="false">
        <path d="M2 15h18l4-9 8 18 6-13 3 4h29" />
      </svg>
      <p class="empty-title">{title}</p>
      {children !== undefined && <p>{children}</p>}
    </div>
  );
}

/** A failure of the last request, in the service's own words. */
export function Failure({ problem }: { problem: string | undefined }) {
  if (problem === undefined) return null;
  return (
    <p class="failure" role="alert">
      {problem}
    </p>
  );
}

/** How much of something is used: `part` of 0 to 1. */
export function Meter({ label, part, tone }: { label: string; part: number; tone?: 'warn' | 'bad' }) {
  const percent = Math.round(Math.min(1, Math.max(0, part)) * 100);
  return (
    <div
      class={`meter ${tone ?? ''}`}
      role="meter"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={percent}
    >
      <span style={{ width: `${percent}%` }} />
    </div>
  );
}
