// Generates the Prisma client, only when the schema or Prisma itself changed since the last time.
// Works without a network: `prisma generate` needs no engine, it only insists on a file where one could be.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const require = createRequire(import.meta.url);
const schema = join(root, 'prisma', 'schema.prisma');
const output = join(root, 'apps', 'watcher', 'src', 'persistence', 'generated');
const stamp = join(output, '.stamp');

const prismaManifest = require.resolve('prisma/package.json');
const { version, bin } = JSON.parse(readFileSync(prismaManifest, 'utf8'));
const command = join(dirname(prismaManifest), typeof bin === 'string' ? bin : bin.prisma);
const wanted = createHash('sha256').update(readFileSync(schema)).update('\0').update(version).digest('hex');

const current = existsSync(stamp) ? readFileSync(stamp, 'utf8').trim() : '';
if (current !== wanted || process.argv.includes('--force')) {
  rmSync(output, { recursive: true, force: true });
  const result = spawnSync(process.execPath, [command, 'generate', '--no-hints'], {
    cwd: root,
    encoding: 'utf8',
    env: {
      ...process.env,
      PRISMA_SCHEMA_ENGINE_BINARY: process.execPath,
      PRISMA_HIDE_UPDATE_MESSAGE: '1',
      CHECKPOINT_DISABLE: '1',
    },
  });
  if (result.status !== 0) {
    process.stderr.write(`${result.stdout ?? ''}${result.stderr ?? ''}${result.error?.message ?? ''}\n`);
    process.stderr.write('The Prisma client could not be generated from prisma/schema.prisma.\n');
    process.exit(1);
  }
  writeFileSync(stamp, `${wanted}\n`);
  process.stdout.write('generated the database client (Prisma)\n');
}
