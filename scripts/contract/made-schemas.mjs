// JSON Schemas of the contract's interfaces (libs/contracts/src), read from their TypeScript.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { ROOT } from './load-contract.mjs';
import { NAMED_VALUES, sorted } from './values.mjs';

/** The sources of the interfaces: path → text. */
export function contractSources() {
  const folder = join(ROOT, 'libs/contracts/src');
  const paths = [
    ...readdirSync(join(folder, 'data')).map((name) => join(folder, 'data', name)),
    join(folder, 'envelope.ts'),
  ];
  return new Map(paths.filter((path) => !path.endsWith('.spec.ts')).map((path) => [path, readFileSync(path, 'utf8')]));
}

/** Every interface and type alias by name. */
function declarations(sources) {
  const found = new Map();
  for (const [path, text] of sources) {
    for (const statement of ts.createSourceFile(path, text, ts.ScriptTarget.ES2023, true).statements) {
      if (ts.isInterfaceDeclaration(statement) || ts.isTypeAliasDeclaration(statement)) {
        found.set(statement.name.text, statement);
      }
    }
  }
  return found;
}

/** Every member needs a docstring: it becomes the description of the field. */
export class MadeSchemas {
  #types;

  constructor(sources = contractSources()) {
    this.#types = declarations(sources);
  }

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
    return { description: described(declaration, typeName), ...this.#members(typeName, declaration, defs) };
  }

  #allMembers(declaration) {
    const inherited = (declaration.heritageClauses ?? []).flatMap((clause) =>
      clause.types.flatMap((type) => this.#allMembers(this.#types.get(type.expression.text))),
    );
    return [...declaration.members, ...inherited];
  }

  #members(typeName, declaration, defs) {
    const properties = {};
    const required = [];
    for (const member of this.#allMembers(declaration)) {
      const name = propertyName(member);
      properties[name] = { description: described(member, `${typeName}.${name}`), ...this.#type(member.type, defs) };
      if (member.questionToken === undefined) required.push(name);
    }
    return { type: 'object', properties, ...(required.length === 0 ? {} : { required }) };
  }

  #type(node, defs) {
    if (ts.isTypeOperatorNode(node)) return this.#type(node.type, defs);
    if (ts.isParenthesizedTypeNode(node)) return this.#type(node.type, defs);
    if (ts.isArrayTypeNode(node)) return { type: 'array', items: this.#type(node.elementType, defs) };
    if (ts.isLiteralTypeNode(node)) return { const: literal(node.literal) };
    if (node.kind === ts.SyntaxKind.StringKeyword) return { type: 'string' };
    if (node.kind === ts.SyntaxKind.BooleanKeyword) return { type: 'boolean' };
    // The data of an event has a schema of its own.
    if (node.kind === ts.SyntaxKind.ObjectKeyword) return { type: 'object' };
    if (ts.isTypeReferenceNode(node)) return this.#reference(node, defs);
    throw new Error(
      `No rule for the type ${node.getText()}: use Integer, Count, DecimalString or another name of values.ts, or OpenEnum for a set of values`,
    );
  }

  #reference(node, defs) {
    const name = node.typeName.text;
    if (NAMED_VALUES[name] !== undefined) return NAMED_VALUES[name];
    if (name === 'OpenEnum') return { type: 'string', examples: this.#values(node.typeArguments[0]) };
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

function described(node, where) {
  const docs = ts.getJSDocCommentsAndTags(node).filter(ts.isJSDoc);
  const text = docs.map((doc) => ts.getTextOfJSDocComment(doc.comment) ?? '').join(' ');
  if (text === '') throw new Error(`${where} has no docstring: say what it means, and its unit`);
  return text.replace(/\s+/g, ' ').trim();
}
