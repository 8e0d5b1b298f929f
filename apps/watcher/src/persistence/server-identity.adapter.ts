import { execFile } from 'node:child_process';
import { readFile, realpath, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { DatabaseError } from './persistence.errors.js';

const run = promisify(execFile);

/** How the server's programs are started: directly, as another user, or as another user with a helper program. */
export interface ServerIdentity {
  /** Set when another user than ours owns the data. */
  readonly uid?: number;
  readonly gid?: number;
  /** The command and arguments to spawn instead of `command args`. */
  command(command: string, args: readonly string[]): readonly [string, readonly string[]];
  /** uid and gid options of `spawn`. */
  readonly spawnOptions: { readonly uid?: number; readonly gid?: number };
}

const DIRECT = (command: string, args: readonly string[]): readonly [string, readonly string[]] => [command, args];

/**
 * Decides as whom Postgres runs: it refuses root. As any other user: as ourselves. As root: as the owner of the
 * existing data, else as `postgres`, else as `nobody`. Where a folder above the program or the data is closed to that
 * user (a clone below /root, a private temporary folder), the server gets the right to pass through folders and
 * nothing else, by `setpriv`; no permission of a folder that is not ours is ever changed.
 * @param paths the programs to run and the folder to hold the data (must exist)
 * @throws DatabaseError WATCHER_EMBEDDED_UNUSABLE with a sentence that says what to do
 */
export async function chooseIdentity(paths: { programs: readonly string[]; data: string }): Promise<ServerIdentity> {
  const own = process.getuid?.();
  const owner = await stat(paths.data);
  if (own !== 0) {
    if (own !== undefined && owner.uid !== own) {
      throw unusable(
        `The data folder ${paths.data} belongs to another user (uid ${owner.uid}). Start Livetap as that user, or give the folder to uid ${own} ("chown -R").`,
      );
    }
    return { command: DIRECT, spawnOptions: {} };
  }
  const ids = owner.uid !== 0 ? { uid: owner.uid, gid: owner.gid } : await unprivilegedUser();
  const closed = await firstClosedFolder([...paths.programs, paths.data], ids);
  if (closed === undefined) return { ...ids, command: DIRECT, spawnOptions: ids };
  const prefix = await passThroughPrefix(ids, [...paths.programs, paths.data]);
  if (prefix === undefined) {
    throw unusable(
      `Postgres does not run as root, and the user it runs as here (uid ${ids.uid}) cannot pass the folder ${closed}. Start Livetap as a normal user, or move it below a folder open to all (for example /opt), or set LIVETAP_DATA_DIR to one, or set DATABASE_URL.`,
    );
  }
  const [helper, helperArgs] = prefix;
  return { ...ids, command: (command, args) => [helper, [...helperArgs, command, ...args]], spawnOptions: {} };
}

async function unprivilegedUser(): Promise<{ uid: number; gid: number }> {
  const passwd = await readFile('/etc/passwd', 'utf8').catch(() => '');
  for (const name of ['postgres', 'nobody']) {
    const fields = passwd
      .split('\n')
      .find((line) => line.startsWith(`${name}:`))
      ?.split(':');
    const uid = Number(fields?.[2]);
    const gid = Number(fields?.[3]);
    if (Number.isInteger(uid) && Number.isInteger(gid) && uid !== 0) return { uid, gid };
  }
  throw unusable(
    'Postgres does not run as root, and this machine has neither a user "postgres" nor "nobody". Start Livetap as a normal user, or set DATABASE_URL.',
  );
}

/** The first folder on the way to one of the paths that the user may not pass, undefined when all are open. */
async function firstClosedFolder(
  paths: readonly string[],
  ids: { uid: number; gid: number },
): Promise<string | undefined> {
  for (const path of paths) {
    const chain: string[] = [];
    for (let folder = dirname(await realpath(path)); chain.at(-1) !== folder; folder = dirname(folder)) {
      chain.push(folder);
    }
    for (const folder of chain.reverse()) {
      const { mode, uid, gid } = await stat(folder);
      const bit = uid === ids.uid ? 0o100 : gid === ids.gid ? 0o010 : 0o001;
      if ((mode & bit) === 0) return folder;
    }
  }
  return undefined;
}

/**
 * What `setpriv` (util-linux) may be allowed to do here, best first: containers often refuse the smaller right, or the bit.
 * Without the bit the kernel leaves the right out of access(2), by which Postgres looks for its own programs; it adds
 * nothing else, since what a program has after its start is the ambient right alone.
 */
const WAYS = [
  { right: 'dac_read_search', bits: ['--securebits=+no_setuid_fixup'] },
  { right: 'dac_override', bits: ['--securebits=+no_setuid_fixup'] },
  { right: 'dac_read_search', bits: [] },
  { right: 'dac_override', bits: [] },
] as const;

async function passThroughPrefix(
  ids: { uid: number; gid: number },
  paths: readonly string[],
): Promise<readonly [string, readonly string[]] | undefined> {
  for (const { right, bits } of WAYS) {
    const args = [
      ...bits,
      `--reuid=${ids.uid}`,
      `--regid=${ids.gid}`,
      '--clear-groups',
      `--inh-caps=+${right}`,
      `--ambient-caps=+${right}`,
      '--',
    ];
    const probe = paths.map((path) => `test -r "${path.replace(/(["\\$`])/g, '\\$1')}"`).join(' && ');
    const works = await run('setpriv', [...args, 'sh', '-c', probe], { env: { PATH: SYSTEM_PATH } }).then(
      () => true,
      () => false,
    );
    if (works) return ['setpriv', args];
  }
  return undefined;
}

/** Enough to find `sh`, `setpriv` and `ps`; nothing of our own environment reaches the server. */
export const SYSTEM_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

function unusable(message: string): DatabaseError {
  return new DatabaseError('WATCHER_EMBEDDED_UNUSABLE', message);
}
