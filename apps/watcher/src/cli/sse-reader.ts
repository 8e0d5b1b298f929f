/** One block of a stream of server-sent events. Only what was sent is there. */
export interface ServerSentBlock {
  /** The place to go on from; our heartbeats have one without any data, which readers of events in general drop. */
  readonly id?: string;
  readonly event?: string;
  readonly data?: string;
  /** The last comment, such as why the server ends the stream. */
  readonly comment?: string;
}

/** More than any event has: a stream without line breaks is none of ours. */
const MAX_LINE = 64 * 1024 * 1024;
const FIELDS: readonly string[] = ['id', 'event', 'data'];

/**
 * Reads server-sent events (WHATWG HTML, 9.2.6) as they come; fields that this command has no use for are left out. Ends with the stream;
 * what was not finished by a blank line then is none.
 * @throws what the stream fails with
 */
export async function* readServerSentEvents(stream: AsyncIterable<Uint8Array>): AsyncGenerator<ServerSentBlock> {
  const decoder = new TextDecoder();
  let rest = '';
  let block: Record<string, string> = {};
  for await (const bytes of stream) {
    // A break of two characters may be cut between them: the first is kept until the second has come.
    const text = rest + decoder.decode(bytes, { stream: true });
    const whole = text.endsWith('\r') ? text.slice(0, -1) : text;
    const lines = whole.split(/\r\n|\n|\r/);
    rest = (lines.pop() ?? '') + text.slice(whole.length);
    if (rest.length > MAX_LINE) throw new Error('a line of the stream is longer than any event');
    for (const line of lines) {
      if (line !== '') take(line, block);
      else {
        if (Object.keys(block).length > 0) yield block;
        block = {};
      }
    }
  }
}

function take(line: string, block: Record<string, string>): void {
  const colon = line.indexOf(':');
  const name = colon === -1 ? line : line.slice(0, colon);
  const value = colon === -1 ? '' : line.slice(colon + 1).replace(/^ /, '');
  if (name === '') block['comment'] = value;
  else if (name === 'data' && block['data'] !== undefined) block['data'] += `\n${value}`;
  else if (FIELDS.includes(name)) block[name] = value;
}
