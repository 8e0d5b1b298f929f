import type { Section } from './report.mjs';

export function writeDocument(
  path: string,
  part: { readonly name: string },
  sections: readonly Section[],
  machine: Readonly<Record<string, string>>,
  now?: Date,
): Promise<void>;

export function replacePart(text: string, name: string, content: string): string;
