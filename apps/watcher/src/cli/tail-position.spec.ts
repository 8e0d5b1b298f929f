import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FakeClock } from '@livetap/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { tailPosition } from './tail-position.adapter.js';

describe('the place of a tail', () => {
  let folder: string;
  let path: string;
  const clock = new FakeClock();
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'livetap-place-'));
    path = join(folder, 'place');
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('is kept with what was shown behind it, until there is a newer place', async () => {
    const first = await tailPosition(path, clock);
    expect(first.last).toBeUndefined();
    first.passed('room 1', 'a');
    first.passed('room 2', 'b');
    first.passed('room 3', 'b');
    await first.close();
    const second = await tailPosition(path, clock);
    expect(second.last).toEqual({ place: 'b', shown: ['room 2', 'room 3'] });
    second.passed('room 4', 'b');
    await second.close();
    const third = await tailPosition(path, clock);
    expect(third.last).toEqual({ place: 'b', shown: ['room 2', 'room 3', 'room 4'] });
    third.passed('room 5', 'c');
    await third.close();
    expect(await readFile(path, 'utf8')).toBe('c\nroom 5\n');
  });

  it('may be as long as that of a fleet with many partitions', async () => {
    const place = 'p'.repeat(6_000);
    await writeFile(path, `${place}\n`);
    expect((await tailPosition(path, clock)).last).toEqual({ place, shown: [] });
  });

  it('is refused when the file holds something else', async () => {
    await writeFile(path, 'two words\n');
    await expect(tailPosition(path, clock)).rejects.toMatchObject({ code: 'WATCHER_CLI_INPUT_INVALID' });
  });
});
