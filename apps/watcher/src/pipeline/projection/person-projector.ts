import { codecForType } from '@livetap/connector';
import { addressField, type Step } from './projection-plan.js';
import { Literal } from './json-bytes.js';
import { ABSENT, type Outcome, UNUSUAL, WRITTEN } from './outcome.js';
import { type ProjectionFrame, UNSAFE_HIGH } from './projection-frame.js';
import { ScanBuilder } from './scan-builder.js';
import {
  type BadgeFacts,
  clearRoles,
  isToldByArtwork,
  newRoles,
  readBadgeRole,
  type RoleFacts,
} from '../normalize/roles.js';

const ID = new Literal('{"id":"');
const UNIQUE_ID = new Literal('","uniqueId":"');
const NICKNAME = new Literal('","nickname":"');
const AVATAR_URL = new Literal('","avatarUrl":"');
const VERIFIED = new Literal(',"verified":true');
const ROLES = new Literal(',"roles":');
const HTTPS = Buffer.from('https://');
const MODERATOR = new Literal(',"moderator":true');
const SUBSCRIBER = new Literal(',"subscriber":true');
const SUPER_FAN = new Literal(',"superFan":true');
const FRIEND_ROLE = new Literal(',"friend":true');
const FOLLOWER_ROLE = new Literal(',"follower":true');
const FAN_LEVEL = new Literal(',"fanLevel":');
const GIFTER_LEVEL = new Literal(',"gifterLevel":');
const TOP_GIFTER_RANK = new Literal(',"topGifterRank":');

const QUOTE = 0x22;
const OPEN = 0x7b;
const CLOSE = 0x7d;
const ZERO = 0x30;
const NINE = 0x39;
/** Relation of the user to the streamer in `followInfo`. */
const FOLLOWER = 1;
const FRIEND = 2;
/** As many digits surely make a safe integer. */
const SAFE_DIGITS = 15;

/** Writes the contract's `User` from the bytes of a `User` of the wire, or from loose fields. */
export class PersonProjector {
  readonly #frame: ProjectionFrame;
  readonly #user = userPlan();
  readonly #badge: BadgeOnWire;
  readonly #facts = newRoles();
  readonly #identity = identityPlan();

  constructor(frame: ProjectionFrame) {
    this.#frame = frame;
    this.#badge = new BadgeOnWire(frame);
  }

  /** The user at `[from, to)`; `identity` at `[identityFrom, identityTo)`, 0 when there is none. `top`: free from there on. */
  user(from: number, to: number, identityFrom: number, identityTo: number, top: number): Outcome {
    if (from === 0) return ABSENT;
    const frame = this.#frame;
    const plan = this.#user;
    const { places, json, bytes } = frame;
    if (!frame.scan(plan.scan, plan.size, top, from, to)) return UNUSUAL;
    const id = top + plan.userId;
    const idText = top + plan.idStr;
    json.literal(ID);
    const high = places[id + 1]!;
    const low = places[id]!;
    if (high >= 0 && (high !== 0 || low !== 0)) json.int64(high, low, true);
    else if (isId(bytes, places[idText]!, places[idText + 1]!)) frame.write(places[idText]!, places[idText + 1]!);
    else return ABSENT;
    if (!this.#texts(top + plan.uniqueId, top + plan.nickname)) return UNUSUAL;
    for (let i = 0; i < plan.avatars.length; i++) {
      const { place, field } = plan.avatars[i]!;
      const shown = this.address(places[top + place]!, places[top + place + 1]!, field, AVATAR_URL);
      if (shown === UNUSUAL) return UNUSUAL;
      if (shown === WRITTEN) break;
    }
    json.byte(QUOTE);
    if (this.#truth(top + plan.verified)) json.literal(VERIFIED);
    if (!this.#roles(top, identityFrom, identityTo)) return UNUSUAL;
    json.byte(CLOSE);
    return WRITTEN;
  }

  /** A person of loose fields, whose places are in the frame at `base`. */
  loose(step: Step, base: number): Outcome {
    const { places, json, bytes } = this.#frame;
    const [id = -1, idText = -1, uniqueId = -1, nickname = -1, avatar = -1] = step.places;
    json.literal(ID);
    const first = places[base + id]!;
    const second = places[base + id + 1]!;
    const written = step.idIsNumber ? this.#numericId(step, first, second) : this.#textId(first, second);
    if (written === UNUSUAL) return UNUSUAL;
    if (written === ABSENT) {
      if (idText < 0 || !isId(bytes, places[base + idText]!, places[base + idText + 1]!)) return ABSENT;
      this.#textId(places[base + idText]!, places[base + idText + 1]!);
    }
    if (!this.#texts(uniqueId < 0 ? -1 : base + uniqueId, nickname < 0 ? -1 : base + nickname)) return UNUSUAL;
    if (avatar >= 0) {
      const shown = this.address(places[base + avatar]!, places[base + avatar + 1]!, step.fields[0]!, AVATAR_URL);
      if (shown === UNUSUAL) return UNUSUAL;
    }
    json.byte(QUOTE);
    json.byte(CLOSE);
    return WRITTEN;
  }

  /** `before` and the first https address of the image at `[from, to)`, whose addresses are in `field`; the quote behind it is not written. */
  address(from: number, to: number, field: number, before: Literal): Outcome {
    if (from === 0) return ABSENT;
    const { bytes, json } = this.#frame;
    const cursor = this.#frame.items();
    let found: Outcome = ABSENT;
    let pos = from;
    while (cursor.next(bytes, pos, to, field)) {
      pos = cursor.to;
      if (pos > to) return UNUSUAL;
      if (found === WRITTEN || !isHttps(bytes, cursor.from, pos)) continue;
      json.literal(before);
      if (!this.#frame.write(cursor.from, pos)) return UNUSUAL;
      found = WRITTEN;
    }
    return cursor.to === to ? found : UNUSUAL;
  }

  #numericId({ wide, signed, rounded }: Step, low: number, high: number): Outcome {
    const { json } = this.#frame;
    if (!wide) {
      const value = signed ? low : low >>> 0;
      if (value <= 0) return ABSENT;
      json.whole(value);
      return WRITTEN;
    }
    // As a number it would be rounded, without sign it would be negative here: too rare to be told apart.
    if (rounded && high >= UNSAFE_HIGH) return UNUSUAL;
    if (high < 0) return signed ? ABSENT : UNUSUAL;
    if (high === 0 && low === 0) return ABSENT;
    json.int64(high, low, true);
    return WRITTEN;
  }

  #textId(from: number, to: number): Outcome {
    if (!isId(this.#frame.bytes, from, to)) return ABSENT;
    return this.#frame.write(from, to) ? WRITTEN : UNUSUAL;
  }

  #texts(uniqueId: number, nickname: number): boolean {
    const { places, json } = this.#frame;
    if (uniqueId >= 0 && places[uniqueId] !== places[uniqueId + 1]) {
      json.literal(UNIQUE_ID);
      if (!this.#frame.write(places[uniqueId]!, places[uniqueId + 1]!)) return false;
    }
    if (nickname >= 0 && places[nickname] !== places[nickname + 1]) {
      json.literal(NICKNAME);
      if (!this.#frame.write(places[nickname]!, places[nickname + 1]!)) return false;
    }
    return true;
  }

  #roles(top: number, identityFrom: number, identityTo: number): boolean {
    const { places } = this.#frame;
    const plan = this.#user;
    const roles = this.#facts;
    clearRoles(roles);
    const badges = places[top + plan.badges]!;
    if (badges !== 0 && !this.#badges(badges - 1, places[top + plan.badges + 1]!, top + plan.size, roles)) return false;
    const relation = places[top + plan.followStatus + 1] === 0 ? places[top + plan.followStatus]! : 0;
    if (this.#truth(top + plan.isAdmin)) roles.moderator = true;
    if (this.#truth(top + plan.isSubscribe) || this.#truth(top + plan.isSubscribedToAnchor)) roles.subscriber = true;
    if (relation === FRIEND) roles.friend = true;
    if (identityFrom !== 0 && !this.#identityRoles(identityFrom, identityTo, top + plan.size, roles)) return false;
    if (relation === FOLLOWER || roles.friend) roles.follower = true;
    if (roles.fanLevel === 0) {
      const club = places[top + plan.clubData] === 0 ? plan.fansLevel : plan.clubLevel;
      roles.fanLevel = this.#level(top + club, club === plan.fansLevel);
    }
    if (roles.gifterLevel === 0) roles.gifterLevel = this.#level(top + plan.honorLevel, false);
    this.#writeRoles(roles);
    return true;
  }

  #writeRoles(roles: RoleFacts): void {
    const { json } = this.#frame;
    const start = json.at;
    json.literal(ROLES);
    const open = json.at;
    if (roles.moderator) json.literal(MODERATOR);
    if (roles.subscriber) json.literal(SUBSCRIBER);
    if (roles.superFan) json.literal(SUPER_FAN);
    if (roles.friend) json.literal(FRIEND_ROLE);
    if (roles.follower) json.literal(FOLLOWER_ROLE);
    if (roles.fanLevel !== 0) this.#number(FAN_LEVEL, roles.fanLevel);
    if (roles.gifterLevel !== 0) this.#number(GIFTER_LEVEL, roles.gifterLevel);
    if (roles.topGifterRank !== 0) this.#number(TOP_GIFTER_RANK, roles.topGifterRank);
    if (json.at === open) json.at = start;
    else {
      // The first of them began with a comma.
      json.out[open] = OPEN;
      json.byte(CLOSE);
    }
  }

  #number(key: Literal, value: number): void {
    const { json } = this.#frame;
    json.literal(key);
    json.whole(value);
  }

  #truth(at: number): boolean {
    const { places } = this.#frame;
    return (places[at]! | places[at + 1]!) !== 0;
  }

  #badges(pos: number, last: number, top: number, roles: RoleFacts): boolean {
    const frame = this.#frame;
    const { plan, ofLevels } = this.#badge;
    const { places, bytes } = frame;
    const cursor = frame.items();
    while (cursor.next(bytes, pos, last, this.#user.badgesField)) {
      pos = cursor.to;
      // Most badges tell a level; what is in their pictures matters for few.
      if (!frame.scan(ofLevels.scan, ofLevels.size, top, cursor.from, pos)) return false;
      const scene = places[top + plan.scene]!;
      if (isToldByArtwork(scene) && !frame.scan(plan.scan, plan.size, top, cursor.from, pos)) return false;
      this.#badge.top = top;
      readBadgeRole(roles, scene, this.#badge);
    }
    return true;
  }

  #identityRoles(from: number, to: number, top: number, roles: RoleFacts): boolean {
    const plan = this.#identity;
    if (!this.#frame.scan(plan.scan, plan.size, top, from, to)) return false;
    if (this.#truth(top + plan.moderator)) roles.moderator = true;
    if (this.#truth(top + plan.subscriber)) roles.subscriber = true;
    if (this.#truth(top + plan.friend)) roles.friend = true;
    if (this.#truth(top + plan.follower)) roles.follower = true;
    return true;
  }

  /** A level, of 64 or of 32 bits: 0 when it is not a positive integer that a number holds exactly. */
  #level(at: number, wide: boolean): number {
    const { places } = this.#frame;
    const value = wide ? this.#frame.int64(at) : places[at]!;
    return value > 0 && Number.isSafeInteger(value) ? value : 0;
  }
}

/** The badge whose fields are in the frame at `top`. */
class BadgeOnWire implements BadgeFacts {
  readonly plan = badgePlan();
  /** The same places of scene and level, and no others. */
  readonly ofLevels = levelBadgePlan();
  top = 0;
  readonly #frame: ProjectionFrame;

  constructor(frame: ProjectionFrame) {
    this.#frame = frame;
  }

  get level(): number {
    const { places, bytes } = this.#frame;
    const at = this.top + this.plan.level;
    return digitsValue(bytes, places[at]!, places[at + 1]!) ?? Number(this.#text(this.plan.level));
  }

  get artwork(): string {
    const { icon, iconUri, imageUri } = this.plan;
    return this.#text(this.#frame.places[this.top + icon] === 0 ? imageUri : iconUri);
  }

  get schemaUrl(): string {
    return this.#text(this.plan.schemaUrl);
  }

  #text(place: number): string {
    const { places } = this.#frame;
    return this.#frame.textAt(places[this.top + place]!, places[this.top + place + 1]!);
  }
}

/** A decimal number without sign that is not just `0`. */
function isId(bytes: Uint8Array, from: number, to: number): boolean {
  if (from === to || (to - from === 1 && bytes[from] === ZERO)) return false;
  for (let i = from; i < to; i++) if (bytes[i]! < ZERO || bytes[i]! > NINE) return false;
  return true;
}

function isHttps(bytes: Uint8Array, from: number, to: number): boolean {
  if (to - from < HTTPS.length) return false;
  for (let i = 0; i < HTTPS.length; i++) if (bytes[from + i] !== HTTPS[i]) return false;
  return true;
}

function digitsValue(bytes: Uint8Array, from: number, to: number): number | undefined {
  if (to - from > SAFE_DIGITS) return undefined;
  let value = 0;
  for (let i = from; i < to; i++) {
    const digit = bytes[i]! - ZERO;
    if (digit < 0 || digit > 9) return undefined;
    value = value * 10 + digit;
  }
  return value;
}

function userPlan() {
  const builder = new ScanBuilder('User');
  const place = (path: string) => builder.want(path).place;
  const badges = builder.want('badges');
  const wanted = {
    userId: place('userId'),
    idStr: place('idStr'),
    uniqueId: place('uniqueId'),
    nickname: place('nickname'),
    verified: place('verified'),
    avatars: ['profilePicture', 'profilePictureMedium', 'profilePictureLarge'].map((name) => {
      const image = builder.want(name);
      return { place: image.place, field: addressField(image.field) };
    }),
    badges: badges.place,
    badgesField: badges.field.number,
    followStatus: place('followInfo.followStatus'),
    isAdmin: place('userAttr.isAdmin'),
    isSubscribe: place('isSubscribe'),
    isSubscribedToAnchor: place('subscribeInfo.isSubscribedToAnchor'),
    clubData: place('fansClub.data'),
    clubLevel: place('fansClub.data.level'),
    fansLevel: place('fansClubInfo.fansLevel'),
    honorLevel: place('userHonor.level'),
  };
  return { ...wanted, scan: builder.build(), size: builder.size };
}

function levelBadgePlan() {
  const builder = new ScanBuilder('BadgeStruct');
  const wanted = { scene: builder.want('badgeScene').place, level: builder.want('logExtra.level').place };
  return { ...wanted, scan: builder.build(), size: builder.size };
}

function badgePlan() {
  const builder = new ScanBuilder('BadgeStruct');
  const place = (path: string) => builder.want(path).place;
  const wanted = {
    scene: place('badgeScene'),
    level: place('logExtra.level'),
    icon: place('combine.icon'),
    iconUri: place('combine.icon.mUri'),
    imageUri: place('image.image.mUri'),
    schemaUrl: place('schemaUrl'),
  };
  return { ...wanted, scan: builder.build(), size: builder.size };
}

/** Several messages of the wire have this name and these fields; the numbers are the same. */
function identityPlan() {
  const builder = new ScanBuilder(codecForType('UserIdentity')?.typeName ?? '');
  const place = (path: string) => builder.want(path).place;
  const wanted = {
    moderator: place('isModeratorOfAnchor'),
    subscriber: place('isSubscriberOfAnchor'),
    friend: place('isMutualFollowingWithAnchor'),
    follower: place('isFollowerOfAnchor'),
  };
  return { ...wanted, scan: builder.build(), size: builder.size };
}
