import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, inject, it } from 'vitest';

interface Check {
  readonly name: string;
  readonly value: string;
  readonly ok: boolean;
  /** Depends on how fast the machine is. */
  readonly timing: boolean;
}

const OUTAGE = fileURLToPath(new URL('outage.mjs', import.meta.url));

/** Runs the program of the long proof; its own exit code also judges speed, which a test does not. */
function outage(...args: string[]): Promise<{ readonly checks: readonly Check[] }> {
  return new Promise((resolve, reject) => {
    execFile(
      process.execPath,
      [OUTAGE, '--json', ...args],
      { maxBuffer: 64 * 1024 * 1024 },
      (error, stdout, stderr) => {
        const line = stdout.split('\n').find((each) => each.startsWith('{'));
        if (line === undefined) reject(new Error(`no result: ${stderr.slice(-4_000)}`, { cause: error }));
        else resolve(JSON.parse(line) as { checks: Check[] });
      },
    );
  });
}

it.skipIf(inject('kafkaBrokers').length === 0)(
  'a short outage under load: nothing lost, order kept, repeats within the formula, memory flat, the metrics add up',
  async () => {
    const { checks } = await outage(
      '--seconds',
      '15',
      '--rate',
      '300',
      '--streamers',
      '20',
      '--warm-up',
      '5',
      '--kill',
    );
    const failed = checks.filter(({ ok, timing }) => !ok && !timing);
    expect(failed).toEqual([]);
    expect(checks.filter(({ timing }) => !timing).length).toBeGreaterThan(8);
  },
);
