import type { Command } from 'commander';
import { ConfigError } from '../config/config.error.js';
import { diagnose, settingsFindings } from '../operations/doctor/diagnose.js';
import { exitCodeOf, type Finding } from '../operations/doctor/finding.js';
import type { CliContext } from './cli-context.js';
import { FoundWanting } from './found-wanting.js';

interface DoctorOptions {
  readonly json: boolean;
}

const MARKS: Readonly<Record<Finding['status'], string>> = {
  ok: 'ok     ',
  warning: 'WARNING',
  fault: 'FAULT  ',
  skipped: 'skipped',
};

/** `livetap doctor`: what the service needs, whether it is there, and what to do where it is not. */
export function addDoctorCommand(program: Command, context: CliContext): void {
  program
    .command('doctor')
    .description(
      'Look at all that the service needs: settings, port, data folder, journal, file descriptors, database, stored secrets, Kafka and its topics, TikTok, the sign server and its quota, proxies. Says what is wrong and what to do. Changes nothing, and may run beside the service, with the same settings.',
    )
    .option('--json', 'print the report as one line of JSON', false)
    .addHelpText(
      'after',
      '\nEnds with 0 when all is well (warnings do not count), 69 when something is not there, 70 when the journal is damaged, 78 when something must be set otherwise. docs/cli.md lists the codes.',
    )
    .action((options: DoctorOptions) => doctor(options, context));
}

async function doctor({ json }: DoctorOptions, context: CliContext): Promise<void> {
  const findings: Finding[] = [];
  for await (const some of looks(context)) {
    context.interrupted.throwIfAborted();
    findings.push(...some);
    if (!json) context.stdout.write(some.map(lineOf).join(''));
  }
  const exitCode = exitCodeOf(findings);
  const count = (status: Finding['status']): number => findings.filter((finding) => finding.status === status).length;
  const [faults, warnings] = [count('fault'), count('warning')];
  if (json) context.stdout.write(`${JSON.stringify({ ok: faults === 0, faults, warnings, exitCode, findings })}\n`);
  else if (faults === 0) context.stdout.write(`\nAll is well${warnings === 0 ? '' : `, with ${warnings} warnings`}.\n`);
  else context.stdout.write(`\n${faults} faults, ${warnings} warnings.\n`);
  if (faults > 0) throw new FoundWanting(exitCode);
}

async function* looks(context: CliContext): AsyncGenerator<readonly Finding[]> {
  try {
    const config = context.config();
    yield* diagnose(config, context.clock);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    yield settingsFindings(error.faults);
  }
}

function lineOf({ status, check, message, code, mend }: Finding): string {
  const head = `${MARKS[status]}  ${check.padEnd(16)}  ${message}${code === undefined ? '' : ` [${code}]`}\n`;
  return mend === undefined ? head : `${head}${' '.repeat(27)}→ ${mend}\n`;
}
