import { describe, expect, it } from 'vitest';
import { historyFile, streamersFile } from './exports.js';

describe('files to download', () => {
  it('asks for the part that is shown, under a name that every system takes', () => {
    expect(historyFile('sessions', 'csv', {})).toEqual({
      path: '/v1/exports/sessions.csv',
      name: 'livetap-sessions.csv',
    });
    expect(historyFile('gifters', 'ndjson', { session: '7300-2' })).toEqual({
      path: '/v1/exports/gifters.ndjson?session=7300-2',
      name: 'livetap-gifters-7300-2.ndjson',
    });
    expect(
      historyFile('sessions', 'csv', {
        streamer: 'id:42',
        from: '2026-11-01T00:00:00.000Z',
        to: '2026-11-26T10:00:00.000Z',
      }),
    ).toEqual({
      path: '/v1/exports/sessions.csv?streamer=id%3A42&from=2026-11-01T00%3A00%3A00.000Z&to=2026-11-26T10%3A00%3A00.000Z',
      name: 'livetap-sessions-id-42-2026-11-01-2026-11-26.csv',
    });
    expect(streamersFile('json')).toEqual({ path: '/v1/exports/streamers.json', name: 'livetap-streamers.json' });
  });
});
