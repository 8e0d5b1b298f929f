import { gzipSync } from 'node:zlib';

/**
 * Frames as a busy room sends them, the same for the same seed: 35 % joins, 25 % likes, 20 % comments, 10 % gifts,
 * 10 % viewer lists, in batches of 4 to 20 messages. Sizes follow recorded messages (a join 4.4 kB, a like 2.2 kB, a
 * comment 2.8 kB, a gift 5.8 kB, a viewer list 3.1 kB): most of a message is users, and most of a user is image addresses
 * and, for three users in five, a badge.
 * `gzip: false`: the same messages in plain frames.
 */
export function realisticFrames(proto, { seed = 1, frames = 200, gzip = true } = {}) {
  const random = randomFrom(seed);
  const world = new World(proto, random);
  return Array.from({ length: frames }, (_, index) => {
    const messages = Array.from({ length: 4 + Math.floor(random() * 17) }, () => world.message());
    const batch = proto.ProtoMessageFetchResult.encode({
      messages,
      cursor: `1720000000000_7${index}_1_1_0_0`,
      now: String(1_720_000_000_000 + index * 400),
      internalExt: `fetch_time:1720000000000|start_time:0|ack_ids:,,|flag:0|seq:${index}|next_cursor:x|wss_info:0-0-0-0`,
      needAck: true,
    }).finish();
    return proto.WebcastPushFrame.encode({
      seqId: String(index),
      logId: id(random),
      service: '9000',
      method: '8',
      headers: [{ key: 'compress_type', value: gzip ? 'gzip' : 'none' }],
      payloadEncoding: 'pb',
      payloadType: 'msg',
      payload: gzip ? gzipSync(batch) : batch,
    }).finish();
  });
}

const MIX = [
  [0.35, 'WebcastMemberMessage', 'member'],
  [0.6, 'WebcastLikeMessage', 'like'],
  [0.8, 'WebcastChatMessage', 'chat'],
  [0.9, 'WebcastGiftMessage', 'gift'],
  [1, 'WebcastRoomUserSeqMessage', 'viewers'],
];
const WORDS =
  'live hello from the best stream ever so good please play it again love this song 😍 günaydın ありがとう مرحبا'.split(
    ' ',
  );

class World {
  constructor(proto, random) {
    this.proto = proto;
    this.random = random;
    this.roomId = id(random);
    this.users = Array.from({ length: 400 }, () => this.user());
    this.at = 1_720_000_000_000;
    this.likes = 3_000_000_000;
  }

  message() {
    const share = this.random();
    const [, method, kind] = MIX.find(([upTo]) => share < upTo);
    const msgId = id(this.random);
    const payload = this.proto.codecForMethod(method).encode(this[kind](method, msgId)).finish();
    return { method, msgId, payload, msgType: 0, offset: '0', isHistory: false };
  }

  member(method, msgId) {
    const user = this.someone();
    const text = this.text('live_room_enter_toast', '{0:user} joined', user);
    return {
      common: this.common(method, msgId, text),
      user,
      memberCount: 1 + Math.floor(this.random() * 90_000),
      action: 1,
      anchorDisplayText: text,
      clientEnterSource: 'homepage_hot-live_cell',
      clientEnterType: 'draw',
      enterType: '1',
      userId: user.id,
    };
  }

  like(method, msgId) {
    const user = this.someone();
    this.likes += 15;
    return {
      common: this.common(method, msgId, {
        displayType: 'pm_mt_msg_viewer',
        defaultPattern: '{0:user} liked the LIVE',
      }),
      likeCount: 1 + Math.floor(this.random() * 15),
      totalLikeCount: this.likes,
      user,
    };
  }

  chat(method, msgId) {
    const count = 1 + Math.floor(this.random() * 12);
    const words = Array.from({ length: count }, () => WORDS[Math.floor(this.random() * WORDS.length)]);
    return {
      common: this.common(method, msgId),
      user: { ...this.someone(), badges: this.badges() },
      comment: words.join(' '),
      contentLanguage: 'en',
      userIdentity: { isFollowerOfAnchor: true },
      commentQualityScores: Array.from({ length: 12 }, (_, i) => ({
        version: `quality_score_model_v${i}`,
        score: '812',
      })),
    };
  }

  gift(method, msgId) {
    const user = this.someone();
    const count = 1 + Math.floor(this.random() * 30);
    return {
      common: this.common(method, msgId, this.text('pm_mt_gift_toast', '{0:user} sent {1:gift}', user)),
      giftId: 5655,
      groupCount: 1,
      repeatCount: count,
      comboCount: count,
      user,
      toUser: this.someone(),
      groupId: String(this.at),
      giftDetails: {
        id: '5655',
        giftName: 'Rose',
        describe: 'sent Rose',
        diamondCount: 1,
        giftType: 1,
        combo: true,
        giftImage: this.image('rose'),
        icon: this.image('rose-icon'),
      },
      logId: hex(this.random, 34),
      sendType: '1',
      monitorExtra: JSON.stringify({ anchor_id: id(this.random), from_idc: 'maliva', log_id: hex(this.random, 20) }),
      fanTicketCount: '12',
      roomFanTicketCount: '123456',
    };
  }

  viewers(method, msgId) {
    return {
      common: this.common(method, msgId),
      ranksList: [0, 1, 2].map((rank) => ({
        coinCount: 5_000 - rank,
        user: { ...this.someone(), badges: rank === 0 ? this.badges() : [] },
        rank: rank + 1,
      })),
      viewerCount: 1_234,
      totalUser: 56_789,
    };
  }

  common(method, msgId, displayText) {
    this.at += 37;
    return {
      method,
      msgId,
      roomId: this.roomId,
      createTime: String(this.at),
      isShowMsg: true,
      displayText,
      foldType: '1',
      anchorFoldType: '1',
      priorityScore: String(10_000 + Math.floor(this.random() * 90_000)),
      roomMessageHeatLevel: '5',
      foldTypeForWeb: '1',
      anchorFoldTypeForWeb: '1',
    };
  }

  text(displayType, defaultPattern, user) {
    const format = { color: '#8CE7FF', weight: 400 };
    return {
      displayType,
      defaultPattern,
      defaultFormat: { color: '#b8ffffff', weight: 400 },
      piecesList: [{ type: 11, format, userValue: { user } }],
    };
  }

  someone() {
    return this.users[Math.floor(this.random() * this.users.length)];
  }

  user() {
    const name = WORDS[Math.floor(this.random() * WORDS.length)];
    return {
      userId: id(this.random),
      nickname: `${name} ${WORDS[Math.floor(this.random() * WORDS.length)]}`,
      profilePicture: this.image('100x100'),
      bioDescription: '',
      followInfo: {
        followingCount: '117',
        followerCount: String(Math.floor(this.random() * 5_000)),
        followStatus: '1',
      },
      userHonor: { level: 12 },
      userAttr: { isAdmin: this.random() < 0.02 },
      uniqueId: `${hex(this.random, 10)}.live`,
      secUid: `MS4wLjABAAAA${hex(this.random, 64)}`,
      badges: this.random() < 0.6 ? this.badges() : [],
    };
  }

  badges() {
    return [
      {
        displayType: 4,
        badgePriorityType: 20,
        badgeScene: 8,
        position: 1,
        display: true,
        schemaUrl:
          'sslocal://webcast_lynxview_popup?use_spark=1&url=https%3A%2F%2Flf16-gecko-source.tiktokcdn.com%2Fobj%2Fx',
        combine: {
          icon: this.image('grade'),
          str: '18',
          background: { image: this.image('bg'), backgroundColorCode: '#B3475AFF' },
        },
        logExtra: { dataVersion: '2', privilegeId: id(this.random), level: '18' },
      },
    ];
  }

  image(name) {
    const key = hex(this.random, 32);
    const url = (host, form) =>
      `https://${host}.tiktokcdn-us.com/tos-useast5-avt-0068-tx/${key}~${form}?lk3s=${hex(this.random, 8)}&x-expires=1720618800&x-signature=${hex(this.random, 26)}%3D`;
    return {
      url: [
        url('p19-sign', 'tplv-tiktok-shrink:72:72.webp'),
        url('p16-sign', 'c5_100x100.webp'),
        url('p19-sign', 'c5_100x100.jpeg'),
      ],
      uri: `${name}/tos-useast5-avt-0068-tx/${key}`,
    };
  }
}

/** 19 digits, like the ids of rooms and messages; above 2^53. */
function id(random) {
  return `7${String(Math.floor(random() * 1e9)).padStart(9, '0')}${String(Math.floor(random() * 1e9)).padStart(9, '0')}`;
}

function hex(random, length) {
  let text = '';
  while (text.length < length) text += Math.floor(random() * 16).toString(16);
  return text;
}

/** mulberry32: small, fast, the same on every machine. */
function randomFrom(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}
