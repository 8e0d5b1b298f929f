/** What makes up the roles of a user; levels and ranks are 0 when unknown. */
export interface RoleFacts {
  moderator: boolean;
  subscriber: boolean;
  superFan: boolean;
  friend: boolean;
  follower: boolean;
  fanLevel: number;
  gifterLevel: number;
  topGifterRank: number;
}

/** A badge beside a name. */
export interface BadgeFacts {
  /** NaN when it is no number. */
  readonly level: number;
  /** The name of its picture. */
  readonly artwork: string;
  readonly schemaUrl: string;
}

const SCENE_ADMIN = 1;
const SCENE_FRIENDS = 3;
const SCENE_SUBSCRIBER = 4;
const SCENE_RANK_LIST = 6;
const SCENE_NEW_SUBSCRIBER = 7;
const SCENE_USER_GRADE = 8;
const SCENE_FANS = 10;

const TOP_GIFTER = /top_gifter(?:_version)?_(\d+)\./;
const SUPER_FAN = /super_?fan/i;

export function newRoles(): RoleFacts {
  return {
    moderator: false,
    subscriber: false,
    superFan: false,
    friend: false,
    follower: false,
    fanLevel: 0,
    gifterLevel: 0,
    topGifterRank: 0,
  };
}

/** Makes them as `newRoles` does. */
export function clearRoles(roles: RoleFacts): void {
  roles.moderator = false;
  roles.subscriber = false;
  roles.superFan = false;
  roles.friend = false;
  roles.follower = false;
  roles.fanLevel = 0;
  roles.gifterLevel = 0;
  roles.topGifterRank = 0;
}

/** True when `readBadgeRole` looks at the picture of badges of the scene. */
export function isToldByArtwork(scene: number): boolean {
  return scene === SCENE_SUBSCRIBER || scene === SCENE_NEW_SUBSCRIBER || scene === SCENE_RANK_LIST;
}

/** What the badge of a scene (`badgeScene` of the wire) says about its bearer. */
export function readBadgeRole(roles: RoleFacts, scene: number, badge: BadgeFacts): void {
  switch (scene) {
    case SCENE_ADMIN:
      roles.moderator = true;
      return;
    case SCENE_FRIENDS:
      roles.friend = true;
      return;
    case SCENE_SUBSCRIBER:
    case SCENE_NEW_SUBSCRIBER:
      roles.subscriber = true;
      if (SUPER_FAN.test(badge.artwork) || SUPER_FAN.test(badge.schemaUrl)) roles.superFan = true;
      return;
    case SCENE_RANK_LIST:
      // The name of the picture tells the rank.
      roles.topGifterRank = positive(Number(TOP_GIFTER.exec(badge.artwork)?.[1] ?? 0)) || roles.topGifterRank;
      return;
    case SCENE_USER_GRADE:
      roles.gifterLevel = positive(badge.level) || roles.gifterLevel;
      return;
    case SCENE_FANS:
      roles.fanLevel = positive(badge.level) || roles.fanLevel;
      return;
    default:
  }
}

/** 0 unless it is a positive integer that a number holds exactly. */
export function positive(value: number): number {
  return Number.isSafeInteger(value) && value > 0 ? value : 0;
}
