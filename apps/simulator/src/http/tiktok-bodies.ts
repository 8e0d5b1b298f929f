import type { Room } from '../world/room.js';
import { LIVE_STATUS } from '../world/streamer.js';
import type { Streamer } from '../world/streamer.js';

/** `status` of user and room: 2 live, 3 paused, 4 offline. */
export const statusOf = (streamer: Streamer): number => LIVE_STATUS[streamer.status];

const seconds = (ms: number): number => Math.floor(ms / 1000);

/** The pair `{user, liveRoom}` that the live page and the web API both carry. */
export const userAndRoom = (
  streamer: Streamer,
  room: Room | undefined,
): { user: object; liveRoom: object; stats: object } => ({
  user: {
    id: streamer.userId,
    uniqueId: streamer.uniqueId,
    nickname: streamer.nickname,
    secUid: streamer.secUid,
    roomId: streamer.roomId,
    status: statusOf(streamer),
    verified: streamer.verified,
    avatarLarger: streamer.avatarUrl,
    avatarMedium: streamer.avatarUrl,
    avatarThumb: streamer.avatarUrl,
    signature: '',
    secret: false,
  },
  liveRoom: {
    status: statusOf(streamer),
    title: streamer.title,
    startTime: seconds(streamer.startedAt),
    coverUrl: streamer.avatarUrl,
    liveRoomMode: 0,
    liveSubOnly: 0,
    streamId: streamer.roomId,
    liveRoomStats: { userCount: room?.viewers ?? 0, enterCount: (room?.viewers ?? 0) * 3 },
  },
  stats: { followerCount: streamer.followers, followingCount: 12 },
});

/** The live page with its data in a script tag. */
export const livePage = (name: string, found: { streamer: Streamer; room: Room | undefined } | undefined): string => {
  const state =
    found === undefined
      ? { AppContext: { language: 'en' }, UserModule: {} }
      : {
          AppContext: { language: 'en' },
          LiveRoom: {
            loadingState: { getUserInfo: 3 },
            needLogin: false,
            liveRoomUserInfo: userAndRoom(found.streamer, found.room),
          },
        };
  const json = JSON.stringify(state).replaceAll('<', '\\u003c');
  const title = (found?.streamer.nickname ?? name).replaceAll(/[<>&"]/g, ' ');
  return [
    '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">',
    `<title>${title} is LIVE | TikTok</title></head><body><div id="app"></div>`,
    `<script id="SIGI_STATE" type="application/json">${json}</script>`,
    '</body></html>',
  ].join('\n');
};

/** `data` of room info. */
export const roomInfo = (streamer: Streamer, room: Room): object => ({
  id: room.roomId,
  id_str: room.roomId,
  status:
    room.status === 'ended' ? LIVE_STATUS.offline : room.status === 'paused' ? LIVE_STATUS.paused : LIVE_STATUS.live,
  title: streamer.title,
  create_time: seconds(streamer.startedAt),
  finish_time: room.status === 'ended' ? seconds(streamer.endedAt) : 0,
  start_time: seconds(streamer.startedAt),
  owner_user_id: streamer.userId,
  owner_user_id_str: streamer.userId,
  owner: {
    id: streamer.userId,
    id_str: streamer.userId,
    display_id: streamer.uniqueId,
    nickname: streamer.nickname,
    sec_uid: streamer.secUid,
    bio_description: '',
    avatar_thumb: { url_list: [streamer.avatarUrl], uri: '' },
    avatar_large: { url_list: [streamer.avatarUrl], uri: '' },
    follow_info: { follower_count: streamer.followers, following_count: 12 },
  },
  user_count: room.viewers,
  like_count: room.likes,
  stats: { like_count: room.likes, total_user: room.viewers * 3, follow_count: 0, share_count: 0 },
  cover: { url_list: [streamer.avatarUrl] },
  stream_url: { hls_pull_url: '', flv_pull_url: {} },
});
