import { constants } from 'node:fs';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { median } from '../measure.mjs';
import { sampleRecords } from '../sample-records.mjs';

const ROUNDS = 7;
const SIZES = [12, 100, 500];
const MIB = 1024 * 1024;
/** Appends that are under way at once, as several ticks are while the disk flushes. */
const UNDER_WAY = 4;

/** Events to the journal, each append flushed to the disk before it counts; a plain file with the same bytes beside it. */
export const journal = {
  name: 'journal',
  about: 'appends of events of 1.2 KB, flushed to the disk',
  async run(context) {
    const { openJournal } = await context.built('apps/watcher/dist/journal/open-journal.adapter.js');
    const { WRITE_THROUGH } = await context.built('apps/watcher/dist/journal/file-journal-disk.adapter.js');
    const { SystemClock } = await context.built('apps/watcher/dist/common/system-clock.adapter.js');
    const count = context.quick ? 2_000 : 20_000;
    const events = sampleRecords(count);
    const directory = await mkdtemp(join(tmpdir(), 'livetap-journal-bench-'));
    const log = await openJournal({
      ...{ directory: join(directory, 'journal'), clock: new SystemClock(), readers: [] },
      ...{ maxBytes: 256 * MIB, maxAgeMs: 3_600_000 },
    });
    // Flushed as the journal is.
    const file = await open(join(directory, 'plain'), constants.O_WRONLY | constants.O_CREAT | WRITE_THROUGH);
    const subjects = SIZES.flatMap((size) => [
      { name: `journal, ${size} events an append`, size, work: (some) => log.append(some) },
      { name: `plain file, ${size} events a write`, size, work: (some) => writePlain(file, WRITE_THROUGH === 0, some) },
    ]);
    const samples = new Map(subjects.map((subject) => [subject, []]));
    try {
      for (let round = 0; round < (context.quick ? 1 : ROUNDS); round += 1)
        for (let turn = 0; turn < subjects.length; turn += 1) {
          const subject = subjects[(round + turn) % subjects.length];
          samples.get(subject).push(await timed(subject, events));
        }
    } finally {
      await file.close();
      await log.close();
      await rm(directory, { recursive: true, force: true });
    }
    return [
      {
        title: 'journal',
        about: `${count} events of 1.2 KB, ${UNDER_WAY} appends under way at once, flushed; medians of ${samples.get(subjects[0]).length} rounds`,
        rows: subjects.map((subject) => ({ name: subject.name, figures: middle(samples.get(subject)) })),
      },
    ];
  },
};

async function writePlain(file, flush, events) {
  await file.write(Buffer.concat(events.map(({ value }) => value)));
  if (flush) await file.datasync();
}

async function timed({ size, work }, events) {
  const appends = [];
  for (let at = 0; at < events.length; at += size) appends.push(events.slice(at, at + size));
  const started = performance.now();
  const processor = process.cpuUsage();
  for (let at = 0; at < appends.length; at += UNDER_WAY)
    await Promise.all(appends.slice(at, at + UNDER_WAY).map((some) => work(some)));
  const { user, system } = process.cpuUsage(processor);
  return {
    perSecond: (events.length / (performance.now() - started)) * 1_000,
    micros: (user + system) / events.length,
  };
}

export function middle(runs) {
  return {
    'events/s': median(runs.map(({ perSecond }) => perSecond)),
    'µs CPU/event': median(runs.map(({ micros }) => micros)),
  };
}
