import { useState } from 'preact/hooks';
import type { AuditEntry, AuditPage } from '../../api/types.js';
import { usePoll } from '../../data/use-api.js';
import { dayAndTime, relative } from '../../format.js';
import { Card, Empty, Failure } from '../../ui/card.js';
import { TableBox } from '../../ui/table-box.js';

const REFRESH_MS = 8_000;
const PAGE = 30;

/** Who changed what, newest first. */
export function AuditCard({ now }: { now: number }) {
  const [shown, setShown] = useState(PAGE);
  const { data, problem } = usePoll(
    (api, signal) => api.call<AuditPage>(`/v1/audit?limit=${shown}`, { signal }),
    REFRESH_MS,
    [shown],
  );
  const entries = data?.entries ?? [];
  return (
    <Card title="Who changed what">
      <Failure problem={problem} />
      {entries.length === 0 ? (
        problem === undefined && <Empty title={data === undefined ? 'Loading' : 'Nothing was changed yet'} />
      ) : (
        <TableBox label="Table of changes">
          <thead>
            <tr>
              <th scope="col">When</th>
              <th scope="col">Who</th>
              <th scope="col">What</th>
              <th scope="col">Of</th>
              <th scope="col">Details</th>
            </tr>
          </thead>
          <tbody>
            {entries.map((entry) => (
              <tr key={entry.id}>
                <td title={dayAndTime(entry.at)}>{relative(entry.at, now)}</td>
                <td>{entry.actor}</td>
                <th scope="row">{entry.action}</th>
                <td>{entry.target ?? ''}</td>
                <td class="note">{detailsOf(entry)}</td>
              </tr>
            ))}
          </tbody>
        </TableBox>
      )}
      {data?.nextCursor !== undefined && shown < 200 && (
        <p class="more">
          <button type="button" onClick={() => setShown(Math.min(200, shown + PAGE * 3))}>
            More
          </button>
        </p>
      )}
    </Card>
  );
}

function detailsOf({ details }: AuditEntry): string {
  return Object.entries(details)
    .map(([name, value]) => `${name}: ${Array.isArray(value) ? value.join(', ') : String(value)}`)
    .join(' · ');
}
