import { type PartialMessage, User } from '@livetap/connector';
import { describe, expect, it } from 'vitest';
import { personFrom, user } from './people.js';

const wire = (message: PartialMessage<User>) => User.decode(User.encode(message).finish());

describe('a user', () => {
  it('is absent without an id', () => {
    expect(user(undefined)).toBeUndefined();
    expect(user(wire({ nickname: 'Nobody' }))).toBeUndefined();
    expect(user(wire({ userId: '0', idStr: '0' }))).toBeUndefined();
    expect(user(wire({ idStr: '77' }))).toEqual({ id: '77' });
  });

  it('has the five facts of the contract', () => {
    const person = user(
      wire({
        userId: '6864390242218293487',
        uniqueId: 'name',
        nickname: 'Nick',
        verified: true,
        bioDescription: 'secret',
        secUid: 'secret',
        profilePicture: { url: [] },
        profilePictureMedium: { url: ['http://plain/a.png', 'https://cdn/a.webp', 'https://cdn/b.webp'] },
      }),
    );
    expect(person).toEqual({
      id: '6864390242218293487',
      uniqueId: 'name',
      nickname: 'Nick',
      avatarUrl: 'https://cdn/a.webp',
      verified: true,
    });
  });

  it('has the roles that badges, relation and level say', () => {
    const badges = [
      { badgeScene: 1 },
      { badgeScene: 4, combine: { icon: { mUri: 'webcast-va/super_fan_badge.png' } } },
      { badgeScene: 6, image: { image: { mUri: 'webcast-sg/new_top_gifter_version_2.png' } } },
      { badgeScene: 8, logExtra: { level: '24' } },
      { badgeScene: 10, logExtra: { level: '12' } },
    ];
    expect(user(wire({ userId: '1', badges, followInfo: { followStatus: '2' } }))?.roles).toEqual({
      moderator: true,
      subscriber: true,
      superFan: true,
      friend: true,
      follower: true,
      topGifterRank: 2,
      gifterLevel: 24,
      fanLevel: 12,
    });
  });

  it('has the roles that the message says beside it', () => {
    const nobody = {
      isSubscriberOfAnchor: false,
      isMutualFollowingWithAnchor: false,
      isFollowerOfAnchor: false,
      isModeratorOfAnchor: false,
    };
    expect(user(wire({ userId: '1' }), nobody)).toEqual({ id: '1' });
    expect(
      user(wire({ userId: '1' }), { ...nobody, isFollowerOfAnchor: true, isModeratorOfAnchor: true })?.roles,
    ).toEqual({
      follower: true,
      moderator: true,
    });
    expect(user(wire({ userId: '1', followInfo: { followStatus: '3' } }))).toEqual({ id: '1' });
  });

  it('may be given as loose fields', () => {
    expect(personFrom({ id: '0', idText: '5', nickname: 'N', uniqueId: '', avatar: { url: ['https://a'] } })).toEqual({
      id: '5',
      nickname: 'N',
      avatarUrl: 'https://a',
    });
    expect(personFrom({ id: '', nickname: 'N' })).toBeUndefined();
    expect(personFrom({ id: 'not an id' })).toBeUndefined();
  });
});
