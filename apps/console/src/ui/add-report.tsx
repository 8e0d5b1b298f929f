import type { AddReport } from '../api/resources.js';
import { counted, whole } from '../format.js';

const SHOWN_FAULTS = 50;

/** What became of the streamers that were sent, in words; the ones that could not be added apart. */
export function reportWords({ created, known }: AddReport): string {
  const parts = [
    ...(created > 0 ? [`${counted(created, 'streamer')} added; the first check follows at once.`] : []),
    ...(known > 0 ? [`${whole(known)} known already.`] : []),
  ];
  return parts.join(' ');
}

/** Which ones could not be added, and why; nothing when all could. */
export function NotAdded({ report }: { report: AddReport | undefined }) {
  if (report === undefined || report.invalid.length === 0) return null;
  return (
    <div class="failure" role="alert">
      <p>{`${reportWords(report)} ${counted(report.invalid.length, 'name')} could not be added:`}</p>
      <ul>
        {report.invalid.slice(0, SHOWN_FAULTS).map(({ name, reason }) => (
          <li key={name}>
            <b>{name}</b> {reason}
          </li>
        ))}
      </ul>
    </div>
  );
}
