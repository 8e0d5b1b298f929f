import type { User, UserRoles } from '@livetap/contracts';
import type { BadgeStruct, User as WireUser } from '@livetap/connector';
import { type BadgeFacts, newRoles, positive, readBadgeRole, type RoleFacts } from './roles.js';
import { imageUrl, nonEmpty, type WireImage } from './values.js';

/** What some messages say about the viewer's relation to the streamer, beside the user. */
export interface WireIdentity {
  readonly isSubscriberOfAnchor: boolean;
  readonly isMutualFollowingWithAnchor: boolean;
  readonly isFollowerOfAnchor: boolean;
  readonly isModeratorOfAnchor: boolean;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** Relation of the user to the streamer in `followInfo`. */
const FOLLOWER = '1';
const FRIEND = '2';

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
  const facts = newRoles();
  for (const badge of wire.badges) readBadgeRole(facts, badge.badgeScene, new DecodedBadge(badge));
  const relation = wire.followInfo?.followStatus;
  if (wire.userAttr?.isAdmin === true || identity?.isModeratorOfAnchor === true) facts.moderator = true;
  if (isSubscriber(wire) || identity?.isSubscriberOfAnchor === true) facts.subscriber = true;
  if (relation === FRIEND || identity?.isMutualFollowingWithAnchor === true) facts.friend = true;
  if (relation === FOLLOWER || facts.friend || identity?.isFollowerOfAnchor === true) facts.follower = true;
  const club = Number(wire.fansClub?.data?.level ?? wire.fansClubInfo?.fansLevel ?? 0);
  if (facts.fanLevel === 0) facts.fanLevel = positive(club);
  if (facts.gifterLevel === 0) facts.gifterLevel = positive(Number(wire.userHonor?.level ?? 0));
  return shownRoles(facts);
}

/** What is true or known, in the order of the contract. */
function shownRoles(facts: RoleFacts): UserRoles | undefined {
  const roles: Mutable<UserRoles> = {};
  if (facts.moderator) roles.moderator = true;
  if (facts.subscriber) roles.subscriber = true;
  if (facts.superFan) roles.superFan = true;
  if (facts.friend) roles.friend = true;
  if (facts.follower) roles.follower = true;
  if (facts.fanLevel !== 0) roles.fanLevel = facts.fanLevel;
  if (facts.gifterLevel !== 0) roles.gifterLevel = facts.gifterLevel;
  if (facts.topGifterRank !== 0) roles.topGifterRank = facts.topGifterRank;
  for (const _ in roles) return roles;
  return undefined;
}

function isSubscriber(wire: WireUser): boolean {
  return wire.isSubscribe || wire.subscribeInfo?.isSubscribedToAnchor === true;
}

class DecodedBadge implements BadgeFacts {
  readonly #badge: BadgeStruct;

  constructor(badge: BadgeStruct) {
    this.#badge = badge;
  }

  get level(): number {
    return Number(this.#badge.logExtra?.level ?? 0);
  }

  get artwork(): string {
    const { combine, image } = this.#badge;
    return (combine?.icon ?? image?.image)?.mUri ?? '';
  }

  get schemaUrl(): string {
    return this.#badge.schemaUrl;
  }
}
