import { Controller, Get, Headers, Inject, Query, Req, Res } from '@nestjs/common';
import { EVENT_CATALOGUE } from '@livetap/contracts';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { LiveTail } from '../livetail/live-tail.js';
import { StreamerService } from '../streamers/streamer-service.js';
import { normalizeUniqueId } from '../streamers/unique-id.js';
import { AccessPolicy } from './access.js';
import { AdminError } from './admin.errors.js';
import { Operation } from './operation.js';
import { eventsQuerySchema } from './schemas.js';
import { formatTailMessage, SSE_OPENING } from './sse.js';
import { parse } from './validate.js';

/** Each client costs a socket; what waits for all of them together is bounded by the tail itself. */
export const MAX_TAILS = 2_000;
/** What waits is written together, in pieces of about this size. */
const WRITE_CHARS = 64 * 1024;
const TYPES = new Map(
  Object.values(EVENT_CATALOGUE).flatMap(({ name, type }) => [[name, type] as const, [type, type] as const]),
);

/** The live tail: events as they become durable, as server-sent events. */
@Controller('v1/events')
export class EventsController {
  constructor(
    @Inject(LiveTail) private readonly tail: LiveTail,
    @Inject(StreamerService) private readonly streamers: StreamerService,
    @Inject(AccessPolicy) private readonly access: AccessPolicy,
  ) {}

  @Get()
  @Operation({
    tag: 'Live tail',
    summary: 'Events as they come',
    description:
      'Server-sent events: `event` is the type, `data` the whole event as CloudEvents JSON, `id` the place to go on from (header `Last-Event-ID`; opaque). With Kafka they are the events of the whole fleet, places hold at every replica, and the `id` comes in a block of its own behind some events; without, each event has one. Going on misses nothing; at most what was under way comes again, with the same ids. `event: reset` says that something was missed because the place is too old or none of ours. Comments are heartbeats. A client that reads too slowly is disconnected and may go on from its last id. The stream of a key that is revoked or expires ends within 20 seconds.',
    query: eventsQuerySchema,
    answers: {
      200: {
        description: 'The stream; it ends when the service stops, or the key counts no more.',
        mediaType: 'text/event-stream',
      },
    },
    problems: { 503: 'More clients than the limit, or the service is stopping.' },
  })
  async follow(
    @Query() query: unknown,
    @Headers('last-event-id') header: string | undefined,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { streamer, type, lastEventId } = parse(eventsQuerySchema, query, 'query');
    const filter = {
      ...(streamer === undefined ? {} : { streamer: await this.nameOf(streamer) }),
      ...(type === undefined ? {} : { types: typesOf(type) }),
    };
    if (this.tail.clients >= MAX_TAILS) {
      throw new AdminError(
        'WATCHER_TOO_MANY_TAILS',
        `There are ${MAX_TAILS} live tails already; close one, or consume from Kafka.`,
      );
    }
    reply.hijack();
    reply.raw.writeHead(200, {
      ...(reply.getHeaders() as Record<string, string>),
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store, no-transform',
      'x-accel-buffering': 'no',
    });
    if (request.method === 'HEAD') {
      reply.raw.end();
      return;
    }
    const { host, authorization } = request.headers;
    const stillAllowed = (): boolean => this.access.stillCounts({ host, authorization }, 'read');
    await this.stream({ ...filter, lastEventId: header ?? lastEventId, stillAllowed }, reply);
  }

  private async stream(request: Parameters<LiveTail['subscribe']>[0], reply: FastifyReply): Promise<void> {
    const { raw } = reply;
    const subscription = this.tail.subscribe(request);
    let gone = false;
    raw.once('close', () => {
      gone = true;
      void subscription.return();
    });
    raw.write(SSE_OPENING);
    for await (const message of subscription) {
      let text = formatTailMessage(message);
      while (text.length < WRITE_CHARS) {
        const next = subscription.poll();
        if (next === undefined) break;
        text += formatTailMessage(next);
      }
      // Slow clients are waited for here, while their events wait in the bounded queue of the subscription.
      if (!raw.write(text) && !gone) await drained(raw);
    }
    raw.end();
  }

  /** Earlier names and ids lead to the present name; the tail itself needs no database. */
  private async nameOf(streamer: string): Promise<string> {
    const name = normalizeUniqueId(streamer);
    return this.streamers.get(name).then(
      (view) => view.streamer.uniqueId,
      () => name,
    );
  }
}

/** Resolves when the client has read what waits for it, or has left. Leaves nothing behind on a connection that lasts days. */
function drained(raw: FastifyReply['raw']): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      raw.off('drain', done);
      raw.off('close', done);
      resolve();
    };
    raw.once('drain', done);
    raw.once('close', done);
  });
}

/** @throws AdminError WATCHER_REQUEST_INVALID for a name that is none of the contract's */
function typesOf(text: string): readonly string[] {
  const names = text.split(',').map((name) => name.trim());
  const unknown = names.find((name) => !TYPES.has(name));
  if (unknown !== undefined) {
    const detail = `There is no event type "${unknown.slice(0, 60)}". Give names such as chat, gift, live.started or whole types such as livetap.chat.v1, separated by commas.`;
    throw new AdminError('WATCHER_REQUEST_INVALID', `?type: ${detail}`, { faults: [{ pointer: '?type', detail }] });
  }
  return names.map((name) => TYPES.get(name) ?? name);
}
