import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { access, open, readFile, rm, stat, statfs } from 'node:fs/promises';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { systemCodeOf } from '../../common/system-code.js';
import { lockHolder } from '../../journal/directory-lock.adapter.js';
import { isReplicaId, REPLICA_ID_FILE } from '../data-folder.adapter.js';
import { READINESS_CODES } from '../health.js';
import type { FolderLook, PortLook } from './machine-findings.js';

const ANSWER_MS = 2_000;
const readiness = z.object({ reasons: z.array(z.object({ code: z.enum(READINESS_CODES), message: z.string() })) });
const alive = z.object({ status: z.literal('ok') });

/** Who listens there. Something that answers is only asked for its health; the port is bound for a moment when nobody does. */
export async function lookAtPort(host: string, port: number): Promise<PortLook> {
  if (port === 0) return { kind: 'free' };
  const name = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '[::1]' : host.includes(':') ? `[${host}]` : host;
  const base = `http://${name}:${port}`;
  try {
    const live = await fetch(`${base}/livez`, { signal: AbortSignal.timeout(ANSWER_MS), redirect: 'manual' });
    if (!live.ok || !alive.safeParse(await live.json()).success) return { kind: 'other' };
    const ready = await fetch(`${base}/readyz`, { signal: AbortSignal.timeout(ANSWER_MS) });
    const body = readiness.safeParse(await ready.json());
    return { kind: 'livetap', ready: ready.ok, reasons: body.success ? body.data.reasons : [] };
  } catch {
    // Nothing there that speaks HTTP: whether anything is there at all, binding shows.
    return bind(host, port);
  }
}

function bind(host: string, port: number): Promise<PortLook> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) =>
      resolve(error.code === 'EADDRINUSE' ? { kind: 'other' } : { kind: 'refused', system: error.code ?? 'unknown' }),
    );
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve({ kind: 'free' })));
  });
}

/** Neither takes the lock nor makes the folder; a file that is written there for the proof is gone again. */
export async function lookAtDataFolder(path: string): Promise<FolderLook> {
  const exists = await stat(path).then(
    () => true,
    () => false,
  );
  const refused = await (exists ? refusalOfFolder(path) : refusalOfParent(path));
  if (refused !== undefined)
    return { path, refused, exists, identityReadable: true, holder: undefined, freeBytes: undefined };
  const [holder, identityReadable, freeBytes] = await Promise.all([
    exists ? lockHolder(path) : undefined,
    identityIsReadable(path),
    freeBytesAt(path),
  ]);
  return { path, refused, exists, identityReadable, holder, freeBytes };
}

async function refusalOfFolder(path: string): Promise<string | undefined> {
  const proof = join(path, `.doctor-${randomUUID()}`);
  try {
    await (await open(proof, 'wx')).close();
    return undefined;
  } catch (error) {
    // A disk that is full is told as such.
    return systemCodeOf(error) === 'ENOSPC' || systemCodeOf(error) === 'EDQUOT' ? undefined : systemCodeOf(error);
  } finally {
    await rm(proof, { force: true }).catch(() => undefined);
  }
}

/** The nearest folder above that is there must let us make the rest. */
async function refusalOfParent(path: string): Promise<string | undefined> {
  const parent = dirname(path);
  try {
    if (!(await stat(parent)).isDirectory()) return 'ENOTDIR';
    await access(parent, constants.W_OK | constants.X_OK);
    return undefined;
  } catch (error) {
    return systemCodeOf(error) === 'ENOENT' && parent !== path ? refusalOfParent(parent) : systemCodeOf(error);
  }
}

async function identityIsReadable(path: string): Promise<boolean> {
  const text = await readFile(join(path, REPLICA_ID_FILE), 'utf8').catch(() => undefined);
  return text === undefined || isReplicaId(text.trim());
}

async function freeBytesAt(path: string): Promise<number | undefined> {
  try {
    const { bavail, bsize } = await statfs(path);
    return bavail * bsize;
  } catch (error) {
    return systemCodeOf(error) === 'ENOENT' && dirname(path) !== path ? freeBytesAt(dirname(path)) : undefined;
  }
}
