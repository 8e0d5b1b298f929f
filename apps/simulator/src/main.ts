#!/usr/bin/env node
import { ConfigError, describeConfig, environment, readConfig, worldOf } from './config.js';
import type { SimulatorConfig } from './config.js';
import { startSimulator } from './simulator.js';
import type { Simulator } from './simulator.js';

/** Exit codes: wrong settings, as the rest of Livetap uses it; anything else. */
const EXIT_CONFIG = 78;
const EXIT_FAILED = 1;

const out = (text: string): void => void process.stdout.write(`${text}\n`);
const err = (text: string): void => void process.stderr.write(`${text}\n`);

const start = (config: SimulatorConfig): Promise<Simulator> =>
  startSimulator({
    host: config.host,
    port: config.port,
    world: worldOf(config),
    replay:
      config.replay === undefined
        ? undefined
        : { directory: config.replay, paceMs: config.replayPaceMs, restMs: config.replayRestMs },
    quota: { minute: config.rateLimitMinute, hour: config.rateLimitHour, day: config.rateLimitDay },
    quotaMinuteMs: config.rateLimitMinuteMs,
    ledgerEntries: config.ledgerEntries,
    ledgerDir: config.ledgerDir,
    idleTimeoutMs: config.idleTimeoutMs,
    pingIntervalMs: config.pingIntervalMs,
  });

const main = async (): Promise<void> => {
  const args = process.argv.slice(2);
  if (args.includes('--help')) {
    out(
      `Plays TikTok and the sign server on one loopback address.\n\n${describeConfig()}\n\nEach flag is also a variable: --rate-limit-minute is SIMULATOR_RATE_LIMIT_MINUTE.`,
    );
    return;
  }
  const simulator = await start(readConfig(args, environment()));
  const { live, offline } = simulator.stats().streamers;
  // One JSON line for whoever started this process, and the parent's channel if there is one.
  out(
    JSON.stringify({
      event: 'simulator.ready',
      url: simulator.url,
      wsUrl: simulator.wsUrl,
      port: simulator.port,
      live,
      offline,
    }),
  );
  process.send?.({ event: 'simulator.ready', url: simulator.url, wsUrl: simulator.wsUrl, port: simulator.port });

  let stopping = false;
  const stop = (signal: string): void => {
    if (stopping) return;
    stopping = true;
    simulator.close().then(
      () => {
        out(
          JSON.stringify({
            event: 'simulator.stopped',
            signal,
            ledger: { sent: simulator.ledger.sent, messages: simulator.ledger.messages },
          }),
        );
        process.exit(0);
      },
      (error: unknown) => {
        err(error instanceof Error ? error.message : 'stopping failed');
        process.exit(EXIT_FAILED);
      },
    );
  };
  process.once('SIGTERM', () => stop('SIGTERM'));
  process.once('SIGINT', () => stop('SIGINT'));
  // The parent is gone: nobody will ever stop this process otherwise.
  if (process.channel !== undefined) process.once('disconnect', () => stop('disconnect'));
};

main().catch((error: unknown) => {
  if (error instanceof ConfigError) {
    err(error.message);
    process.exit(EXIT_CONFIG);
  }
  const code = (error as { code?: unknown }).code;
  err(
    code === 'EADDRINUSE'
      ? 'The port is in use: stop what listens there or choose another with --port.'
      : error instanceof Error
        ? error.message
        : 'failed',
  );
  process.exit(EXIT_FAILED);
});
