import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import * as library from '@livetap/connector';
import ts from 'typescript';
import { afterAll, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const connector = join(root, 'libs/connector');
const readme = readFileSync(join(connector, 'README.md'), 'utf8');

/** The cells of each row of the tables under a heading. */
function rows(heading: string): string[][] {
  const begin = readme.indexOf(`\n## ${heading}\n`);
  expect(begin, heading).toBeGreaterThan(0);
  const end = readme.indexOf('\n## ', begin + 1);
  return readme
    .slice(begin, end === -1 ? undefined : end)
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim().replaceAll('`', '')),
    );
}

const firstCells = (heading: string): string[] => rows(heading).map(([name = '']) => name);

/** The declaration of a class or interface in a source file of the library. */
function members(file: string, name: string): readonly (ts.ClassElement | ts.TypeElement)[] {
  const source = ts.createSourceFile(file, readFileSync(join(connector, 'src', file), 'utf8'), ts.ScriptTarget.ES2023);
  for (const statement of source.statements)
    if ((ts.isClassDeclaration(statement) || ts.isInterfaceDeclaration(statement)) && statement.name?.text === name)
      return [...statement.members];
  throw new Error(`${file} has no ${name}.`);
}

const nameOf = (member: ts.ClassElement | ts.TypeElement): string =>
  member.name && ts.isIdentifier(member.name) ? member.name.text : '';

const isPublic = (member: ts.ClassElement): boolean =>
  !ts.canHaveModifiers(member) ||
  !(ts.getModifiers(member) ?? []).some(
    ({ kind }) => kind === ts.SyntaxKind.PrivateKeyword || kind === ts.SyntaxKind.ProtectedKeyword,
  );

describe('the README', () => {
  it('has every code of an error, with a class that is exported', () => {
    const table = rows('Errors');
    expect(table.map(([code]) => code)).toEqual([...library.CONNECTOR_ERROR_CODES]);
    for (const [code, name = ''] of table) {
      const type = (library as Readonly<Record<string, unknown>>)[name];
      expect(typeof type, `${code}: ${name}`).toBe('function');
      const isError =
        type === library.ConnectorError || (type as { prototype: unknown }).prototype instanceof library.ConnectorError;
      expect(isError, `${code}: ${name}`).toBe(true);
    }
  });

  it('has every event of the connection', () => {
    expect(firstCells('Events').sort()).toEqual(Object.values<string>(library.ControlEvent).sort());
  });

  it('has every option', () => {
    const file = 'connection/connection-types.ts';
    const options = [
      ...members(file, 'TikTokLiveConnectionMutableOptions'),
      ...members(file, 'TikTokLiveConnectionOptions'),
    ].map(nameOf);
    expect(firstCells('Options').sort()).toEqual(options.sort());
    const reconnect = members('connection/reconnect-options.ts', 'ReconnectOptions').map(nameOf);
    expect(firstCells('Reconnecting').sort()).toEqual(reconnect.sort());
  });

  it('has every method and property of a connection', () => {
    const own = (members('connection/tiktok-live-connection.ts', 'TikTokLiveConnection') as ts.ClassElement[])
      .filter(isPublic)
      .map(nameOf)
      .filter((name) => name !== '');
    const listed = firstCells('Methods and properties').map((cell) => cell.replace(/\(.*$/, ''));
    expect(listed.sort()).toEqual([...new Set(own)].sort());
  });

  it('names variables of the environment that are read, and all of them', () => {
    const source = readFileSync(join(connector, 'src/config/environment.ts'), 'utf8');
    const read = new Set([...source.matchAll(/'([A-Z][A-Z0-9_]+)'/g)].map(([, name]) => name));
    expect([...read].filter((name) => !readme.includes(`\`${name}\``))).toEqual([]);
  });

  describe('samples', () => {
    const folder = join(root, '.cache/readme-samples');
    afterAll(() => rmSync(folder, { recursive: true, force: true }));

    it('are programs with the right types', async () => {
      const samples = [...readme.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, text = '']) => text);
      expect(samples.length).toBeGreaterThan(5);
      rmSync(folder, { recursive: true, force: true });
      mkdirSync(folder, { recursive: true });
      samples.forEach((text, index) => writeFileSync(join(folder, `sample-${index}.mts`), complete(text)));
      const compilerOptions = { module: 'nodenext', target: 'es2023', strict: true, noEmit: true, types: ['node'] };
      writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions }));
      const tsc = join(root, 'node_modules/typescript/bin/tsc');
      const { stdout } = await promisify(execFile)(process.execPath, [tsc, '-p', folder]).catch(
        (error: { stdout: string }) => error,
      );
      expect(stdout).toBe('');
    });
  });
});

/** A sample goes on where the one before it stopped: what it takes from there is added. */
function complete(text: string): string {
  const imported = /import \{([^}]*)\}/.exec(text)?.[1] ?? '';
  const missing = ['TikTokLiveConnection', 'WebcastEvent', 'ControlEvent'].filter((name) => !imported.includes(name));
  const connection = /const connection\b/.test(text)
    ? ''
    : `declare const connection: import('@livetap/connector').TikTokLiveConnection;\n`;
  return `import { ${missing.join(', ')} } from '@livetap/connector';\n${connection}${text}\nexport {};\n`;
}
