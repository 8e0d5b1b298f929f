import type { IncomingMessage, ServerResponse } from 'node:http';

/** One request and the means to answer it. */
export interface Exchange {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

export type Handler = (exchange: Exchange) => void | Promise<void>;

/** An answer that is an error: thrown by handlers, sent by the server. */
export class HttpError extends Error {
  override readonly name = 'HttpError';
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

const MAX_BODY_BYTES = 64 * 1024 * 1024;

export const sendBytes = (
  exchange: Exchange,
  status: number,
  type: string,
  body: Uint8Array | string,
  headers: Readonly<Record<string, string | readonly string[]>> = {},
): void => {
  const bytes = typeof body === 'string' ? Buffer.from(body) : body;
  for (const [name, value] of Object.entries(headers)) exchange.response.setHeader(name, value);
  exchange.response.writeHead(status, { 'content-type': type, 'content-length': bytes.length });
  exchange.response.end(exchange.method === 'HEAD' ? undefined : bytes);
};

export const sendJson = (
  exchange: Exchange,
  body: unknown,
  status = 200,
  headers: Readonly<Record<string, string | readonly string[]>> = {},
): void => sendBytes(exchange, status, 'application/json; charset=utf-8', JSON.stringify(body), headers);

/** Reads the whole body. @throws HttpError 413 above 64 MiB */
export const readBody = async (exchange: Exchange): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of exchange.request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) throw new HttpError(413, 'the body is larger than 64 MiB');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
};

/** Reads a JSON body; an empty one is `{}`. @throws HttpError 400 */
export const readJson = async (exchange: Exchange): Promise<unknown> => {
  const body = await readBody(exchange);
  if (body.length === 0) return {};
  try {
    return JSON.parse(body.toString('utf8')) as unknown;
  } catch (error) {
    throw new HttpError(400, `the body is not JSON: ${error instanceof Error ? error.message : 'unreadable'}`);
  }
};
