import { WatcherError } from '../common/watcher.error.js';

/** EX_CONFIG of sysexits.h: the configuration is wrong, starting again without a change is useless. */
export const EXIT_CONFIG = 78;

/** The start is refused. Names every fault at once; never the value of a setting. */
export class ConfigError extends WatcherError<'WATCHER_CONFIG'> {
  override readonly name = 'ConfigError';
  readonly exitCode = EXIT_CONFIG;

  constructor(readonly faults: readonly string[]) {
    super(
      'WATCHER_CONFIG',
      `The service cannot start with these settings:\n${faults.map((fault) => `  - ${fault}`).join('\n')}\nEvery setting is described in docs/config.md.`,
    );
  }
}
