// Writes libs/contracts/schemas/<event>/1.0.json: the JSON Schema of the data of each event, and one of the envelope.
// Shapes of their own come from the interfaces in libs/contracts/src/data, the others from the generic rule over
// proto/webcast. `--check` fails when a committed file differs.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import ts from 'typescript';

const root = fileURLToPath(new URL('../', import.meta.url));
const target = join(root, 'libs/contracts/schemas');
const REVISION = '1.0';
/** Not an event's name: `envelope` is a treasure box. */
const ENVELOPE = 'event';

/** Names of the contract that are a kind of text. */
const NAMED_TEXT = {
  DecimalString: { type: 'string', pattern: '^-?\\d+$' },
  Timestamp: { type: 'string', format: 'date-time', pattern: '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z$' },
  HttpsUrl: { type: 'string', pattern: '^https://' },
};

/** Loads what the program itself uses, bundled: nothing needs to be built before. */
async function loadRules() {
  // Below the work tree, so that the bundle finds its packages.
  const folder = mkdtempSync(join(root, 'node_modules/.livetap-schemas-'));
  const outfile = join(folder, 'rules.mjs');
  try {
    await build({
      stdin: {
        contents: `
          export { EVENT_CATALOGUE } from './libs/contracts/src/index.ts';
          export { codecForMethod, wireMethods } from './libs/connector/src/proto/index.ts';
          export { enums } from './libs/connector/src/proto/generated/tables.ts';
          export { WebcastEventMap } from './libs/connector/src/events/event-map.ts';
          export { planMessage } from './apps/watcher/src/pipeline/normalize/generic-rule.ts';
        `,
        resolveDir: root,
      },
      bundle: true,
      format: 'esm',
      platform: 'node',
      packages: 'external',
      alias: { '@livetap/connector': join(root, 'libs/connector/src/proto/index.ts') },
      outfile,
      logLevel: 'error',
    });
    return await import(pathToFileURL(outfile).href);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

// ------------------------------------------------------------------------------------------- shapes of their own

/** Every interface and type alias of the contract by name. */
function declarations() {
  const found = new Map();
  const folder = join(root, 'libs/contracts/src/data');
  const files = [
    ...readdirSync(folder).map((name) => join(folder, name)),
    join(root, 'libs/contracts/src/envelope.ts'),
  ];
  for (const file of files.filter((name) => !name.endsWith('.spec.ts'))) {
    const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.ES2023, true);
    for (const statement of source.statements) {
      if (ts.isInterfaceDeclaration(statement) || ts.isTypeAliasDeclaration(statement)) {
        found.set(statement.name.text, statement);
      }
    }
  }
  return found;
}

class MadeSchemas {
  #types = declarations();

  /** Event name → name of the interface of its data. */
  names() {
    const table = this.#types.get('MadeEventData');
    return new Map(table.members.map((member) => [propertyName(member), member.type.typeName.text]));
  }

  schema(typeName) {
    const defs = {};
    const body = this.#interface(typeName, defs);
    return { ...body, ...(Object.keys(defs).length === 0 ? {} : { $defs: sorted(defs) }) };
  }

  #interface(typeName, defs) {
    const declaration = this.#types.get(typeName);
    return { ...describe(declaration), ...this.#members(this.#allMembers(declaration), defs) };
  }

  #allMembers(declaration) {
    const inherited = (declaration.heritageClauses ?? []).flatMap((clause) =>
      clause.types.flatMap((type) => this.#allMembers(this.#types.get(type.expression.text))),
    );
    return [...declaration.members, ...inherited];
  }

  #members(members, defs) {
    const properties = {};
    const required = [];
    for (const member of members) {
      const name = propertyName(member);
      const schema = this.#type(member.type, defs);
      const described = describe(member);
      properties[name] = { ...described, ...schema };
      if (member.questionToken === undefined) required.push(name);
    }
    return { type: 'object', properties, ...(required.length === 0 ? {} : { required }) };
  }

  #type(node, defs) {
    if (ts.isTypeOperatorNode(node)) return this.#type(node.type, defs);
    if (ts.isParenthesizedTypeNode(node)) return this.#type(node.type, defs);
    if (ts.isArrayTypeNode(node)) return { type: 'array', items: this.#type(node.elementType, defs) };
    if (ts.isTypeLiteralNode(node)) return this.#members(node.members, defs);
    if (ts.isLiteralTypeNode(node)) return { const: literal(node.literal) };
    if (ts.isUnionTypeNode(node)) return { enum: node.types.map((type) => literal(type.literal)) };
    switch (node.kind) {
      case ts.SyntaxKind.StringKeyword:
        return { type: 'string' };
      case ts.SyntaxKind.NumberKeyword:
        return { type: 'number' };
      case ts.SyntaxKind.BooleanKeyword:
        return { type: 'boolean' };
    }
    if (ts.isTypeReferenceNode(node)) return this.#reference(node, defs);
    throw new Error(`No rule for ${node.getText()}`);
  }

  #reference(node, defs) {
    const name = node.typeName.text;
    if (NAMED_TEXT[name] !== undefined) return NAMED_TEXT[name];
    if (name === 'OpenEnum') return { type: 'string', examples: this.#values(node.typeArguments[0]) };
    // The data has a schema of its own.
    if (name === 'EventData') return { type: 'object' };
    const declaration = this.#types.get(name);
    if (declaration === undefined) throw new Error(`No declaration of ${name}`);
    if (ts.isTypeAliasDeclaration(declaration)) return this.#type(declaration.type, defs);
    if (defs[name] === undefined) {
      defs[name] = {};
      defs[name] = this.#interface(name, defs);
    }
    return { $ref: `#/$defs/${name}` };
  }

  #values(node) {
    if (ts.isLiteralTypeNode(node)) return [literal(node.literal)];
    if (ts.isUnionTypeNode(node)) return node.types.flatMap((type) => this.#values(type));
    if (ts.isTypeReferenceNode(node)) return this.#values(this.#types.get(node.typeName.text).type);
    throw new Error(`Not a list of values: ${node.getText()}`);
  }
}

const propertyName = (member) => member.name.text;

function literal(node) {
  if (node.kind === ts.SyntaxKind.TrueKeyword) return true;
  if (node.kind === ts.SyntaxKind.FalseKeyword) return false;
  return ts.isNumericLiteral(node) ? Number(node.text) : node.text;
}

function describe(node) {
  const docs = ts.getJSDocCommentsAndTags(node).filter(ts.isJSDoc);
  const text = docs.map((doc) => ts.getTextOfJSDocComment(doc.comment) ?? '').join(' ');
  return text === '' ? {} : { description: text.replace(/\s+/g, ' ').trim() };
}

// ---------------------------------------------------------------------------------------------- the generic rule

class GenericSchemas {
  #rules;
  #made;
  #types = new Map();

  constructor(rules, made) {
    this.#rules = rules;
    this.#made = made;
    for (const [method, event] of Object.entries(rules.WebcastEventMap)) {
      const type = rules.codecForMethod(method)?.typeName;
      if (type === undefined) continue;
      const types = this.#types.get(event) ?? new Set();
      this.#types.set(event, types.add(type));
    }
  }

  schema(event) {
    const types = this.#types.get(event);
    if (types === undefined) throw new Error(`No message type leads to ${event}`);
    const defs = {};
    const properties = {};
    for (const type of types) Object.assign(properties, this.#message(type, defs).properties);
    properties.partial = { const: true, description: 'A part of the message could not be decoded and was left out.' };
    return { type: 'object', properties, ...(Object.keys(defs).length === 0 ? {} : { $defs: sorted(defs) }) };
  }

  #message(type, defs) {
    const plan = this.#rules.planMessage(type);
    const properties = {};
    if (plan.person !== undefined) properties.user = this.#shared('User', defs);
    for (const field of plan.fields) {
      const value = this.#value(field, defs);
      properties[field.out] =
        field.shape === 'list'
          ? { type: 'array', items: value }
          : field.shape === 'map'
            ? { type: 'object', additionalProperties: value }
            : value;
    }
    return { type: 'object', properties };
  }

  #value(field, defs) {
    switch (field.kind) {
      case 'text':
        return { type: 'string' };
      case 'flag':
        return { type: 'boolean' };
      case 'number':
        return { type: 'number' };
      case 'integer':
        return NAMED_TEXT.DecimalString;
      case 'image':
        return NAMED_TEXT.HttpsUrl;
      case 'enum':
        return { type: 'string', examples: this.#names(field.type) };
      case 'user':
        return this.#shared('User', defs);
      case 'localized':
      case 'header':
        return this.#shared('LocalizedText', defs);
      case 'message':
        if (defs[field.type] === undefined) {
          defs[field.type] = {};
          defs[field.type] = this.#message(field.type, defs);
        }
        return { $ref: `#/$defs/${field.type}` };
    }
    throw new Error(`No rule for ${field.kind}`);
  }

  #names(enumType) {
    return Object.values(this.#rules.enums[enumType]).filter((value) => typeof value === 'string');
  }

  #shared(name, defs) {
    if (defs[name] === undefined) {
      const { $defs = {}, ...body } = this.#made.schema(name);
      Object.assign(defs, $defs, { [name]: body });
    }
    return { $ref: `#/$defs/${name}` };
  }
}

// ----------------------------------------------------------------------------------------------------------- files

const sorted = (object) =>
  Object.fromEntries(Object.entries(object).sort(([left], [right]) => (left < right ? -1 : 1)));

function document(name, title, description, { description: _, ...body }) {
  const { $defs, ...rest } = body;
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: `urn:livetap:schema:${name}:${REVISION}`,
    title,
    description,
    ...rest,
    ...($defs === undefined ? {} : { $defs }),
  };
}

async function main() {
  const rules = await loadRules();
  const made = new MadeSchemas();
  const generic = new GenericSchemas(rules, made);
  const names = made.names();
  const files = new Map();
  files.set(
    ENVELOPE,
    document(ENVELOPE, 'livetap event', 'A whole event: CloudEvents 1.0 in JSON.', made.schema('LivetapEvent')),
  );
  for (const entry of Object.values(rules.EVENT_CATALOGUE)) {
    const body = entry.shape === 'made' ? made.schema(names.get(entry.name)) : generic.schema(entry.name);
    files.set(entry.name, document(entry.name, entry.type, entry.description, body));
  }
  const check = process.argv.includes('--check');
  const stale = [];
  for (const [name, schema] of files) {
    const path = join(target, name, `${REVISION}.json`);
    const text = `${JSON.stringify(schema, null, 2)}\n`;
    if (check) {
      if (readIfThere(path) !== text) stale.push(name);
    } else {
      mkdirSync(join(target, name), { recursive: true });
      writeFileSync(path, text);
    }
  }
  if (stale.length > 0) {
    console.error(`Schemas differ from their sources: ${stale.join(', ')}. Run node scripts/generate-schemas.mjs`);
    process.exit(1);
  }
  console.log(`${files.size} schemas ${check ? 'are up to date' : 'written'}`);
}

function readIfThere(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}

await main();
