import { Option, type Command } from 'commander';
import { readSettingFile } from '../config/setting-files.js';
import type { CliContext } from './cli-context.js';
import { RestClient } from './rest-client.js';
import { serverAccess } from './server-access.js';

/** The options of every command that asks a running server. */
export interface ServerOptions {
  readonly url?: string;
  readonly key?: string;
  readonly keyFile?: string;
  readonly json: boolean;
}

/** Adds them. `json`: what `--json` prints. */
export function withServerOptions(command: Command, json = 'print the result as one line of JSON'): Command {
  return command
    .addOption(new Option('--url <address>', 'the server (LIVETAP_URL; default: this machine, LIVETAP_HTTP_PORT)'))
    .addOption(
      new Option(
        '--key <key>',
        'key of the server; others on this machine may see it: rather LIVETAP_API_KEY or a file',
      ).conflicts('keyFile'),
    )
    .addOption(new Option('--key-file <file>', 'file that holds the key (LIVETAP_API_KEY_FILE)'))
    .option('--json', json, false)
    .showHelpAfterError('(--help says more)');
}

/** @throws CliError WATCHER_CLI_ACCESS_INVALID */
export function clientOf(options: ServerOptions, context: CliContext): RestClient {
  const access = serverAccess(options, context.environment(), readSettingFile);
  const { hostname, protocol } = new URL(access.url);
  const loopback = hostname === 'localhost' || hostname === '[::1]' || hostname.startsWith('127.');
  if (access.key !== undefined && protocol === 'http:' && !loopback)
    context.stderr.write(`warning: the key goes to ${hostname} in clear; https:// would hide it\n`);
  return new RestClient({
    ...access,
    fetch: context.fetch,
    clock: context.clock,
    signal: context.interrupted,
  });
}
