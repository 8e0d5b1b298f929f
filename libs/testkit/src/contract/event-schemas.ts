import { readdirSync, readFileSync } from 'node:fs';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import ajvFormats from 'ajv-formats';

const folder = new URL('../../../contracts/schemas/', import.meta.url);
const ENVELOPE = 'urn:livetap:schema:event:1.0';

export interface EventSchemas {
  /** What is wrong with an event (parsed), envelope and data; empty when it is valid. */
  errors(event: unknown): string[];
}

/** The published schemas, read from libs/contracts and ready to check events. */
export function compileSchemas(): EventSchemas {
  const ajv = new Ajv2020({ allErrors: true, strict: true, strictTypes: false });
  ajvFormats.default(ajv);
  for (const { name } of readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory())) {
    for (const file of readdirSync(new URL(`${name}/`, folder))) {
      ajv.addSchema(JSON.parse(readFileSync(new URL(`${name}/${file}`, folder), 'utf8')) as object);
    }
  }
  // Compiled when an event needs it: most tests see few of the types.
  const check = (id: string, value: unknown): string[] => {
    const validate: ValidateFunction | undefined = ajv.getSchema(id);
    if (validate === undefined) return [`no schema ${id}`];
    validate(value);
    return (validate.errors ?? []).map((error) => `${error.instancePath} ${error.message ?? ''}`);
  };
  return {
    errors(event) {
      if (typeof event !== 'object' || event === null) return ['not an object'];
      const { type, dataschema, data } = event as { type: unknown; dataschema: unknown; data: unknown };
      const named = /^livetap\.(.+)\.v1$/.exec(String(type))?.[1];
      const [, schema] = /^urn:livetap:schema:(.+):1\.\d+$/.exec(String(dataschema)) ?? [];
      return [
        ...check(ENVELOPE, event),
        ...(named === undefined || named !== schema ? [`${String(dataschema)} is not of ${String(type)}`] : []),
        ...check(String(dataschema), data),
      ];
    },
  };
}
