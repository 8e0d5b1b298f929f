import type { Command } from 'commander';
import type { StatusDto } from '../admin/status.js';
import { EXIT } from '../operations/exit-codes.js';
import { type CliContext, writeLine } from './cli-context.js';
import { FoundWanting } from './found-wanting.js';
import { clientOf, type ServerOptions, withServerOptions } from './server-command.js';
import { shortTime } from './table.js';

/** `livetap status`: a running server at a glance. */
export function addStatusCommand(program: Command, context: CliContext): void {
  withServerOptions(program.command('status'), 'print the status as one line of JSON')
    .description('The state of a running server. Ends with 0 when it is ready, with 69 when it is not.')
    .action(async (options: ServerOptions) => {
      const status = await clientOf(options, context).get<StatusDto>('/v1/status');
      if (options.json) await writeLine(context.stdout, JSON.stringify(status));
      else context.stdout.write(linesOf(status));
      if (!status.ready) throw new FoundWanting(EXIT.UNAVAILABLE);
    });
}

function linesOf(status: StatusDto): string {
  const { ready, reasons, streamers, rooms, leases, events, journal, kafka, webhooks, liveTail } = status;
  const problems = [kafka?.problem, status.history.problem, status.commands?.problem, webhooks.problem];
  const lines: readonly (readonly [string, string | undefined])[] = [
    ['replica', `${status.replicaId}, version ${status.version}, since ${shortTime(status.startedAt)}`],
    ['ready', ready ? 'yes' : `no: ${reasons.join(' ')}`],
    [
      'streamers',
      streamers === undefined ? 'not known: the database is away' : `${streamers.total}${counts(streamers.byState)}`,
    ],
    ['owned', `${leases.held} by this replica, of ${leases.replicas} that share them`],
    ['rooms', counts(rooms).replace(/^: /, '') || 'none'],
    ['events', `${events.admitted} since the start, ${events.perSecond.toFixed(1)} a second`],
    [
      'journal',
      `${Math.round((journal.bytes / journal.maxBytes) * 100)} % in use, ${journal.pendingEvents} events wait${journal.full ? ', FULL' : ''}`,
    ],
    [
      'kafka',
      kafka === undefined ? 'none: the journal is the broker' : `${kafka.status}, ${kafka.pendingEvents} events wait`,
    ],
    ['webhooks', `${webhooks.pending} deliveries wait`],
    ['live tail', `${liveTail.clients} clients`],
    ...problems.flatMap((problem): (readonly [string, string])[] =>
      problem === undefined ? [] : [['problem', problem]],
    ),
  ];
  return lines.map(([name, value]) => `${name.padEnd(11)}${value ?? ''}\n`).join('');
}

function counts(of: Readonly<Record<string, number | undefined>>): string {
  const some = Object.entries(of).filter(([, count]) => (count ?? 0) > 0);
  return some.length === 0 ? '' : `: ${some.map(([name, count]) => `${count ?? 0} ${name}`).join(', ')}`;
}
