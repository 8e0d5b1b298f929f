import type { User, UserRoles } from '@livetap/contracts';
import type { BadgeStruct, User as WireUser } from '@livetap/connector';
import { imageUrl, nonEmpty, type WireImage } from './values.js';

/** What some messages say about the viewer's relation to the streamer, beside the user. */
export interface WireIdentity {
  readonly isSubscriberOfAnchor: boolean;
  readonly isMutualFollowingWithAnchor: boolean;
  readonly isFollowerOfAnchor: boolean;
  readonly isModeratorOfAnchor: boolean;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

const SCENE_ADMIN = 1;
const SCENE_FRIENDS = 3;
const SCENE_SUBSCRIBER = 4;
const SCENE_RANK_LIST = 6;
const SCENE_NEW_SUBSCRIBER = 7;
const SCENE_USER_GRADE = 8;
const SCENE_FANS = 10;

/** Relation of the user to the streamer in `followInfo`. */
const FOLLOWER = '1';
const FRIEND = '2';

const TOP_GIFTER = /top_gifter(?:_version)?_(\d+)\./;
const SUPER_FAN = /super_?fan/i;

/** The contract's view of a person; undefined when there is nobody or the id is 0. */
export function user(wire: WireUser | undefined, identity?: WireIdentity): User | undefined {
  if (wire === undefined) return undefined;
  const id = personId(wire.userId, wire.idStr);
  if (id === undefined) return undefined;
  const person: Mutable<User> = { id };
  if (wire.uniqueId !== '') person.uniqueId = wire.uniqueId;
  if (wire.nickname !== '') person.nickname = wire.nickname;
  const avatarUrl =
    imageUrl(wire.profilePicture) ?? imageUrl(wire.profilePictureMedium) ?? imageUrl(wire.profilePictureLarge);
  if (avatarUrl !== undefined) person.avatarUrl = avatarUrl;
  if (wire.verified) person.verified = true;
  const roles = rolesOf(wire, identity);
  if (roles !== undefined) person.roles = roles;
  return person;
}

/** All users of a list that have an id. */
export function users(wire: readonly WireUser[]): User[] | undefined {
  const found: User[] = [];
  for (const one of wire) {
    const person = user(one);
    if (person !== undefined) found.push(person);
  }
  return found.length === 0 ? undefined : found;
}

/** A person of whom the wire gives loose fields instead of a user. */
export function personFrom(parts: {
  readonly id: string;
  readonly idText?: string;
  readonly uniqueId?: string;
  readonly nickname?: string;
  readonly avatar?: WireImage | undefined;
}): User | undefined {
  const id = personId(parts.id, parts.idText ?? '');
  if (id === undefined) return undefined;
  const person: Mutable<User> = { id };
  const uniqueId = nonEmpty(parts.uniqueId ?? '');
  if (uniqueId !== undefined) person.uniqueId = uniqueId;
  const nickname = nonEmpty(parts.nickname ?? '');
  if (nickname !== undefined) person.nickname = nickname;
  const avatarUrl = imageUrl(parts.avatar);
  if (avatarUrl !== undefined) person.avatarUrl = avatarUrl;
  return person;
}

function personId(id: string, idText: string): string | undefined {
  if (id !== '0' && /^\d+$/.test(id)) return id;
  return idText !== '0' && /^\d+$/.test(idText) ? idText : undefined;
}

function rolesOf(wire: WireUser, identity: WireIdentity | undefined): UserRoles | undefined {
  const roles: Mutable<UserRoles> = {};
  for (const badge of wire.badges) readBadge(badge, roles);
  const relation = wire.followInfo?.followStatus;
  if (wire.userAttr?.isAdmin === true || identity?.isModeratorOfAnchor === true) roles.moderator = true;
  if (isSubscriber(wire) || identity?.isSubscriberOfAnchor === true) roles.subscriber = true;
  if (relation === FRIEND || identity?.isMutualFollowingWithAnchor === true) roles.friend = true;
  if (relation === FOLLOWER || roles.friend === true || identity?.isFollowerOfAnchor === true) roles.follower = true;
  const fanLevel = roles.fanLevel ?? positive(wire.fansClub?.data?.level ?? wire.fansClubInfo?.fansLevel ?? 0);
  if (fanLevel !== undefined) roles.fanLevel = fanLevel;
  const gifterLevel = roles.gifterLevel ?? positive(wire.userHonor?.level ?? 0);
  if (gifterLevel !== undefined) roles.gifterLevel = gifterLevel;
  for (const _ in roles) return roles;
  return undefined;
}

function isSubscriber(wire: WireUser): boolean {
  return wire.isSubscribe || wire.subscribeInfo?.isSubscribedToAnchor === true;
}

function readBadge(badge: BadgeStruct, roles: Mutable<UserRoles>): void {
  switch (badge.badgeScene as number) {
    case SCENE_ADMIN:
      roles.moderator = true;
      return;
    case SCENE_FRIENDS:
      roles.friend = true;
      return;
    case SCENE_SUBSCRIBER:
    case SCENE_NEW_SUBSCRIBER:
      roles.subscriber = true;
      if (SUPER_FAN.test(badgeArtwork(badge)) || SUPER_FAN.test(badge.schemaUrl)) roles.superFan = true;
      return;
    case SCENE_RANK_LIST: {
      const rank = positive(TOP_GIFTER.exec(badgeArtwork(badge))?.[1] ?? 0);
      if (rank !== undefined) roles.topGifterRank = rank;
      return;
    }
    case SCENE_USER_GRADE: {
      const level = positive(badge.logExtra?.level ?? 0);
      if (level !== undefined) roles.gifterLevel = level;
      return;
    }
    case SCENE_FANS: {
      const level = positive(badge.logExtra?.level ?? 0);
      if (level !== undefined) roles.fanLevel = level;
      return;
    }
    default:
  }
}

/** The name of the badge's picture tells the rank. */
function badgeArtwork(badge: BadgeStruct): string {
  return badge.combine?.icon?.mUri ?? badge.image?.image?.mUri ?? '';
}

function positive(value: string | number): number | undefined {
  const number = Number(value);
  return Number.isSafeInteger(number) && number > 0 ? number : undefined;
}
