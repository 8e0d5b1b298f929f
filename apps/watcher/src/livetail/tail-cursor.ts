/** A place in the live tail. `offset`: the last event that the client has seen. */
export interface TailCursor {
  readonly journalId: string;
  readonly offset: number;
}

/** The opaque text of a `Last-Event-ID`. */
export function encodeTailCursor(cursor: TailCursor): string {
  return Buffer.from(`${cursor.journalId}/${cursor.offset}`).toString('base64url');
}

/** undefined when the text was not made by `encodeTailCursor`. */
export function decodeTailCursor(text: string): TailCursor | undefined {
  const match = /^(.+)\/(\d{1,15})$/.exec(Buffer.from(text, 'base64url').toString());
  return match?.[1] === undefined ? undefined : { journalId: match[1], offset: Number(match[2]) };
}
