import protobuf from 'protobufjs/minimal.js';
import { describe, expect, it } from 'vitest';
import { CommonMessageData, readMessageHeader, WebcastSocialMessage } from './index.js';

const common = {
  method: 'WebcastSocialMessage',
  msgId: '7312345678901234567',
  roomId: '7283855832087461467',
  createTime: '1696447176298',
  displayText: { displayType: 'pm_main_follow_message_viewer_2', defaultPattern: '{0:user} followed the host' },
  logId: 'x',
};
const header = {
  method: 'WebcastSocialMessage',
  msgId: '7312345678901234567',
  roomId: '7283855832087461467',
  createTime: '1696447176298',
  displayKey: 'pm_main_follow_message_viewer_2',
};

function message(headerField: number): Uint8Array {
  const writer = protobuf.Writer.create().uint32(400).int32(5);
  return CommonMessageData.encode(common, writer.uint32((headerField << 3) | 2).fork())
    .ldelim()
    .finish();
}

describe('readMessageHeader', () => {
  it('reads the header of a message that has a type', () => {
    const bytes = WebcastSocialMessage.encode({ common, action: '1' }).finish();
    expect(readMessageHeader(bytes, 'WebcastSocialMessage')).toEqual(header);
  });

  it('reads field 1 of a method without a type, and field 3 of WebcastWeeklyRankRewardMessage', () => {
    expect(readMessageHeader(message(1), 'WebcastSomethingNew')).toEqual(header);
    expect(readMessageHeader(message(3), 'WebcastWeeklyRankRewardMessage')).toEqual(header);
    expect(readMessageHeader(message(3), 'WebcastSomethingNew')).toBeUndefined();
    expect(readMessageHeader(message(1), 'constructor')).toEqual(header);
  });

  it('has defaults for an empty header and is undefined without one', () => {
    const empty = { method: '', msgId: '0', roomId: '0', createTime: '0', displayKey: '' };
    expect(readMessageHeader(Uint8Array.of(0x0a, 0), 'WebcastSocialMessage')).toEqual(empty);
    expect(readMessageHeader(new Uint8Array(0), 'WebcastSocialMessage')).toBeUndefined();
    expect(readMessageHeader(Uint8Array.of(0x08, 1), 'WebcastSocialMessage')).toBeUndefined();
  });

  it('does not mind what follows the header, and never throws', () => {
    const bytes = WebcastSocialMessage.encode({ common }).finish();
    expect(readMessageHeader(Uint8Array.from([...bytes, 0x0f, 0xff]), 'WebcastSocialMessage')).toEqual(header);
    for (let length = 0; length < bytes.length; length++) {
      expect(readMessageHeader(bytes.subarray(0, length), 'WebcastSocialMessage')).toBeUndefined();
    }
  });
});
