// A program as a user writes it, with the client that openapi-typescript made of /openapi.json. Run by npm run openapi.
import process from 'node:process';
import createClient from 'openapi-fetch';
import type { paths } from './api.js';

const [url = '', key = ''] = process.argv.slice(2);
const client = createClient<paths>({ baseUrl: url, headers: { authorization: `Bearer ${key}` } });

function must<T>(what: string, value: T | undefined): T {
  if (value === undefined) throw new Error(`${what} has no answer`);
  return value;
}

const added = await client.POST('/v1/streamers', { body: { uniqueId: 'typed.in.typescript', labels: ['typed'] } });
const streamer = must('POST /v1/streamers', added.data);
// One streamer or the answer to a list: the type knows both.
if (!('uniqueId' in streamer) || streamer.labels[0] !== 'typed') throw new Error(JSON.stringify(added.data));

const again = await client.POST('/v1/streamers', { body: { uniqueId: 'typed.in.typescript' } });
if (again.response.status !== 409 || again.error?.code !== 'WATCHER_STREAMER_EXISTS') throw new Error('no problem');

const path = { uniqueId: 'typed.in.typescript' };
const changed = await client.PATCH('/v1/streamers/{uniqueId}', { params: { path }, body: { paused: true } });
if (must('PATCH', changed.data).paused !== true) throw new Error('not paused');

const page = await client.GET('/v1/streamers', { params: { query: { limit: 1, label: 'typed' } } });
if (must('GET /v1/streamers', page.data).streamers.length !== 1) throw new Error('not listed');

const removed = await client.DELETE('/v1/streamers/{uniqueId}', { params: { path, query: { purge: 'true' } } });
if (removed.response.status !== 204) throw new Error(`not removed: ${removed.response.status}`);

const audit = must('GET /v1/audit', (await client.GET('/v1/audit', { params: { query: { limit: 3 } } })).data);
console.log(`typescript: ${audit.entries.map(({ action }) => action).join(', ')}`);
