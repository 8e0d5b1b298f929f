// The gate that keeps published schemas as they are. Pure: files, manifest and catalogue are given.
import { createHash } from 'node:crypto';
import { breakingChanges, closedSets } from './compare-schemas.mjs';

export const sha256 = (text) => createHash('sha256').update(text).digest('hex');

const FORM = /^(.+)\/1\.(0|[1-9]\d*)$/;

/**
 * Problems as sentences; empty when all is well.
 * `files`: `chat/1.0` → text. `published`: `chat/1.0` → SHA-256. `newest`: `chat` → `1.0`, by the catalogue.
 */
export function checkCompatibility({ files, published, newest }) {
  const problems = [
    ...Object.entries(published).flatMap(([version, hash]) => unchanged(version, hash, files.get(version))),
    ...[...files.keys()]
      .filter((version) => published[version] === undefined)
      .map((version) => `Schema ${version} is not recorded as published. Run node scripts/check-compat.mjs --record`),
  ];
  const revisions = new Map();
  for (const [version, text] of files) {
    const [, name, revision] = FORM.exec(version) ?? [];
    if (name === undefined) {
      problems.push(`Schema ${version}: the name of the file must be 1.<revision>.json; a new version is a new type`);
      continue;
    }
    const schema = JSON.parse(text);
    const id = `urn:livetap:schema:${version.replace('/', ':')}`;
    if (schema.$id !== id) problems.push(`Schema ${version}: $id is ${schema.$id}, must be ${id}`);
    problems.push(...closedSets(schema).map((text) => `Schema ${version}: ${text}`));
    if (!revisions.has(name)) revisions.set(name, []);
    revisions.get(name)[Number(revision)] = schema;
  }
  for (const [name, schemas] of revisions) problems.push(...history(name, schemas));
  for (const name of new Set([
    ...revisions.keys(),
    ...Object.keys(published).map((version) => version.split('/')[0]),
  ])) {
    if (newest.get(name) === undefined) problems.push(`Event ${name} is published but not in EVENT_CATALOGUE any more`);
  }
  for (const [name, version] of newest) {
    const highest = `1.${(revisions.get(name) ?? []).length - 1}`;
    if (version !== highest) {
      problems.push(`Event ${name}: the catalogue says ${version}, the newest schema is ${highest}`);
    }
  }
  return problems;
}

/** The manifest with what is new. Call only when `checkCompatibility` finds nothing else. */
export function recorded(files, published) {
  const added = [...files].filter(([version]) => published[version] === undefined);
  const all = [...Object.entries(published), ...added.map(([version, text]) => [version, sha256(text)])];
  return Object.fromEntries(all.sort(([left], [right]) => (left < right ? -1 : 1)));
}

function unchanged(version, hash, text) {
  if (text === undefined) return [`Schema ${version} is published and its file is gone`];
  return sha256(text) === hash ? [] : [`Schema ${version} is published and its file has changed`];
}

/** Every revision from 0 on is there, and each may follow the one before. */
function history(name, schemas) {
  const problems = [];
  for (let revision = 0; revision < schemas.length; revision += 1) {
    if (schemas[revision] === undefined) problems.push(`Schema ${name}/1.${revision} is missing`);
    else if (revision > 0 && schemas[revision - 1] !== undefined) {
      const broken = breakingChanges(schemas[revision - 1], schemas[revision]);
      problems.push(
        ...broken.map(
          (text) => `Schema ${name}/1.${revision} breaks 1.${revision - 1}: ${text}. It needs a new type (.v2)`,
        ),
      );
    }
  }
  return problems;
}
