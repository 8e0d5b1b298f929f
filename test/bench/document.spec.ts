import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { writeDocument } from './document.mjs';
import { PARTS } from './parts/index.mjs';

const SECTIONS = [{ title: 'boxes', about: '7 boxes', rows: [{ name: 'ours', figures: { 'boxes/s': 9 } }] }];

describe('the document of the benchmark', () => {
  it('gets the figures of one part in their place, again and again', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'livetap-document-'));
    const path = join(folder, 'figures.md');
    await writeFile(
      path,
      '# Figures\n\n<!-- begin a -->\n\nold\n\n<!-- end a -->\n\n<!-- begin b -->\n<!-- end b -->\n',
    );
    const write = (name: string) => writeDocument(path, { name }, SECTIONS, { node: 'Node 20' }, new Date(0));
    await write('a');
    await write('a');
    await expect(write('c')).rejects.toThrow('no place for the part c');
    const text = await readFile(path, 'utf8');
    await rm(folder, { recursive: true });
    expect(text.match(/### Boxes/g)).toHaveLength(1);
    expect(text).not.toContain('old');
    expect(text).toContain('Measured 1970-01-01 on Node 20.\n\n<!-- end a -->\n\n<!-- begin b -->\n');
  });

  it('has a place for every part', async () => {
    const text = await readFile(new URL('../../docs/benchmarks.md', import.meta.url), 'utf8');
    for (const { name } of PARTS) expect(text).toMatch(new RegExp(`<!-- begin ${name} -->[^]*<!-- end ${name} -->`));
  });
});
