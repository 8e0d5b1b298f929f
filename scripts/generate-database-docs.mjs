// Draws the tables of history as an entity diagram (Mermaid) from prisma/schema.prisma into docs/database-diagram.md.
// With --check it only says whether the document is up to date.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const DOCUMENT = join(root, 'docs', 'database-diagram.md');
const TABLES = [
  'streamers',
  'streamer_aliases',
  'sessions',
  'room_snapshots',
  'room_snapshot_means',
  'session_viewers',
  'session_gifters',
  'session_gifts',
  'session_gaps',
  'streamer_gifters',
  'viewers',
  'gifts',
  'battles',
  'battle_sides',
  'battle_scores',
  'battle_contributors',
  'archived_events',
];
/** Columns that lead to another table. No foreign keys: rows of two replicas arrive in any order. */
const LEADS_TO = {
  session_id: ['sessions', 'id'],
  viewer_id: ['viewers', 'id'],
  gift_id: ['gifts', 'id'],
  battle_id: ['battles', 'id'],
  streamer_id: ['streamers', 'id'],
  tiktok_user_id: ['streamers', 'tiktok_user_id'],
};
const TYPES = {
  BigInt: 'bigint',
  Int: 'integer',
  String: 'text',
  Boolean: 'boolean',
  DateTime: 'timestamptz',
  Json: 'jsonb',
};

/** @returns {Map<string, {about: string, columns: {name: string, type: string, key: boolean, optional: boolean}[]}>} */
function readTables(schema) {
  const tables = new Map();
  for (const [, about, body] of schema.matchAll(/^\/\/\/ (.*)\nmodel \w+ \{\n([\s\S]*?)^\}/gm)) {
    const table = /@@map\("(\w+)"\)/.exec(body)?.[1];
    const ids = /@@id\(\[([^\]]*)\]/.exec(body)?.[1]?.split(', ') ?? [];
    const columns = [];
    for (const line of body.split('\n')) {
      const field = /^ {2}(\w+) +([A-Z]\w*)(\[\]|\?)?/.exec(line);
      if (field === null || line.includes('@relation') || /Record$/.test(field[2])) continue;
      columns.push({
        name: /@map\("(\w+)"\)/.exec(line)?.[1] ?? field[1],
        type: `${/@db\.SmallInt/.test(line) ? 'smallint' : TYPES[field[2]]}${field[3] === '[]' ? '_array' : ''}`,
        key: / @id\b/.test(line) || ids.includes(field[1]),
        optional: field[3] === '?',
      });
    }
    if (table !== undefined) tables.set(table, { about, columns });
  }
  return tables;
}

function draw(tables) {
  const lines = ['erDiagram'];
  for (const name of TABLES) {
    const table = tables.get(name);
    if (table === undefined) throw new Error(`prisma/schema.prisma has no table ${name}`);
    lines.push(`  ${name} {`);
    for (const { name: column, type, key, optional } of table.columns) {
      const link = column in LEADS_TO && LEADS_TO[column][0] !== name;
      const keys = [key ? 'PK' : '', link ? 'FK' : ''].filter((one) => one !== '').join(', ');
      lines.push(`    ${type} ${column}${keys === '' ? '' : ` ${keys}`}${optional ? ' "may be null"' : ''}`);
    }
    lines.push('  }');
  }
  for (const name of TABLES) {
    for (const { name: column } of tables.get(name).columns) {
      const target = LEADS_TO[column];
      if (target === undefined || target[0] === name) continue;
      lines.push(`  ${target[0]} |o--o{ ${name} : ${column}`);
    }
  }
  return lines;
}

const tables = readTables(readFileSync(join(root, 'prisma', 'schema.prisma'), 'utf8'));
const text = [
  '# Tables of history',
  '',
  'Generated from `prisma/schema.prisma` by `node scripts/generate-database-docs.mjs`. Lines are not foreign keys of the',
  'database: rows of two replicas arrive in any order. [database.md](database.md) says what they mean.',
  '',
  '```mermaid',
  ...draw(tables),
  '```',
  '',
  ...TABLES.map((name) => `- \`${name}\`: ${tables.get(name).about}`),
  '',
].join('\n');

if (process.argv.includes('--check')) {
  const current = existsSync(DOCUMENT) ? readFileSync(DOCUMENT, 'utf8') : '';
  if (current !== text) {
    process.stderr.write('docs/database-diagram.md is out of date: node scripts/generate-database-docs.mjs\n');
    process.exit(1);
  }
  process.stdout.write('docs/database-diagram.md is up to date\n');
} else {
  writeFileSync(DOCUMENT, text);
}
