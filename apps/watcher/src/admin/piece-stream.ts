import { Readable } from 'node:stream';

/**
 * A stream of pieces of text. The first piece is there when this resolves, so that what is wrong so far is answered as a
 * problem; the others are asked for as the stream is read. Whoever destroys the stream ends the pieces.
 * @throws what the first piece throws
 */
export async function openPieces(pieces: AsyncGenerator<string, void, undefined>): Promise<Readable> {
  const first = await pieces.next();
  const stream = Readable.from(joined(first.done === true ? '' : first.value, pieces), { objectMode: false });
  // A stream that nobody has read from yet does not end its source by itself.
  stream.once('close', () => void pieces.return());
  return stream;
}

/** Headers of an answer that is to be kept as a file. */
export function fileHeaders(name: string, mediaType: string): Record<string, string> {
  return {
    'content-type': `${mediaType}; charset=utf-8`,
    'content-disposition': `attachment; filename="${name}"`,
    'cache-control': 'no-store',
  };
}

async function* joined(first: string, rest: AsyncIterable<string>): AsyncGenerator<Buffer, void, undefined> {
  if (first !== '') yield Buffer.from(first);
  for await (const piece of rest) if (piece !== '') yield Buffer.from(piece);
}
