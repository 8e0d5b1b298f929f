import { WebcastInRoomBannerMessage } from '@livetap/connector';
import { describe, expect, it } from 'vitest';
import { inRoomBanner } from './room.js';

const shaped = (jsonData: string): unknown => {
  const bytes = WebcastInRoomBannerMessage.encode({ jsonData, position: 1 }).finish();
  return JSON.parse(JSON.stringify(inRoomBanner(WebcastInRoomBannerMessage.decode(bytes))));
};

describe('a banner', () => {
  it('shows its campaigns and their times, and nobody', () => {
    const text = JSON.stringify({
      'op_component-open-2-7229923605669252192': {
        activity_time: { start_time: 1_696_197_600, end_time: 1_696_456_799, show_time: 1_696_586_398 },
        banner_data: { rank_lists: [{ nickname: 'Anna', rank: 7 }], anchor_crowd_result: ['1E79'] },
        user: '6812345678901234567',
      },
      user: '6812345678901234567',
      '6812345678901234567': {},
    });
    expect(shaped(text)).toEqual({
      banners: [
        {
          activity: 'op_component-open-2-7229923605669252192',
          startsAt: '2023-10-01T22:00:00.000Z',
          endsAt: '2023-10-04T21:59:59.000Z',
          shownUntil: '2023-10-06T09:59:58.000Z',
        },
      ],
      position: 1,
    });
  });

  it.each([
    '',
    'null',
    '7',
    '[1]',
    '{',
    '{"op_component-1":null}',
    '{"op_component-1":{"activity_time":{"start_time":"x"}}}',
  ])('of %j is an event all the same', (text) => {
    expect(shaped(text)).toMatchObject({ position: 1 });
  });
});
