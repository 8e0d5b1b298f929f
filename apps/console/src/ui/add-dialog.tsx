import { useMemo, useState } from 'preact/hooks';
import { addStreamers, type AddReport } from '../api/resources.js';
import { pastedNames, typedLabels } from '../data/names.js';
import { useApi } from '../data/use-api.js';
import { counted, whole } from '../format.js';
import { NotAdded, reportWords } from './add-report.js';
import { Failure } from './card.js';
import { Dialog } from './dialog.js';
import { Field } from './field.js';
import { useAction } from './use-action.js';

/** Adds streamers by their names, one or a pasted list, and says what became of each. */
export function AddDialog({ onClose, onAdded }: { onClose: () => void; onAdded: () => void }) {
  const api = useApi();
  const action = useAction();
  const [text, setText] = useState('');
  const [labels, setLabels] = useState('');
  const [paused, setPaused] = useState(false);
  const [sent, setSent] = useState(0);
  const [report, setReport] = useState<AddReport>();
  const { names, repeated } = useMemo(() => pastedNames(text), [text]);

  const add = async (): Promise<void> => {
    setSent(0);
    await action.run(async () => {
      const extra = { ...(paused ? { paused } : {}), ...(labels.trim() === '' ? {} : { labels: typedLabels(labels) }) };
      const answer = await addStreamers(api, names, extra, setSent);
      onAdded();
      setReport(answer);
      if (answer.invalid.length > 0) {
        setText(answer.invalid.map(({ name }) => name).join('\n'));
        return undefined;
      }
      onClose();
      return reportWords(answer);
    });
  };

  return (
    <Dialog title="Add streamers" onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void add();
        }}
      >
        <Field label="Names" hint={namesHint(names.length, repeated)}>
          {(ids) => (
            <textarea
              {...ids}
              rows={6}
              value={text}
              placeholder={'@some.name\nanother_name, https://www.tiktok.com/@third'}
              autocomplete="off"
              spellcheck={false}
              required
              onInput={(event) => setText(event.currentTarget.value)}
            />
          )}
        </Field>
        <Field label="Labels" hint="Separated by commas; given to each of them.">
          {(ids) => (
            <input
              {...ids}
              value={labels}
              autocomplete="off"
              onInput={(event) => setLabels(event.currentTarget.value)}
            />
          )}
        </Field>
        <label class="check">
          <input type="checkbox" checked={paused} onChange={(event) => setPaused(event.currentTarget.checked)} />
          Do not watch them yet
        </label>
        <Failure problem={action.problem} />
        <NotAdded report={report} />
        {action.busy && names.length > 0 && (
          <progress max={names.length} value={sent} aria-label="Names sent">{`${sent} of ${names.length}`}</progress>
        )}
        <div class="dialog-foot">
          <button type="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" class="primary" disabled={action.busy || names.length === 0}>
            {names.length > 1 ? `Add ${counted(names.length, 'streamer')}` : 'Add streamer'}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

function namesHint(count: number, repeated: number): string {
  if (count === 0)
    return 'Names, with or without @, or links to profiles. Paste a whole list: lines, commas and CSV work.';
  return `${counted(count, 'name')}${repeated > 0 ? `, ${whole(repeated)} given more than once` : ''}.`;
}
