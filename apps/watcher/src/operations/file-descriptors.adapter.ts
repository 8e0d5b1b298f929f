import { readFile } from 'node:fs/promises';

/** Files, connections of database and brokers, clients of REST and live tail: what a service opens beside its rooms. */
export const DESCRIPTORS_BESIDE_ROOMS = 512;

/** Files and sockets that one process may have open (the runtime has raised its own to the most that it may); Linux only. */
export async function descriptorLimit(): Promise<number | undefined> {
  const text = await readFile('/proc/self/limits', 'utf8').catch(() => '');
  const [, limit] = /^Max open files\s+(\d+)/m.exec(text) ?? [];
  return limit === undefined ? undefined : Number(limit);
}

/** Sockets of rooms that this process may hold; undefined where the system does not say. */
export async function mostRoomSockets(): Promise<number | undefined> {
  const limit = await descriptorLimit();
  return limit === undefined ? undefined : Math.max(1, limit - DESCRIPTORS_BESIDE_ROOMS);
}
