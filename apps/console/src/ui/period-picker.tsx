import { ownRange, type PeriodChoice } from '../data/period.js';
import { Choice } from './field.js';

interface Properties<Name extends string> {
  /** The periods to choose from; one of them is `own`. */
  periods: Readonly<Record<Name, string>>;
  value: PeriodChoice<Name>;
  onChange: (value: PeriodChoice<Name>) => void;
}

/** A stretch of time up to now, or one of whole days. */
export function PeriodPicker<Name extends PeriodChoice['name']>({ periods, value, onChange }: Properties<Name>) {
  const choose = (name: Name): void => {
    onChange(name === 'own' ? { ...ownRange(value, Date.now()), name } : { ...value, name });
  };
  return (
    <div class="period">
      <Choice label="Period" options={periods} value={value.name} onChange={choose} />
      {value.name === 'own' && (
        <>
          <label class="inline">
            First day
            <input
              type="date"
              value={value.from}
              max={value.to}
              onChange={(event) => onChange({ ...value, from: event.currentTarget.value })}
            />
          </label>
          <label class="inline">
            Last day
            <input
              type="date"
              value={value.to}
              min={value.from}
              onChange={(event) => onChange({ ...value, to: event.currentTarget.value })}
            />
          </label>
        </>
      )}
    </div>
  );
}
