import { useState } from 'preact/hooks';
import { importStreamers, type AddReport } from '../api/resources.js';
import { useApi } from '../data/use-api.js';
import { NotAdded, reportWords } from './add-report.js';
import { FormDialog } from './dialog.js';
import { Field } from './field.js';
import { useAction } from './use-action.js';

/** The service takes no larger body; a list of as many streamers as it takes at once is far smaller. */
const MOST_BYTES = 1024 ** 2;

/** Adds the streamers of a CSV file with their labels and settings, and says what became of each. */
export function ImportDialog({ onClose, onAdded }: { onClose: () => void; onAdded: () => void }) {
  const api = useApi();
  const action = useAction();
  const [file, setFile] = useState<File>();
  const [report, setReport] = useState<AddReport>();

  const send = async (): Promise<void> => {
    if (file === undefined) return;
    setReport(undefined);
    await action.run(async () => {
      if (file.size > MOST_BYTES)
        throw new Error('This file is larger than 1 MiB: more than a list of 1,000 streamers.');
      const answer = await importStreamers(api, await file.text());
      onAdded();
      setReport(answer);
      if (answer.invalid.length > 0) return undefined;
      onClose();
      return reportWords(answer);
    });
  };

  return (
    <FormDialog
      title="Import streamers"
      action="Import"
      busy={action.busy}
      problem={action.problem}
      onSubmit={() => void send()}
      onClose={onClose}
    >
      <Field
        label="CSV file"
        hint="A heading, then a line for each streamer, up to 1,000: uniqueId and, as wanted, labels, priority and the other columns of the downloaded list. Known streamers stay as they are."
      >
        {(ids) => (
          <input
            {...ids}
            type="file"
            accept=".csv,text/csv"
            required
            onChange={(event) => setFile(event.currentTarget.files?.[0])}
          />
        )}
      </Field>
      <NotAdded report={report} />
    </FormDialog>
  );
}
