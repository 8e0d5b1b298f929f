import { spawnSync, type SpawnSyncReturns } from 'node:child_process';
import { appendFileSync, cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const repository = fileURLToPath(new URL('../../../../', import.meta.url));
const GENERATED = join('libs', 'connector', 'src', 'proto', 'generated');

function check(root: string): SpawnSyncReturns<string> {
  return spawnSync(process.execPath, [join(root, 'scripts', 'generate-proto.mjs'), '--check'], { encoding: 'utf8' });
}

describe('the generated code', () => {
  let copy = '';
  beforeAll(() => {
    copy = mkdtempSync(join(tmpdir(), 'livetap-proto-'));
    for (const path of ['proto', GENERATED, 'scripts/generate-proto', 'scripts/generate-proto.mjs']) {
      cpSync(join(repository, path), join(copy, path), { recursive: true });
    }
    symlinkSync(join(repository, 'node_modules'), join(copy, 'node_modules'));
  });
  afterAll(() => rmSync(copy, { recursive: true, force: true }));

  it('is what proto/webcast makes it', () => {
    const { status, stderr } = check(repository);
    expect(stderr).toBe('');
    expect(status).toBe(0);
  });

  it('is refused when it differs, is missing or is left over', () => {
    appendFileSync(join(copy, GENERATED, 'chat.ts'), '// by hand\n');
    rmSync(join(copy, GENERATED, 'pin.ts'));
    writeFileSync(join(copy, GENERATED, 'old.ts'), '');
    const { status, stderr } = check(copy);
    expect(status).toBe(1);
    expect(stderr).toContain('differs: chat.ts');
    expect(stderr).toContain('missing: pin.ts');
    expect(stderr).toContain('not generated any more: old.ts');
  });
});
