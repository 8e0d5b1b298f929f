import {
  OecMsgUserInfo,
  type PartialMessage,
  WebcastInRoomBannerMessage,
  WebcastUnauthorizedMemberMessage,
  WebcastLinkMicFanTicketMethod,
  WebcastLinkMicMethod,
  WebcastRoomNotifyMessage,
} from '@livetap/connector';
import { describe, expect, it } from 'vitest';
import { GenericShaper } from './generic-shaper.js';

const shaper = new GenericShaper();

describe('the generic rule', () => {
  it('leaves out what is at its default, and bytes', () => {
    const empty = WebcastLinkMicMethod.decode(new Uint8Array(0));
    expect(shaper.shape('WebcastLinkMicMethod', empty)).toEqual({});
    const message = WebcastLinkMicMethod.decode(
      WebcastLinkMicMethod.encode({
        messageType: 101,
        channelId: '7276255291258158452',
        userScores: [Uint8Array.of(1)],
      }).finish(),
    );
    expect(shaper.shape('WebcastLinkMicMethod', message)).toEqual({
      messageType: 101,
      channelId: '7276255291258158452',
    });
  });

  it('writes names in camelCase and keeps nested lists', () => {
    const fields: PartialMessage<WebcastLinkMicFanTicketMethod> = {
      FanTicketRoomNotice: { UserFanTicketList: [{ UserId: '5', FanTicket: '9' }], TotalLinkMicFanTicket: '9' },
    };
    const message = WebcastLinkMicFanTicketMethod.decode(WebcastLinkMicFanTicketMethod.encode(fields).finish());
    expect(shaper.shape('WebcastLinkMicFanTicketMethod', message)).toEqual({
      fanTicketRoomNotice: { userFanTicketList: [{ userId: '5', fanTicket: '9' }], totalLinkMicFanTicket: '9' },
    });
  });

  it('shows of the header the text, and of a user the User', () => {
    const fields: PartialMessage<WebcastRoomNotifyMessage> = {
      common: { msgId: '1', logId: 'x', displayText: { displayType: 'k', defaultPattern: 'Hello' } },
      user: { userId: '5', nickname: 'N', secUid: 's', bioDescription: 'b' },
    };
    const message = WebcastRoomNotifyMessage.decode(WebcastRoomNotifyMessage.encode(fields).finish());
    expect(shaper.shape('WebcastRoomNotifyMessage', message)).toEqual({
      displayText: { key: 'k', pattern: 'Hello', text: 'Hello' },
      user: { id: '5', nickname: 'N' },
    });
  });

  it('gathers loose facts about a person into a User', () => {
    const fields = { userId: '5', nickName: 'N', avatar: { url: ['https://a'] }, isWinner: true };
    const message = OecMsgUserInfo.decode(OecMsgUserInfo.encode(fields).finish());
    expect(shaper.shape('OecMsgUserInfo', message)).toEqual({
      user: { id: '5', nickname: 'N', avatarUrl: 'https://a' },
      isWinner: true,
    });
  });

  it('says nothing about somebody without an id, and nothing that only the app can read', () => {
    const guest = WebcastUnauthorizedMemberMessage.encode({ action: 1, nickName: 'Anna' }).finish();
    expect(shaper.shape('WebcastUnauthorizedMemberMessage', WebcastUnauthorizedMemberMessage.decode(guest))).toEqual({
      action: 1,
    });
    const banner = WebcastInRoomBannerMessage.encode({ jsonData: '{"a":1}', position: 2 }).finish();
    expect(shaper.shape('WebcastInRoomBannerMessage', WebcastInRoomBannerMessage.decode(banner))).toEqual({
      position: 2,
    });
  });

  it('refuses a type that there is not', () => {
    expect(() => shaper.shape('Nope', {})).toThrow('No message type Nope');
  });
});
