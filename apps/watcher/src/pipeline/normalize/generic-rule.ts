import { codecForType, type FieldDescriptor } from '@livetap/connector';

/** What becomes of one field. `number` is whole, `float` need not be, `integer` becomes a decimal string. */
export type FieldKind =
  'text' | 'flag' | 'number' | 'float' | 'integer' | 'enum' | 'user' | 'image' | 'localized' | 'header' | 'message';

export interface FieldPlan {
  /** Name in proto/webcast. */
  readonly wire: string;
  /** Name in the event. */
  readonly out: string;
  readonly kind: FieldKind;
  readonly shape: 'one' | 'list' | 'map';
  /** The enum or message type. */
  readonly type: string;
}

/** Which fields of a message are a person: together they become its `user`. */
export interface PersonPlan {
  readonly id: string;
  readonly idText: string | undefined;
  readonly uniqueId: string | undefined;
  readonly nickname: string | undefined;
  readonly avatar: string | undefined;
}

export interface MessagePlan {
  readonly fields: readonly FieldPlan[];
  readonly person: PersonPlan | undefined;
}

/** Decoration of the app, secrets of media servers, and predictions about viewers. */
const DROPPED_TYPES: ReadonlySet<string> = new Set([
  'PublicAreaCommon',
  'PublicAreaMessageCommon',
  'BadgeStruct',
  'UserModelPredictionData',
  'RTCExtraInfo',
  'LinkerReplyContent_LinkmicInfo',
  'EffectStruct',
]);

/** Tracking, signatures, access data, and facts about people that are not in `User`. */
const DROPPED_NAMES = new RegExp(
  `^(${[
    'sec[A-Z].*',
    '.*SecUid',
    '.*[tT]oken',
    'accessKey',
    '.*[rR]tcExtInfo.*',
    '.*[aA]ppSign',
    'logId',
    '.*[lL]ogExtra',
    '.*[tT]rack(ing|er)?(Info|Params?|Fields)?',
    '.*[eE]ventTracking.*',
    'monitorExtra',
    'signature.*',
    '.*[lL]ynxExtra',
    'sdkExtra',
    'transferExtra',
    'strategyContext',
    'daInfo',
    'followStatus',
    'followerCount',
    'authenticationInfo',
    'appVersion',
    'clientVersion',
    'bestTeammateUid',
    'isBestTeammate',
    'blurredAvatar',
    'rivalsAvatar',
    'avatars',
  ].join('|')})$`,
);

/** Text for the app's own scripts: opaque JSON. (A message of this name has a type of its own and stays.) */
const OPAQUE_TEXT = /^(extra|jsonData)$/;

const IMAGE_TYPES: ReadonlySet<string> = new Set(['Image', 'ImageModel', 'EmoteImage', 'Background']);

/** Of the header only its text is shown. */
const HEADER_TYPE = 'CommonMessageData';
const HEADER_OUT = 'displayText';

const ID_NAMES = ['userId', 'UserId'];
const ID_TEXT_NAMES = ['userIdStr'];
const UNIQUE_ID_NAMES = ['displayId'];
const NICKNAME_NAMES = ['nickname', 'nickName', 'NickName'];
const AVATAR_NAMES = ['avatarThumb', 'AvatarThumb', 'avatar', 'avatarUri'];

const SCALARS: Readonly<Record<string, FieldKind>> = {
  string: 'text',
  bool: 'flag',
  int32: 'number',
  uint32: 'number',
  float: 'float',
  double: 'float',
  int64: 'integer',
  uint64: 'integer',
};

/**
 * The generic rule of the contract for one message type: which fields are shown, under which names and as what.
 * Undefined when proto/webcast has no such type.
 */
export function planMessage(typeName: string): MessagePlan | undefined {
  const codec = codecForType(typeName);
  if (codec === undefined) return undefined;
  const person = planPerson(codec.fields);
  const taken = person === undefined ? [] : Object.values(person);
  const fields: FieldPlan[] = [];
  for (const field of codec.fields) {
    if (taken.includes(field.name) || isLooseFact(field, person)) continue;
    const plan = planField(field);
    if (plan !== undefined) fields.push(plan);
  }
  const named = fields.some((field) => field.out === HEADER_OUT && field.kind !== 'header');
  return { fields: named ? fields.filter((field) => field.kind !== 'header') : fields, person };
}

/** A name or picture of a person: within a `user` or not at all, for without an id it is nobody's to look up or erase. */
function isLooseFact(field: FieldDescriptor, person: PersonPlan | undefined): boolean {
  if (AVATAR_NAMES.includes(field.name)) return person !== undefined || IMAGE_TYPES.has(field.type);
  return field.type === 'string' && (NICKNAME_NAMES.includes(field.name) || UNIQUE_ID_NAMES.includes(field.name));
}

function planPerson(fields: readonly FieldDescriptor[]): PersonPlan | undefined {
  const named = (names: readonly string[]) =>
    fields.find((field) => names.includes(field.name) && !field.repeated && field.mapKey === undefined)?.name;
  const idText = named(ID_TEXT_NAMES);
  const id = named(ID_NAMES) ?? idText;
  const uniqueId = named(UNIQUE_ID_NAMES);
  const nickname = named(NICKNAME_NAMES);
  if (id === undefined || (uniqueId === undefined && nickname === undefined)) return undefined;
  const avatar = fields.find((field) => AVATAR_NAMES.includes(field.name) && IMAGE_TYPES.has(field.type))?.name;
  return { id, idText, uniqueId, nickname, avatar };
}

function planField(field: FieldDescriptor): FieldPlan | undefined {
  if (DROPPED_NAMES.test(field.name)) return undefined;
  const kind = kindOf(field);
  if (kind === undefined) return undefined;
  const shape = field.mapKey !== undefined ? 'map' : field.repeated ? 'list' : 'one';
  if (kind === 'header') return { wire: field.name, out: HEADER_OUT, kind, shape, type: field.type };
  return {
    wire: field.name,
    out: field.name.charAt(0).toLowerCase() + field.name.slice(1),
    kind,
    shape,
    type: field.type,
  };
}

/** Undefined: left out (bytes, decoration, opaque text). */
function kindOf(field: FieldDescriptor): FieldKind | undefined {
  if (field.kind === 'enum') return 'enum';
  if (field.kind === 'message') {
    if (DROPPED_TYPES.has(field.type)) return undefined;
    if (field.type === 'User') return 'user';
    if (field.type === HEADER_TYPE) return 'header';
    if (field.type === 'Text') return 'localized';
    return IMAGE_TYPES.has(field.type) ? 'image' : 'message';
  }
  if (field.type === 'string' && OPAQUE_TEXT.test(field.name)) return undefined;
  const kind = SCALARS[field.type];
  return kind === 'integer' && field.asNumber ? 'number' : kind;
}
