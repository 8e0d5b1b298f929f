import type { FieldDescriptor } from '@livetap/connector';
import type { ScanPlan } from './field-scan.js';
import { Literal } from './json-bytes.js';
import { isVarint, ScanBuilder, type WantedField } from './scan-builder.js';
import type { ItemShape, LoosePersonShape, ObjectShape, Shape, When } from './shape.js';

/** Numbers, because the code that runs steps branches on them for every member. */
export const StepKind = {
  text: 0,
  idText: 1,
  flag: 2,
  count: 3,
  integer: 4,
  enum: 5,
  time: 6,
  image: 7,
  localized: 8,
  person: 9,
  loosePerson: 10,
  match: 11,
  list: 12,
  object: 13,
  /** A message of another type by the generic rule, left out when nothing of it is shown. */
  nested: 14,
} as const;

/** What the items of a list are. */
export const ItemKind = { object: 0, person: 1, text: 2, image: 3, localized: 4, nested: 5 } as const;
export type ItemKind = (typeof ItemKind)[keyof typeof ItemKind];
export type StepKind = (typeof StepKind)[keyof typeof StepKind];

/** How one member is written. All steps have the same fields, so that the code that runs them sees one kind of object. */
export interface Step {
  readonly kind: StepKind;
  /** `,"name":` */
  readonly key: Literal;
  /** Where its values are, relative to the frame; what is absent has NOWHERE. */
  readonly places: readonly number[];
  readonly when: When;
  /** Whether the varint is signed, and whether it has 64 bits. */
  readonly signed: boolean;
  readonly wide: boolean;
  /** Whether the decoder makes a number of its 64 bits. */
  readonly rounded: boolean;
  /** Of a loose person: whether the id is a varint. */
  readonly idIsNumber: boolean;
  readonly item: ItemKind;
  /** The type of an enum, or of nested messages. */
  readonly type: string;
  /** Quoted names of the values of an enum that have come so far. */
  readonly names: Map<number, Literal>;
  /** Number of a repeated field; of the addresses of each image. */
  readonly fields: readonly number[];
  readonly pattern: RegExp | undefined;
  /** The members of an object, or of the items of a list. */
  readonly inner: ObjectPlan | undefined;
}

/** An object of the contract, compiled for one message type. */
export interface ObjectPlan {
  readonly scan: ScanPlan;
  /** Numbers in its frame. */
  readonly size: number;
  readonly steps: readonly Step[];
}

export const NOWHERE = -1;

const NOTHING = new Int16Array(0);
const NO_SCAN: ScanPlan = { lengths: NOTHING, varints: NOTHING, fixed: NOTHING, nested: [], oneofs: [] };
/** The wire has several types for images, which differ in the name of their list of addresses. */
const IMAGE_ADDRESSES = ['url', 'mUrls', 'imageUrl'];

/**
 * Compiles a shape for the message type whose fields it names.
 * @throws Error when the shape names what proto/webcast does not have, or what cannot be scanned (not retryable).
 */
export function compileShape(typeName: string, shape: ObjectShape): ObjectPlan {
  return compiled(typeName, (builder) => stepsOf(builder, shape));
}

/** The plan of the steps that `makeSteps` makes for a message type. */
export function compiled(typeName: string, makeSteps: (builder: ScanBuilder) => readonly Step[]): ObjectPlan {
  const builder = new ScanBuilder(typeName);
  const steps = makeSteps(builder);
  return { scan: builder.build(), size: builder.size, steps };
}

/** The number of the field of an image type that lists its addresses. */
export function addressField(image: FieldDescriptor): number {
  const inside = new ScanBuilder(image.type);
  for (const name of IMAGE_ADDRESSES) {
    if (inside.has(name)) return inside.want(name).field.number;
  }
  throw new Error(`${image.type} is no image`);
}

/** The steps of a shape; what they want of the message goes into `builder`. */
export function stepsOf(builder: ScanBuilder, shape: ObjectShape): readonly Step[] {
  return Object.entries(shape.members).map(([name, member]) => stepOf(builder, name, member));
}

function stepOf(builder: ScanBuilder, name: string, shape: Shape): Step {
  const key = new Literal(`,${JSON.stringify(name)}:`);
  switch (shape.kind) {
    case 'text':
    case 'flag':
    case 'count':
    case 'integer': {
      const wanted = builder.want(shape.path);
      const kind = shape.kind === 'integer' && !isVarint(wanted.field) ? StepKind.idText : StepKind[shape.kind];
      return step({ kind, key, ...placed(wanted), when: shape.when });
    }
    case 'enum': {
      const wanted = builder.want(shape.path);
      return step({ kind: StepKind.enum, key, ...placed(wanted), when: shape.when, type: wanted.field.type });
    }
    case 'time':
      return step({ kind: StepKind.time, key, ...placed(builder.want(shape.path)) });
    case 'match':
      return step({ kind: StepKind.match, key, ...placed(builder.want(shape.path)), pattern: shape.pattern });
    case 'image': {
      const images = shape.paths.map((path) => builder.want(path));
      const fields = images.map(({ field }) => addressField(field));
      return step({ kind: StepKind.image, key, places: images.map(({ place }) => place), fields });
    }
    case 'localized':
      return step({ kind: StepKind.localized, key, places: shape.paths.map((path) => builder.want(path).place) });
    case 'person': {
      const identity = shape.identity === undefined ? NOWHERE : builder.want(shape.identity).place;
      const places = shape.paths.map((path) => builder.want(path).place);
      return step({ kind: StepKind.person, key, places: [identity, ...places] });
    }
    case 'loosePerson':
      return loosePersonStep(builder, key, shape);
    case 'list':
      return listStep(builder, key, shape.path, shape.item, shape.whenFilled);
    case 'object':
      return step({ kind: StepKind.object, key, inner: { scan: NO_SCAN, size: 0, steps: stepsOf(builder, shape) } });
  }
}

/** A person of loose fields, each named by its path. */
export function loosePersonStep(builder: ScanBuilder, key: Literal, fields: Omit<LoosePersonShape, 'kind'>): Step {
  const text = (path: string | undefined) => {
    if (path === undefined) return NOWHERE;
    const { field, place } = builder.want(path);
    if (field.type !== 'string') throw new Error(`${path} of a person is no text`);
    return place;
  };
  const id = builder.want(fields.id);
  const avatar = fields.avatar === undefined ? undefined : builder.want(fields.avatar);
  return step({
    kind: StepKind.loosePerson,
    key,
    ...placed(id),
    places: [id.place, text(fields.idText), text(fields.uniqueId), text(fields.nickname), avatar?.place ?? NOWHERE],
    idIsNumber: isVarint(id.field),
    fields: avatar === undefined ? [] : [addressField(avatar.field)],
  });
}

function listStep(builder: ScanBuilder, key: Literal, path: string, item: ItemShape, whenFilled: boolean): Step {
  const { field, place } = builder.want(path);
  if (!field.repeated || field.kind !== 'message') throw new Error(`${path} is no list of messages`);
  return step({
    kind: StepKind.list,
    key,
    places: [place],
    fields: [field.number],
    when: whenFilled ? 'present' : 'shown',
    item: item === 'people' ? ItemKind.person : ItemKind.object,
    inner: item === 'people' ? undefined : compileShape(field.type, item),
  });
}

/** Place and form of a varint. */
export function placed({ field, place }: WantedField): Pick<Step, 'places' | 'signed' | 'wide' | 'rounded'> {
  return {
    places: [place],
    signed: !field.type.startsWith('u'),
    wide: field.kind === 'scalar' && field.type.endsWith('64'),
    rounded: field.asNumber,
  };
}

/** A step, complete. */
export function step(given: Partial<Step> & Pick<Step, 'kind' | 'key'>): Step {
  return {
    kind: given.kind,
    key: given.key,
    places: given.places ?? [],
    when: given.when ?? 'present',
    signed: given.signed ?? false,
    wide: given.wide ?? false,
    rounded: given.rounded ?? false,
    idIsNumber: given.idIsNumber ?? false,
    item: given.item ?? ItemKind.object,
    type: given.type ?? '',
    names: new Map(),
    fields: given.fields ?? [],
    pattern: given.pattern,
    inner: given.inner,
  };
}
