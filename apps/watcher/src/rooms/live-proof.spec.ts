import { FakeClock } from '@livetap/testkit';
import { expect, it } from 'vitest';
import type { LiveVerdict } from '../streamers/live-checker.port.js';
import type { Streamer } from '../streamers/streamer.js';
import { LiveProof } from './live-proof.js';
import { FakeLiveChecker } from './testing/fake-live-checker.js';

const ANNA = { uniqueId: 'anna' } as Streamer;
const never = new AbortController().signal;

function proof(): { clock: FakeClock; checker: FakeLiveChecker; proof: LiveProof; told: string[] } {
  const clock = new FakeClock();
  const checker = new FakeLiveChecker();
  const told: string[] = [];
  return {
    clock,
    checker,
    told,
    proof: new LiveProof({ clock, checker, onResult: ({ verdict }) => told.push(verdict) }),
  };
}

it('asks nobody while the stream was seen in the last half minute', async () => {
  const { clock, checker, proof: live } = proof();
  live.seen();
  await clock.advance(30_000);
  expect(await live.confirm(ANNA, '9', never)).toBe(true);
  expect(checker.asked).toEqual([]);
  await clock.advance(1);
  checker.live('anna', '9');
  expect(await live.confirm(ANNA, '9', never)).toBe(true);
  expect(checker.asked).toEqual(['anna']);
  expect(await live.confirm(ANNA, '9', never)).toBe(true);
  expect(checker.asked).toEqual(['anna']);
});

it.each<[LiveVerdict, number, boolean]>([
  ['offline', 60_000, false],
  ['notFound', 60_000, false],
  ['unknown', 60_000, true],
  ['restricted', 60_000, true],
  ['unknown', 600_001, false],
])('verdict %s, seen live %i ms ago: %s', async (verdict, ago, expected) => {
  const { clock, checker, proof: live, told } = proof();
  live.seen();
  await clock.advance(ago);
  checker.set('anna', verdict);
  expect(await live.confirm(ANNA, '9', never)).toBe(expected);
  expect(told).toEqual([verdict]);
});

it('a room that was never seen needs a verdict, and one of another room is none', async () => {
  const { checker, proof: live } = proof();
  checker.set('anna', 'unknown');
  expect(await live.confirm(ANNA, '9', never)).toBe(false);
  checker.live('anna', '10');
  expect(await live.confirm(ANNA, '9', never)).toBe(false);
  checker.live('anna', '9');
  expect(await live.confirm(ANNA, '9', never)).toBe(true);
});

it('does not conclude anything after the signal', async () => {
  const { checker, proof: live, told } = proof();
  const abort = new AbortController();
  let open: () => void = () => undefined;
  checker.gate = new Promise((resolve) => (open = resolve));
  const answer = live.confirm(ANNA, '9', abort.signal);
  abort.abort(new Error('given up'));
  open();
  await expect(answer).rejects.toThrow('given up');
  expect(told).toEqual([]);
});
