import type { TailMessage } from '../livetail/tail-message.js';

/** How long a client should wait before it connects again, milliseconds. */
const RETRY_MS = 2_000;

/** Shows a client at once that it is connected. */
export const SSE_OPENING = `retry: ${RETRY_MS}\n: connected\n\n`;

/** One message in the text form of server-sent events. Event data is JSON without line breaks. */
export function formatTailMessage(message: TailMessage): string {
  switch (message.kind) {
    case 'event':
      return message.lastEventId === undefined
        ? `event: ${message.type}\ndata: ${message.data}\n\n`
        : `event: ${message.type}\nid: ${message.lastEventId}\ndata: ${message.data}\n\n`;
    case 'place':
      // Without data: it moves the client's last id and nothing else.
      return `id: ${message.lastEventId}\n\n`;
    case 'heartbeat':
      return `: heartbeat\nid: ${message.lastEventId}\n\n`;
    case 'reset':
      return `event: reset\nid: ${message.lastEventId}\ndata: ${JSON.stringify({ reason: message.reason })}\n\n`;
    case 'end':
      return `: end, ${message.reason}\n\n`;
  }
}
