/**
 * The language in which the contract says what an event shows of its message. Each shape is read twice: `ObjectShaper`
 * makes data of decoded messages, `Projector` writes the same JSON from the bytes of the wire without decoding the rest.
 * A path names fields of proto/webcast, `common.displayText`; what is absent on the way counts as the default at its end.
 */
export type Shape =
  | ScalarShape
  | EnumShape
  | TimeShape
  | AlternativesShape
  | PersonShape
  | LoosePersonShape
  | MatchShape
  | ListShape
  | ObjectShape;

/** `shown`: even at its default. `present`: left out at its default. `positive`: left out unless above 0. */
export type When = 'shown' | 'present' | 'positive';

/**
 * `text`, `flag`; `count`: an integer as a number, at most 2^53−1 in size; `integer`: a 64-bit integer, or an id that
 * the wire has as text, as decimal text.
 */
export interface ScalarShape {
  readonly kind: 'text' | 'flag' | 'count' | 'integer';
  readonly path: string;
  readonly when: When;
}

/** The declared name of a value, or `UNKNOWN_<n>`. */
export interface EnumShape {
  readonly kind: 'enum';
  readonly path: string;
  readonly when: When;
}

/** RFC 3339 of seconds or milliseconds; left out when there is none. */
export interface TimeShape {
  readonly kind: 'time';
  readonly path: string;
}

/** The first of the paths at which there is something. */
export interface AlternativesShape {
  /** `image`: its first https address. `localized`: key, pattern and the pattern filled in. */
  readonly kind: 'image' | 'localized';
  readonly paths: readonly string[];
}

export interface PersonShape {
  readonly kind: 'person';
  readonly paths: readonly string[];
  /** Where the message says more about the relation to the streamer (`UserIdentity`). */
  readonly identity: string | undefined;
}

/** A person of whom the wire gives loose fields instead of a `User`. */
export interface LoosePersonShape {
  readonly kind: 'loosePerson';
  readonly id: string;
  readonly idText: string | undefined;
  readonly uniqueId: string | undefined;
  readonly nickname: string | undefined;
  readonly avatar: string | undefined;
}

/** The number in the first group of a pattern, where a text has it. */
export interface MatchShape {
  readonly kind: 'match';
  readonly path: string;
  readonly pattern: RegExp;
}

export interface ListShape {
  readonly kind: 'list';
  readonly path: string;
  readonly item: ItemShape;
  /** Leave the list out when nothing is in it. */
  readonly whenFilled: boolean;
}

/** `people`: users, those without an id left out. */
export type ItemShape = ObjectShape | 'people';

export interface ObjectShape {
  readonly kind: 'object';
  readonly members: Readonly<Record<string, Shape>>;
}

const scalar =
  (kind: ScalarShape['kind'], when: When) =>
  (path: string): ScalarShape => ({ kind, path, when });

export const text = scalar('text', 'shown');
export const textIfAny = scalar('text', 'present');
export const flag = scalar('flag', 'shown');
export const flagIfTrue = scalar('flag', 'present');
export const count = scalar('count', 'shown');
export const countIfAny = scalar('count', 'present');
export const countIfPositive = scalar('count', 'positive');
export const integer = scalar('integer', 'shown');
export const integerIfAny = scalar('integer', 'present');

export const enumName = (path: string): EnumShape => ({ kind: 'enum', path, when: 'shown' });
export const enumNameIfAny = (path: string): EnumShape => ({ kind: 'enum', path, when: 'present' });
export const time = (path: string): TimeShape => ({ kind: 'time', path });

export const image = (...paths: readonly string[]): AlternativesShape => ({ kind: 'image', paths });
export const localized = (...paths: readonly string[]): AlternativesShape => ({ kind: 'localized', paths });

export const person = (...paths: readonly string[]): PersonShape => ({ kind: 'person', paths, identity: undefined });
export const personWith = (identity: string, path: string): PersonShape => ({
  kind: 'person',
  paths: [path],
  identity,
});
export const loosePerson = (fields: {
  readonly id: string;
  readonly idText?: string;
  readonly uniqueId?: string;
  readonly nickname?: string;
  readonly avatar?: string;
}): LoosePersonShape => ({
  kind: 'loosePerson',
  id: fields.id,
  idText: fields.idText,
  uniqueId: fields.uniqueId,
  nickname: fields.nickname,
  avatar: fields.avatar,
});

export const matched = (path: string, pattern: RegExp): MatchShape => ({ kind: 'match', path, pattern });

export const list = (path: string, item: ItemShape): ListShape => ({ kind: 'list', path, item, whenFilled: false });
export const listIfAny = (path: string, item: ItemShape): ListShape => ({ kind: 'list', path, item, whenFilled: true });

export const object = (members: Readonly<Record<string, Shape>>): ObjectShape => ({ kind: 'object', members });
