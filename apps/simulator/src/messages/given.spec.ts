import { WebcastGiftMessage, WebcastLinkMicArmies } from '@livetap/connector';
import { describe, expect, it } from 'vitest';
import { givenMessageSchema, GivenMessageError, makeGiven } from './given.js';

const context = { roomId: '7', now: 1000, nextId: () => '42' };
const make = (given: object): ReturnType<typeof makeGiven> => makeGiven(givenMessageSchema.parse(given), context);

describe('a given message', () => {
  it('is made from fields, with the header filled in and the facts read from the bytes', () => {
    const message = make({
      method: 'WebcastGiftMessage',
      fields: {
        giftId: 5655,
        groupId: 9,
        repeatCount: 4,
        user: { userId: '60', badges: [{ badgeScene: 1 }] },
        giftDetails: { diamondCount: 1, giftType: 1 },
      },
    });
    const gift = WebcastGiftMessage.decode(message.payload);
    expect(gift.common).toMatchObject({ method: 'WebcastGiftMessage', msgId: '42', roomId: '7', createTime: '1000' });
    expect(gift).toMatchObject({
      giftId: 5655,
      groupId: '9',
      repeatCount: 4,
      user: { userId: '60', badges: [{ badgeScene: 1 }] },
    });
    expect(message.facts).toMatchObject({ kind: 'gift', userId: '60', repeatCount: 4, diamondCount: 1 });
  });

  it('takes maps, bytes in base64 and a header of its own', () => {
    const message = make({
      method: 'WebcastLinkMicArmies',
      msgId: '5',
      fields: { common: { createTime: '77' }, battleItems: { '60': { hostScore: '12' } } },
    });
    expect(WebcastLinkMicArmies.decode(message.payload)).toMatchObject({
      common: { createTime: '77', msgId: '5' },
      battleItems: { '60': { hostScore: '12' } },
    });
    const raw = make({ method: 'WebcastFutureMessage', payload: 'AQID' });
    expect([...raw.payload]).toEqual([1, 2, 3]);
    expect(raw.facts).toBeUndefined();
  });

  it.each([
    ['an unknown field', { method: 'WebcastChatMessage', fields: { coment: 'x' } }, 'WebcastChatMessage.coment'],
    [
      'a wrong type deep inside',
      { method: 'WebcastChatMessage', fields: { user: { badges: [{ badgeScene: 'x' }] } } },
      'user.badges[0].badgeScene must be int32',
    ],
    [
      'a number that is not exact',
      { method: 'WebcastChatMessage', fields: { user: { userId: 2 ** 60 } } },
      'user.userId must be int64',
    ],
    ['a list that is none', { method: 'WebcastChatMessage', fields: { emotes: {} } }, 'emotes must be a list'],
    ['fields for a method without a type', { method: 'WebcastFutureMessage', fields: {} }, 'give its payload'],
  ])('names %s', (_what, given, text) => {
    expect(() => make(given)).toThrow(GivenMessageError);
    expect(() => make(given)).toThrow(text);
  });
});
