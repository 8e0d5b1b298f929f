import { readdirSync, readFileSync } from 'node:fs';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import ajvFormats from 'ajv-formats';

const folder = new URL('../../libs/contracts/schemas/', import.meta.url);

export interface EventSchemas {
  /** What is wrong with an event (parsed), envelope and data; empty when it is valid. */
  errors(event: unknown): string[];
}

/** The published schemas, ready to check events. */
export function compileSchemas(): EventSchemas {
  const ajv = new Ajv2020({ allErrors: true, strict: true, strictTypes: false });
  ajvFormats.default(ajv);
  const byId = new Map<string, ValidateFunction>();
  for (const { name } of readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory())) {
    for (const file of readdirSync(new URL(`${name}/`, folder))) {
      const schema = JSON.parse(readFileSync(new URL(`${name}/${file}`, folder), 'utf8')) as { $id: string };
      byId.set(schema.$id, ajv.compile(schema));
    }
  }
  const check = (id: string, value: unknown): string[] => {
    const validate = byId.get(id);
    if (validate === undefined) return [`no schema ${id}`];
    validate(value);
    return (validate.errors ?? []).map((error) => `${error.instancePath} ${error.message ?? ''}`);
  };
  return {
    errors(event) {
      const { dataschema, data } = event as { dataschema: string; data: unknown };
      return [...check('urn:livetap:schema:event:1.0', event), ...check(dataschema, data)];
    },
  };
}
