import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';

interface Properties {
  label: string;
  hint?: ComponentChildren;
  /** Gets the id for the field and that of its hint. */
  children: (ids: { id: string; 'aria-describedby'?: string }) => ComponentChildren;
}

/** A field of a form with its label above and a hint below. */
export function Field({ label, hint, children }: Properties) {
  const id = useId();
  const hintId = `${id}-hint`;
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {children(hint === undefined ? { id } : { id, 'aria-describedby': hintId })}
      {hint !== undefined && (
        <span class="hint" id={hintId}>
          {hint}
        </span>
      )}
    </div>
  );
}

interface ChoiceProperties<T extends string> {
  label: string;
  options: Readonly<Record<T, string>>;
  value: T;
  onChange: (value: T) => void;
}

/** A few choices beside each other, one of which counts. */
export function Choice<T extends string>({ label, options, value, onChange }: ChoiceProperties<T>) {
  const name = useId();
  return (
    <fieldset class="choice">
      <legend class="hidden">{label}</legend>
      {(Object.entries(options) as [T, string][]).map(([key, words]) => (
        <label key={key}>
          <input type="radio" name={name} checked={key === value} onChange={() => onChange(key)} />
          <span>{words}</span>
        </label>
      ))}
    </fieldset>
  );
}
