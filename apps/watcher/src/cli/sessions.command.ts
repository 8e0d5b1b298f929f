import { type Command, InvalidArgumentError, Option } from 'commander';
import type { GapPageDto } from '../admin/gap-history-schemas.js';
import type { GifterPageDto } from '../admin/gift-history-schemas.js';
import { MAX_PAGE_LIMIT, type SessionDto } from '../admin/schemas.js';
import { type CliContext, writeLine } from './cli-context.js';
import { clientOf, type ServerOptions, withServerOptions } from './server-command.js';
import { sessionText } from './session-text.js';
import { shortTime, table } from './table.js';

interface ListOptions extends ServerOptions {
  readonly limit: number;
}

const DEFAULT_LIMIT = 20;
const TOP_GIFTERS = '5';
const SHOWN_GAPS = '20';
const MINUTE_MS = 60_000;

/** `livetap sessions`: what was recorded. */
export function addSessionsCommand(program: Command, context: CliContext): void {
  const sessions = program.command('sessions').description('The lives that a running server has recorded.');
  withServerOptions(sessions.command('list'), 'one session a line, as JSON')
    .description('The sessions of a streamer, the newest first.')
    .argument('<streamer>')
    .addOption(new Option('--limit <number>', 'so many at most').argParser(parseLimit).default(DEFAULT_LIMIT))
    .action((streamer: string, options: ListOptions) => list(streamer, options, context));
  withServerOptions(sessions.command('show'), 'print the session, with its first gifters and gaps, as one line of JSON')
    .description('One session with its totals, those who gave most, and what was not seen.')
    .argument('<session>', 'its id, as `sessions list` shows it')
    .action((id: string, options: ServerOptions) => show(id, options, context));
}

async function list(streamer: string, { limit, ...options }: ListOptions, context: CliContext): Promise<void> {
  const path = `/v1/streamers/${encodeURIComponent(streamer)}/sessions`;
  const query = { limit: String(Math.min(limit, MAX_PAGE_LIMIT)) };
  const found: SessionDto[] = [];
  for await (const session of clientOf(options, context).pages<SessionDto>(path, 'sessions', query)) {
    found.push(session);
    if (options.json) await writeLine(context.stdout, JSON.stringify(session));
    if (found.length >= limit) break;
  }
  if (options.json) return;
  context.stdout.write(
    found.length === 0
      ? 'No sessions.\n'
      : table(
          ['SESSION', 'FROM', 'LASTED', 'PEAK', 'CHATS', 'GIFTS', 'DIAMONDS', 'GAPS', 'TITLE'],
          found.map((session) => [
            session.id,
            shortTime(session.startedAt ?? session.joinedAt),
            lasted(session),
            session.peakViewers,
            session.chats,
            session.gifts,
            session.diamonds,
            session.gaps,
            session.title,
          ]),
        ),
  );
}

async function show(id: string, options: ServerOptions, context: CliContext): Promise<void> {
  const client = clientOf(options, context);
  const path = `/v1/sessions/${encodeURIComponent(id)}`;
  const session = await client.get<SessionDto>(path);
  const { gifters } = await client.get<GifterPageDto>(`${path}/gifters`, { limit: TOP_GIFTERS });
  const { gaps, nextCursor } = await client.get<GapPageDto>(`${path}/gaps`, { limit: SHOWN_GAPS });
  if (options.json) {
    await writeLine(context.stdout, JSON.stringify({ ...session, topGifters: gifters, firstGaps: gaps }));
    return;
  }
  context.stdout.write(sessionText({ session, gifters, gaps, moreGaps: nextCursor !== undefined }));
}

function lasted({ startedAt, joinedAt, endedAt }: SessionDto): string {
  if (endedAt === undefined) return 'live';
  const minutes = Math.max(0, Math.round((Date.parse(endedAt) - Date.parse(startedAt ?? joinedAt)) / MINUTE_MS));
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`;
}

function parseLimit(text: string): number {
  if (!/^[1-9]\d{0,6}$/.test(text)) throw new InvalidArgumentError('It must be a whole number above 0.');
  return Number(text);
}
