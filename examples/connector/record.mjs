// Records every message as it came, one JSON line each, and reads the file again at the end.
//   node record.mjs <name> --file recording.jsonl
import { createReadStream, createWriteStream } from 'node:fs';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { codecForMethod, ControlEvent, TikTokLiveConnection } from '@livetap/connector';
import { commandLine } from './command-line.mjs';

const { name, options, flags } = commandLine({ file: { type: 'string', default: 'recording.jsonl' } });
const connection = new TikTokLiveConnection(name, options);
const file = createWriteStream(flags.file);

// Also of types that the library does not know: what is in the file can be decoded later.
connection.on(ControlEvent.RAW_DATA, (method, bytes) => {
  file.write(`${JSON.stringify({ at: Date.now(), method, payload: Buffer.from(bytes).toString('base64') })}\n`);
});
connection.on(ControlEvent.ERROR, ({ info, exception }) => console.error(info, exception));
process.once('SIGINT', () => void connection.disconnect());

const { roomId } = await connection.connect();
console.log(`recording room ${roomId}`);
await once(connection, ControlEvent.DISCONNECTED);
file.end();
await once(file, 'finish');

const methods = new Map();
for await (const line of createInterface({ input: createReadStream(flags.file) })) {
  const { method, payload } = JSON.parse(line);
  codecForMethod(method)?.decode(Buffer.from(payload, 'base64'));
  methods.set(method, (methods.get(method) ?? 0) + 1);
}
for (const [method, count] of methods) console.log(`${count} x ${method}`);
