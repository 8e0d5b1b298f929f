import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const run = async (...args: string[]): Promise<{ stdout: string; stderr: string }> =>
  await promisify(execFile)(process.execPath, args, { cwd: root });

const PROOF = `console.log(typeof lib.TikTokLiveConnection, lib.WebcastEvent.CHAT, new lib.TikTokLiveConnection('@x').uniqueId, lib.codecForMethod('WebcastChatMessage').typeName, Object.keys(lib).length)`;

describe('the built library', () => {
  it('is there', () => {
    for (const file of ['index.js', 'index.d.ts', 'index.cjs', 'index.d.cts'])
      expect(existsSync(`${root}/libs/connector/dist/${file}`), file).toBe(true);
  });

  it('is the same by require() and by import, without a warning', async () => {
    const common = await run('-e', `const lib = require('@livetap/connector'); ${PROOF}`);
    const module = await run('--input-type=module', '-e', `import * as lib from '@livetap/connector'; ${PROOF}`);
    expect(common.stdout).toMatch(/^function chat x WebcastChatMessage \d+\n$/);
    expect(common).toEqual(module);
    expect(common.stderr).toBe('');
  });
});
