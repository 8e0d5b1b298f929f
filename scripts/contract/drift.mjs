// What the sources say against the schemas that are there.
import { differences } from './compare-schemas.mjs';

/**
 * `wanted`, `files`: `chat/1.0` → text; `published`: `chat/1.0` → SHA-256.
 * Gives the versions that must be written, and sentences for those that must not change.
 */
export function driftOf(wanted, files, published) {
  const changed = [...wanted.keys()].filter((version) => files.get(version) !== wanted.get(version));
  const frozen = changed.filter((version) => published[version] !== undefined);
  const problems = frozen.map((version) => explain(version, files.get(version), wanted.get(version)));
  return { changed: changed.filter((version) => !frozen.includes(version)), problems };
}

function explain(version, published, wanted) {
  const [name, number] = version.split('/');
  const next = Number(number.split('.')[1]) + 1;
  const where =
    name === 'event'
      ? `set ENVELOPE_SCHEMA in libs/contracts/src/envelope.ts to 1.${next}`
      : `write \`${/^\w+$/.test(name) ? name : `'${name}'`}: ${next}\` into SCHEMA_REVISIONS in libs/contracts/src/events.ts`;
  const found =
    published === undefined ? ['the file is missing'] : differences(JSON.parse(published), JSON.parse(wanted));
  return (
    `Schema ${version} is published and never changes, but its sources now say otherwise (${found.join('; ') || 'wording'}). ` +
    `If the change only adds optional fields, ${where}, then run node scripts/generate-schemas.mjs and ` +
    'node scripts/check-compat.mjs --record. Anything else needs a new type (.v2).'
  );
}
