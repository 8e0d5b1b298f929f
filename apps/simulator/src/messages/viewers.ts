import type { BadgeStruct } from '@livetap/connector';
import type { Random } from '../common/random.js';
import { Random as SeededRandom } from '../common/random.js';
import type { PartialMessage } from '../wire/proto.js';
import { handles, nicknames } from '../world/words.js';
import type { UserBody } from './draft.js';

type Badge = PartialMessage<BadgeStruct>;

/** Scenes of badges, as on the wire. */
const SCENE = { admin: 1, friends: 3, subscriber: 4, rankList: 6, newSubscriber: 7, userGrade: 8, fans: 10 } as const;

const icon = (name: string): { url: string[]; mUri: string } => ({
  url: [
    `https://p16-webcast.tiktokcdn.com/webcast-va/${name}.png~tplv-obj.image`,
    `https://p19-webcast.tiktokcdn.com/webcast-va/${name}.png~tplv-obj.image`,
  ],
  mUri: `webcast-va/${name}.png`,
});

/** Badge with a level (gifter level, fan level), as the current apps draw it. */
const levelBadge = (scene: number, level: number, name: string): Badge => ({
  displayType: 4,
  badgePriorityType: 20,
  badgeScene: scene,
  position: 1,
  display: true,
  logExtra: {
    dataVersion: '2',
    privilegeId: '7110716777236877171',
    privilegeOrderId: 'mock_fix_width_transparent_7110716777236877171',
    level: String(level),
  },
  combine: {
    badgeDisplayType: 4,
    icon: icon(`${name}_lv${Math.floor(level / 5) * 5}`),
    str: String(level),
    background: { backgroundColorCode: '#993F7DF6' },
  },
});

const moderatorBadge: Badge = {
  displayType: 2,
  badgePriorityType: 10,
  badgeScene: SCENE.admin,
  position: 2,
  text: { displayType: 2, key: 'pm_mt_moderator_im', defaultPattern: 'Moderator' },
};

const topGifterBadge = (rank: number): Badge => ({
  displayType: 4,
  badgePriorityType: 30,
  badgeScene: SCENE.rankList,
  position: 1,
  display: true,
  combine: { badgeDisplayType: 4, icon: icon(`ranklist_top_gifter_${rank}`), str: `No. ${rank}` },
});

const imageBadge = (scene: number, name: string): Badge => ({
  displayType: 1,
  badgePriorityType: 20,
  badgeScene: scene,
  position: 1,
  image: { displayType: 1, image: icon(name) },
});

/** Makes one viewer up; roles are as rare as in real rooms. */
const makeViewer = (random: Random): UserBody => {
  const userId = random.chance(0.97)
    ? `${random.pick(['6', '7'])}${random.digits(18)}`
    : random.digits(random.int(7, 17));
  const avatar = `tos-maliva-avt-0068/${random.text(32, '0123456789abcdef')}`;
  const badges: Badge[] = [];
  const moderator = random.chance(0.03);
  const subscriber = random.chance(0.06);
  const follower = random.chance(0.45);
  if (moderator) badges.push(moderatorBadge);
  if (subscriber) badges.push(imageBadge(SCENE.subscriber, 'subs_badge_month_3'));
  if (random.chance(0.02)) badges.push(imageBadge(SCENE.friends, 'friends_badge'));
  if (random.chance(0.02)) badges.push(topGifterBadge(random.int(1, 3)));
  if (random.chance(0.4)) badges.push(levelBadge(SCENE.userGrade, random.int(1, 45), 'grade_badge_icon_lite'));
  if (random.chance(0.3)) badges.push(levelBadge(SCENE.fans, random.int(1, 30), 'fans_badge_icon'));
  return {
    userId,
    nickname: nicknames(random),
    uniqueId: handles(random),
    secUid: `MS4wLjABAAAA${random.text(64, 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_')}`,
    profilePicture: {
      url: [
        `https://p16-sign-va.tiktokcdn.com/${avatar}~c5_100x100.webp?x-expires=1796618800&x-signature=${random.text(27)}%3D`,
        `https://p16-sign-va.tiktokcdn.com/${avatar}~c5_100x100.jpeg`,
      ],
      mUri: `100x100/${avatar}`,
    },
    verified: random.chance(0.01),
    followInfo: {
      followingCount: String(random.int(0, 2000)),
      followerCount: String(random.int(0, 5000)),
      followStatus: follower ? (random.chance(0.1) ? '2' : '1') : '0',
    },
    ...(moderator ? { userAttr: { isAdmin: true } } : {}),
    ...(subscriber ? { isSubscribe: true } : {}),
    ...(badges.length === 0 ? {} : { badges }),
  };
};

/** The pool of viewers: made on first use, always the same for the same seed. */
export class Viewers {
  private readonly made = new Map<number, UserBody>();

  constructor(
    private readonly seed: string,
    private readonly size: number,
  ) {}

  /** Somebody of the pool; low numbers come more often, so that rooms have regulars. */
  pick(random: Random): UserBody {
    const point = random.next();
    return this.get(Math.floor(point * point * this.size));
  }

  get(index: number): UserBody {
    let viewer = this.made.get(index);
    if (viewer === undefined)
      this.made.set(index, (viewer = makeViewer(new SeededRandom(`${this.seed}/viewer/${index}`))));
    return viewer;
  }
}
