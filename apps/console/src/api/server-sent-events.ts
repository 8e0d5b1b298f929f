/** One block of a stream of server-sent events. */
export interface SentEvent {
  type: string;
  /** The id that the block carries; undefined: it carries none, the one before still counts. */
  id: string | undefined;
  /** Empty for blocks that only carry an id or a comment. */
  data: string;
}

/** Takes text as it arrives, cut anywhere, and gives the blocks that are complete, in order. */
export class SentEventParser {
  #rest = '';

  push(text: string): SentEvent[] {
    const blocks = (this.#rest + text).split('\n\n');
    this.#rest = blocks.pop() ?? '';
    return blocks.map(parseBlock);
  }
}

function parseBlock(block: string): SentEvent {
  let type = 'message';
  let id: string | undefined;
  let data = '';
  for (const line of block.split('\n')) {
    if (line.startsWith('id:')) id = line.slice(3).trim();
    else if (line.startsWith('event:')) type = line.slice(6).trim();
    else if (line.startsWith('data:')) data += line.slice(5).trimStart();
  }
  return { type, id, data };
}
