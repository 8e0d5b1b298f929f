import type { LookupAddress } from 'node:dns';
import { describe, expect, it } from 'vitest';
import { HostLookup } from './host-lookup.adapter.js';

const V4: LookupAddress[] = [
  { address: '192.0.2.1', family: 4 },
  { address: '192.0.2.2', family: 4 },
];
const V6: LookupAddress[] = [{ address: '2001:db8::1', family: 6 }];

interface Rig {
  now: number;
  /** Questions that reached the system, by host. */
  readonly asked: string[];
  /** What it answers; an error where there is none. */
  found: LookupAddress[] | undefined;
  /** Answers held back; call them. */
  readonly held: (() => void)[];
  readonly hosts: HostLookup;
}

function rig(found: LookupAddress[] | undefined = V4, hold = false): Rig {
  const made: Rig = {
    now: 0,
    asked: [],
    found,
    held: [],
    hosts: new HostLookup({
      now: () => made.now,
      resolve: (host, _options, done) => {
        made.asked.push(host);
        const reply = (): void =>
          made.found === undefined
            ? done(Object.assign(new Error('no answer'), { code: 'EAI_AGAIN' }), [])
            : done(null, made.found);
        if (hold) made.held.push(reply);
        else setImmediate(reply);
      },
    }),
  };
  return made;
}

function all(hosts: HostLookup, host: string, family?: 4 | 6): Promise<readonly LookupAddress[]> {
  return new Promise((resolve, reject) =>
    hosts.lookup(host, { all: true, ...(family && { family }) }, (error, found) =>
      error === null ? resolve(found as LookupAddress[]) : reject(error),
    ),
  );
}

function one(hosts: HostLookup, host: string, family?: 4 | 6): Promise<string> {
  return new Promise((resolve, reject) =>
    hosts.lookup(host, { ...(family && { family }) }, (error, address) =>
      error === null ? resolve(address as string) : reject(error),
    ),
  );
}

describe('the lookup of hosts', () => {
  it('asks the system once, however many connections begin at one time', async () => {
    const { hosts, asked, held } = rig(V4, true);
    const answers = Array.from({ length: 500 }, () => one(hosts, 'webcast.example'));
    const other = one(hosts, 'other.example');
    expect(asked).toEqual(['webcast.example', 'other.example']);
    for (const reply of held) reply();
    expect(new Set(await Promise.all(answers))).toEqual(new Set(['192.0.2.1', '192.0.2.2']));
    await other;
  });

  it('asks again after half a minute', async () => {
    const own = rig();
    await all(own.hosts, 'a');
    own.now = 29_999;
    await all(own.hosts, 'a');
    expect(own.asked).toHaveLength(1);
    own.now = 30_000;
    own.found = V6;
    expect(await all(own.hosts, 'a')).toEqual(V6);
    expect(own.asked).toHaveLength(2);
  });

  it('goes by what was last known while nobody answers, for an hour', async () => {
    const own = rig();
    await all(own.hosts, 'a');
    own.found = undefined;
    own.now = 3_599_999;
    expect(await all(own.hosts, 'a')).toHaveLength(2);
    own.now = 3_600_000;
    await expect(all(own.hosts, 'a')).rejects.toMatchObject({ code: 'EAI_AGAIN' });
    own.found = V4;
    expect(await all(own.hosts, 'a')).toHaveLength(2);
  });

  it('gives each address its turn, within its family and in the order of the families', async () => {
    const { hosts } = rig([...V4, ...V6]);
    const firsts: string[] = [];
    for (let n = 0; n < 4; n += 1) {
      const found = await all(hosts, 'a');
      expect(found.map(({ family }) => family)).toEqual([4, 4, 6]);
      firsts.push(found[0]!.address);
    }
    expect(new Set(firsts)).toEqual(new Set(['192.0.2.1', '192.0.2.2']));
  });

  it('gives the family that was asked for, and says when there is none', async () => {
    const { hosts } = rig([...V4, ...V6]);
    expect(await one(hosts, 'a', 6)).toBe('2001:db8::1');
    expect(await all(hosts, 'a', 4)).toHaveLength(2);
    await expect(one(rig(V4).hosts, 'a', 6)).rejects.toMatchObject({ code: 'ENOTFOUND' });
  });

  it('keeps a bounded number of hosts', async () => {
    const own = rig();
    for (let n = 0; n <= 500; n += 1) await one(own.hosts, `host-${n}`);
    await one(own.hosts, 'host-500');
    expect(own.asked).toHaveLength(501);
    await one(own.hosts, 'host-0');
    expect(own.asked).toHaveLength(502);
  });
});
