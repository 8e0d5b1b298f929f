import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { sampleEvent } from '@livetap/testkit';
import { describe, expect, it } from 'vitest';
import { subjectOf } from './subject-of.js';

const EXAMPLES = fileURLToPath(new URL('../../../../libs/contracts/examples/', import.meta.url));

describe('subjectOf', () => {
  it('finds what parsing finds, in an example of each event', () => {
    const names = readdirSync(EXAMPLES).filter((name) => name.endsWith('.json'));
    expect(names.length).toBeGreaterThan(50);
    for (const name of names) {
      const event = JSON.parse(readFileSync(`${EXAMPLES}${name}`, 'utf8')) as { subject?: string };
      expect(subjectOf(Buffer.from(JSON.stringify(event)))).toBe(event.subject ?? '');
    }
    expect(subjectOf(sampleEvent(1).value)).toBe(
      (JSON.parse(sampleEvent(1).value.toString()) as { subject?: string }).subject ?? '',
    );
  });

  it('takes nothing from the data for it', () => {
    expect(subjectOf(Buffer.from('{"id":"1","type":"t"}'))).toBe('');
    expect(subjectOf(Buffer.from(''))).toBe('');
    expect(subjectOf(Buffer.from('{"subject":"cut'))).toBe('');
  });
});
