import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { startSimulator, type Simulator } from '../../../apps/simulator/src/index.js';

const TOTAL = 1_200_000;
const IN_MEMORY = 900_000;
const PER_FRAME = 12;

let simulator: Simulator | undefined;
let directory: string | undefined;
afterEach(async () => {
  await simulator?.close();
  if (directory !== undefined) rmSync(directory, { recursive: true, force: true });
});

describe('the ledger of a long run', () => {
  it(`takes ${TOTAL} entries: the oldest go to files, the control API gives them all back in order, the totals are exact`, async () => {
    directory = mkdtempSync(join(tmpdir(), 'ledger-'));
    simulator = await startSimulator({ ledgerDir: directory, ledgerEntries: IN_MEMORY });
    const frame = { room: '7123456789012345678', live: 1, socket: 1, isHistory: false };
    for (let index = 0; index < TOTAL; index += PER_FRAME) {
      const messages = Array.from({ length: PER_FRAME }, (_, offset) => ({
        msgId: String(7_286_185_092_587_000_000n + BigInt(index + offset)),
        method: 'WebcastChatMessage',
        damaged: false,
      }));
      simulator.ledger.record({ ...frame, at: index }, messages);
    }
    expect(simulator.ledger.summary()).toMatchObject({ sent: TOTAL, messages: TOTAL, dropped: 0 });
    expect(readdirSync(directory).length).toBeGreaterThan(3);

    const answer = await fetch(`${simulator.url}/_sim/ledger?room=${frame.room}`);
    let count = 0;
    let rest = '';
    const decoder = new TextDecoder();
    for await (const chunk of answer.body ?? []) {
      const lines = (rest + decoder.decode(chunk as Uint8Array, { stream: true })).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        count += 1;
        if (!line.startsWith(`{"seq":${count},`)) throw new Error(`line ${count} is ${line.slice(0, 40)}`);
      }
    }
    expect(rest).toBe('');
    expect(count).toBe(TOTAL);
  });
});
