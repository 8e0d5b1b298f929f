// Which changes from one revision of a schema to the next are allowed: new optional fields, new examples of values, other
// words. Pure functions; whatever they do not know must stay as it is.
import { isDeepStrictEqual } from 'node:util';

/** Keywords that say nothing about which values are valid. */
const WORDS = new Set(['$schema', '$id', '$comment', 'title', 'description']);
/** Keywords that hold one schema. */
const SCHEMAS = new Set(['items', 'additionalProperties']);
/** Keywords that hold schemas by name. */
const TABLES = new Set(['properties', '$defs']);

/** All changes but those of words, as sentences. */
export function differences(older, newer) {
  return changes(older, newer, '').map((change) => change.text);
}

/** The changes that a revision must not make, as sentences; empty when `newer` may follow `older`. */
export function breakingChanges(older, newer) {
  return [
    ...changes(older, newer, '')
      .filter((change) => change.breaking)
      .map((change) => change.text),
    ...closedSets(newer),
  ];
}

/** Places where a schema closes a set: no later revision could add to it. */
export function closedSets(schema, at = '') {
  const found = [];
  const place = at === '' ? 'the top' : at;
  if (schema.enum !== undefined) found.push(`closed enum at ${place}`);
  for (const keyword of ['additionalProperties', 'unevaluatedProperties']) {
    if (schema[keyword] === false) found.push(`${keyword}: false at ${place}`);
  }
  for (const [keyword, value] of Object.entries(schema)) {
    if (TABLES.has(keyword)) {
      for (const [name, member] of Object.entries(value)) found.push(...closedSets(member, step(at, keyword, name)));
    } else if (SCHEMAS.has(keyword) && isObject(value)) found.push(...closedSets(value, `${at}[]`));
  }
  return found;
}

function changes(older, newer, at) {
  const found = [];
  const place = at === '' ? 'the top' : at;
  const breaks = (text) => found.push({ breaking: true, text });
  const keywords = new Set([...Object.keys(older), ...Object.keys(newer)]);
  for (const keyword of keywords) {
    const [before, after] = [older[keyword], newer[keyword]];
    if (WORDS.has(keyword) || isDeepStrictEqual(before, after)) continue;
    if (TABLES.has(keyword)) found.push(...tableChanges(keyword, before ?? {}, after ?? {}, at));
    else if (keyword === 'required') found.push(...requiredChanges(before ?? [], after ?? [], at));
    else if (keyword === 'examples') {
      for (const value of missing(before ?? [], after ?? []))
        breaks(`example ${JSON.stringify(value)} removed at ${place}`);
      for (const value of missing(after ?? [], before ?? [])) {
        found.push({ breaking: false, text: `example ${JSON.stringify(value)} added at ${place}` });
      }
    } else if (SCHEMAS.has(keyword) && isObject(before) && isObject(after)) {
      found.push(...changes(before, after, `${at}[]`));
    } else breaks(`${keyword} at ${place} was ${shown(before)}, is ${shown(after)}`);
  }
  return found;
}

function tableChanges(keyword, before, after, at) {
  const found = [];
  const kind = keyword === 'properties' ? 'field' : 'shape';
  for (const [name, schema] of Object.entries(before)) {
    const where = step(at, keyword, name);
    if (!Object.hasOwn(after, name)) found.push({ breaking: true, text: `${kind} ${where} removed` });
    else found.push(...changes(schema, after[name], where));
  }
  for (const name of Object.keys(after)) {
    if (!Object.hasOwn(before, name)) found.push({ breaking: false, text: `${kind} ${step(at, keyword, name)} added` });
  }
  return found;
}

/** A field that is not required any more is a promise broken, too. */
function requiredChanges(before, after, at) {
  const place = (name) => step(at, 'properties', name);
  return [
    ...missing(after, before).map((name) => ({ breaking: true, text: `field ${place(name)} became required` })),
    ...missing(before, after).map((name) => ({ breaking: true, text: `field ${place(name)} became optional` })),
  ];
}

const missing = (from, of) => from.filter((value) => !of.some((other) => isDeepStrictEqual(other, value)));
const isObject = (value) => typeof value === 'object' && value !== null;
const shown = (value) => (value === undefined ? 'absent' : JSON.stringify(value));
const step = (at, keyword, name) => (keyword === '$defs' ? name : at === '' ? name : `${at}.${name}`);
