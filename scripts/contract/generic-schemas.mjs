// JSON Schemas of the events without a shape of their own: the generic rule of the contract over proto/webcast.
import { NAMED_VALUES, sorted } from './values.mjs';

/** Units that the wire's names tell. */
const UNITS = [
  [/(Ms|Milliseconds?)$/, 'Milliseconds'],
  [/(Seconds?|Sec)$/, 'Seconds'],
  [/[dD]iamond(Count|Cnt|s|Num)?$/, 'Diamonds'],
];
const PERSON = 'The person whom the message names.';
const PARTIAL = 'True when a part of the message could not be decoded and was left out; absent otherwise.';

export class GenericSchemas {
  #rules;
  #made;
  #types = new Map();

  /** @param rules what `loadRules` gives  @param made a MadeSchemas, for `User` and `LocalizedText` */
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
    properties.partial = { description: PARTIAL, const: true };
    return { type: 'object', properties, ...(Object.keys(defs).length === 0 ? {} : { $defs: sorted(defs) }) };
  }

  #message(type, defs) {
    const plan = this.#rules.planMessage(type);
    const numbers = new Map(this.#rules.codecForType(type).fields.map((field) => [field.name, field.number]));
    const properties = {};
    if (plan.person !== undefined) properties.user = { description: PERSON, ...this.#shared('User', defs) };
    for (const field of plan.fields) {
      const value = this.#value(field, defs);
      const shape =
        field.shape === 'list'
          ? { type: 'array', items: value }
          : field.shape === 'map'
            ? { type: 'object', additionalProperties: value }
            : value;
      properties[field.out] = { description: description(type, field, numbers.get(field.wire)), ...shape };
    }
    return { description: `\`${type}\` of the wire, as sent.`, type: 'object', properties };
  }

  #value(field, defs) {
    switch (field.kind) {
      case 'text':
        return { type: 'string' };
      case 'flag':
        return { type: 'boolean' };
      case 'float':
        return { type: 'number' };
      case 'number':
        return NAMED_VALUES.Integer;
      case 'integer':
        return NAMED_VALUES.DecimalString;
      case 'image':
        return NAMED_VALUES.HttpsUrl;
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

/** All that is known of a field of the wire is its name and place; a unit where the name tells one. */
function description(type, field, number) {
  if (field.kind === 'header') return 'The text that TikTok shows for the message.';
  const place = `\`${type}.${field.wire}\` of the wire (field ${number}), as sent.`;
  const unit = ['number', 'integer', 'float'].includes(field.kind)
    ? UNITS.find(([form]) => form.test(field.wire))?.[1]
    : undefined;
  return unit === undefined ? place : `${unit}: ${place}`;
}
