import {
  WebcastChatMessage,
  WebcastEmoteChatMessage,
  WebcastLikeMessage,
  WebcastMemberMessage,
  WebcastRoomUserSeqMessage,
  WebcastSocialMessage,
} from '@livetap/connector';
import { comments } from '../world/words.js';
import { draft, userText } from './draft.js';
import type { Draft, UserBody } from './draft.js';
import type { RoomState } from './room-state.js';

const shown = { isShowMsg: true, foldType: '1', anchorFoldType: '1', foldTypeForWeb: '1', anchorFoldTypeForWeb: '1' };

const userIdOf = (user: UserBody): string => user.userId ?? '0';

export const member = (room: RoomState): Draft => {
  const user = room.viewer();
  room.totalUser += 1;
  const joined = userText('live_room_enter_toast', '{0:user} joined', user);
  return draft(
    WebcastMemberMessage,
    {
      user,
      memberCount: room.viewers,
      action: room.random.chance(0.01) ? 3 : 1,
      anchorDisplayText: joined,
      clientEnterSource: 'homepage_hot-live_cell',
      clientEnterType: 'click',
    },
    { header: { ...shown, displayText: joined }, facts: { kind: 'member', userId: userIdOf(user) } },
  );
};

export const like = (room: RoomState): Draft => {
  const user = room.viewer();
  const count = room.random.int(1, 15);
  // TikTok samples: more likes happen than are told.
  room.likes += count + room.random.int(0, 3 * count);
  let total = room.likes;
  if (room.random.chance(0.42)) {
    total = room.likesLagging;
    room.likesLagging += Math.round((room.likes - room.likesLagging) * 0.4);
  }
  const text = userText('pm_mt_msg_viewer', '{0:user} liked the LIVE', user);
  return draft(
    WebcastLikeMessage,
    {
      likeCount: count,
      totalLikeCount: total,
      user,
      effectCnt: '1',
      likeEffect: [{ effectCnt: '1', effectIntervalMs: '300' }],
    },
    { header: { ...shown, displayText: text }, facts: { kind: 'like', userId: userIdOf(user), count, total } },
  );
};

export const chat = (room: RoomState): Draft => {
  const user = room.viewer();
  const comment = comments(room.random);
  room.pendingChat = { comment, user };
  const moderator = user.userAttr?.isAdmin === true;
  return draft(
    WebcastChatMessage,
    {
      user,
      comment,
      contentLanguage: room.random.pick(['en', 'de', 'pl', 'tr', 'un']),
      userIdentity: {
        isSubscriberOfAnchor: user.isSubscribe === true,
        isFollowerOfAnchor: user.followInfo?.followStatus !== '0',
        isMutualFollowingWithAnchor: user.followInfo?.followStatus === '2',
        isModeratorOfAnchor: moderator,
      },
      ...(room.random.chance(0.05)
        ? {
            emotes: [
              {
                placeInComment: comment.length,
                emote: {
                  emoteId: room.id(),
                  image: { imageUrl: ['https://p16-webcast.tiktokcdn.com/webcast-va/emote_1.png'] },
                },
              },
            ],
          }
        : {}),
    },
    { header: { ...shown, foldType: '2' }, facts: { kind: 'chat', userId: userIdOf(user) } },
  );
};

export const social = (room: RoomState): Draft => {
  const user = room.viewer();
  const roll = room.random.next();
  if (roll < 0.62) {
    room.follows += 1;
    return draft(
      WebcastSocialMessage,
      { user, action: '1', shareTarget: room.streamer.userId, followCount: room.follows },
      {
        header: {
          ...shown,
          displayText: userText('pm_main_follow_message_viewer_2', '{0:user} followed the LIVE creator', user),
        },
        facts: { kind: 'social', userId: userIdOf(user), social: 'follow', followCount: room.follows },
      },
    );
  }
  if (roll < 0.92) {
    const friends = room.random.int(1, 5);
    const key = room.random.chance(0.5) ? 'pm_mt_guidance_share' : `pm_mt_guidance_viewer_${friends}_share`;
    return draft(
      WebcastSocialMessage,
      { user, action: '3', shareType: '1', shareCount: friends, shareTarget: '2' },
      {
        header: { ...shown, displayText: userText(key, '{0:user} shared the LIVE', user) },
        facts: { kind: 'social', userId: userIdOf(user), social: 'share', followCount: 0 },
      },
    );
  }
  return draft(
    WebcastSocialMessage,
    { user, action: '5' },
    {
      header: {
        ...shown,
        displayText: userText('pm_mt_join_message_other_viewer', '{0:user} joined through a friend', user),
      },
      facts: { kind: 'social', userId: userIdOf(user), social: 'other', followCount: 0 },
    },
  );
};

export const roomUser = (room: RoomState): Draft => {
  const drift = Math.max(2, Math.round(room.viewers * 0.1));
  room.viewers = Math.max(1, room.viewers + room.random.int(-drift, drift));
  const top = Array.from({ length: Math.min(3, room.viewers) }, (_, index) => ({
    rank: index + 1,
    coinCount: (3 - index) * room.random.int(10, 900),
    user: room.viewersPool.get(index),
  }));
  return draft(
    WebcastRoomUserSeqMessage,
    {
      ranksList: top,
      viewerCount: room.viewers,
      totalUser: room.totalUser,
      popularity: String(room.viewers),
      popStr: String(room.viewers),
    },
    { facts: { kind: 'viewers', viewers: room.viewers, totalUser: room.totalUser } },
  );
};

export const emote = (room: RoomState): Draft =>
  draft(
    WebcastEmoteChatMessage,
    {
      user: room.viewer(),
      emoteList: [
        {
          emoteId: room.id(),
          image: { url: ['https://p16-webcast.tiktokcdn.com/webcast-va/emote_2.png'] },
          uuid: 'emote',
        },
      ],
    },
    { header: shown },
  );
