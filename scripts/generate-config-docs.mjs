// Writes docs/config.md and .env.example from the schema of the settings (apps/watcher/src/config/env.schema.ts).
//   node scripts/generate-config-docs.mjs            writes both files
//   node scripts/generate-config-docs.mjs --check    fails when a file differs from what would be written
// Reads the build of the watcher: run `npx tsc -b apps/watcher` first.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';

const root = fileURLToPath(new URL('..', import.meta.url));
const built = join(root, 'apps/watcher/dist/config/env.schema.js');
if (!existsSync(built)) {
  process.stderr.write('The watcher is not built. Run: npm run build\n');
  process.exit(1);
}
const { SETTINGS } = await import(built);
const { SETTING_GROUPS } = await import(join(root, 'apps/watcher/dist/config/setting.js'));

const settings = Object.entries(SETTINGS).map(([name, { setting }]) => ({ name, ...setting }));
const UNITS = { _MS: 'milliseconds', _BYTES: 'bytes' };
const unitOf = (name) => Object.entries(UNITS).find(([suffix]) => name.endsWith(suffix))?.[1];

function configMarkdown() {
  const lines = [
    '# Settings',
    '',
    '<!-- Made by scripts/generate-config-docs.mjs from apps/watcher/src/config/env.schema.ts. Do not edit. -->',
    '',
    'The service is set by environment variables alone; a file `.env` in the working folder is read as well (the environment wins).',
    'Without any setting it runs on this machine: loopback, embedded Postgres, journal only.',
    'A wrong value, or a name that begins with `LIVETAP_` and is not listed here, stops the start with exit code 78;',
    'all faults are named at once, values are never printed.',
    '',
  ];
  for (const group of SETTING_GROUPS) {
    lines.push(`## ${group}`, '', '| Name | Value | Default | Meaning |', '|---|---|---|---|');
    for (const setting of settings.filter((entry) => entry.group === group)) {
      const unit = unitOf(setting.name);
      const value = `${setting.expects}${unit ? ` (${unit})` : ''}`.replaceAll('|', '\\|');
      const fallback = setting.defaultText === undefined ? 'unset' : `\`${setting.defaultText}\``;
      const secret = setting.secret ? ' Secret: never logged.' : '';
      lines.push(`| \`${setting.name}\` | ${value} | ${fallback} | ${setting.description}${secret} |`);
    }
    lines.push('');
  }
  lines.push(
    '## Exit codes',
    '',
    '| Code | Meaning |',
    '|---|---|',
    '| 0 | An orderly stop (SIGTERM, SIGINT). |',
    '| 1 | A second signal cut the orderly stop short. |',
    '| 64 | Command line: arguments that cannot be understood or do not fit together. |',
    '| 65 | Command line: the input is not what it should be, such as a damaged recording. |',
    '| 69 | Another process has the port or the data folder. Command line: not live, or Kafka cannot be reached. |',
    '| 70 | The service could not go on: the journal cannot be written, or a mistake in the program; the log says more. |',
    '| 78 | Settings, database or topics do not fit; a new start without a change is useless. |',
    '',
  );
  return `${lines.join('\n').trimEnd()}\n`;
}

function environmentExample() {
  const lines = [
    '# Made by scripts/generate-config-docs.mjs. Copy to .env and take the # away from what you want to change.',
    '# Every setting is described in docs/config.md.',
  ];
  for (const group of SETTING_GROUPS) {
    lines.push('', `# ${group}`);
    for (const setting of settings.filter((entry) => entry.group === group)) {
      lines.push(`#${setting.name}=${setting.defaultText ?? setting.example ?? ''}`);
    }
  }
  return `${lines.join('\n')}\n`;
}

const style = await resolveConfig(join(root, 'docs/config.md'));
const files = {
  'docs/config.md': await format(configMarkdown(), { ...style, parser: 'markdown' }),
  '.env.example': environmentExample(),
};
const check = process.argv.includes('--check');
let stale = 0;
for (const [path, text] of Object.entries(files)) {
  const full = join(root, path);
  if (check) {
    if (existsSync(full) && readFileSync(full, 'utf8') === text) continue;
    process.stderr.write(`${path} is not what the schema says. Run: node scripts/generate-config-docs.mjs\n`);
    stale += 1;
  } else {
    mkdirSync(dirname(full), { recursive: true });
    writeFileSync(full, text);
    process.stdout.write(`wrote ${path}\n`);
  }
}
if (stale > 0) process.exit(1);
