import { describe, expect, it } from 'vitest';
import { ControlAction, EnvelopeBusinessType, wireMethods } from '../proto/index.js';
import { classifyMessage, mostSpecificEvent, possibleEvents } from './classify.js';
import { WebcastEventMap } from './event-map.js';
import { ControlEvent, WebcastEvent } from './webcast-event.js';

const display = (displayType: string): unknown => ({ common: { displayText: { displayType } } });
const barrage = (content: string, common = ''): unknown => ({
  content: { displayType: content },
  commonBarrageContent: { displayType: common },
});

describe('events of a message', () => {
  it.each<[string, unknown, WebcastEvent[], WebcastEvent]>([
    ['WebcastSocialMessage', display('pm_main_follow_message_viewer_2'), [WebcastEvent.FOLLOW], WebcastEvent.FOLLOW],
    ['WebcastSocialMessage', display('pm_mt_guidance_share'), [WebcastEvent.SHARE], WebcastEvent.SHARE],
    ['WebcastSocialMessage', display('pm_mt_guidance_viewer_5_share'), [WebcastEvent.SHARE], WebcastEvent.SHARE],
    ['WebcastSocialMessage', display('share_follow'), [WebcastEvent.FOLLOW], WebcastEvent.FOLLOW],
    ['WebcastSocialMessage', display('pm_mt_msg_viewer'), [WebcastEvent.SOCIAL], WebcastEvent.SOCIAL],
    ['WebcastSocialMessage', display('FOLLOW'), [WebcastEvent.SOCIAL], WebcastEvent.SOCIAL],
    ['WebcastSocialMessage', {}, [WebcastEvent.SOCIAL], WebcastEvent.SOCIAL],
    [
      'WebcastBarrageMessage',
      barrage('TTLive_SuperFan_CommentNotif_SuperFanJoined'),
      [WebcastEvent.SUPER_FAN_JOIN, WebcastEvent.BARRAGE],
      WebcastEvent.SUPER_FAN_JOIN,
    ],
    [
      'WebcastBarrageMessage',
      barrage('', 'ttlive_superfan_commentnotif_someonebecamesuperfan'),
      [WebcastEvent.SUPER_FAN, WebcastEvent.BARRAGE],
      WebcastEvent.SUPER_FAN,
    ],
    [
      'WebcastBarrageMessage',
      barrage('ttlive_superfan', 'ttlive_superfan_commentnotif_superfanjoined'),
      [WebcastEvent.SUPER_FAN_JOIN, WebcastEvent.BARRAGE],
      WebcastEvent.SUPER_FAN_JOIN,
    ],
    ['WebcastBarrageMessage', barrage('ttlive_other'), [WebcastEvent.BARRAGE], WebcastEvent.BARRAGE],
    [
      'WebcastEnvelopeMessage',
      display('pm_TTLive_SuperFanBox_x'),
      [WebcastEvent.SUPER_FAN_BOX, WebcastEvent.ENVELOPE],
      WebcastEvent.SUPER_FAN_BOX,
    ],
    [
      'WebcastEnvelopeMessage',
      { envelopeInfo: { businessType: EnvelopeBusinessType.BusinessTypeSuperFanBox } },
      [WebcastEvent.SUPER_FAN_BOX, WebcastEvent.ENVELOPE],
      WebcastEvent.SUPER_FAN_BOX,
    ],
    ['WebcastEnvelopeMessage', { envelopeInfo: { businessType: 1 } }, [WebcastEvent.ENVELOPE], WebcastEvent.ENVELOPE],
    [
      'WebcastControlMessage',
      { action: ControlAction.CONTROL_ACTION_STREAM_PAUSED },
      [WebcastEvent.CONTROL_MESSAGE],
      WebcastEvent.CONTROL_MESSAGE,
    ],
    [
      'WebcastControlMessage',
      { action: ControlAction.CONTROL_ACTION_STREAM_ENDED },
      [WebcastEvent.CONTROL_MESSAGE, WebcastEvent.STREAM_END],
      WebcastEvent.STREAM_END,
    ],
    [
      'WebcastControlMessage',
      { action: ControlAction.CONTROL_ACTION_STREAM_SUSPENDED },
      [WebcastEvent.CONTROL_MESSAGE, WebcastEvent.STREAM_END],
      WebcastEvent.STREAM_END,
    ],
    ['WebcastGiftMessage', {}, [WebcastEvent.GIFT], WebcastEvent.GIFT],
    ['WebcastChatMessage', {}, [WebcastEvent.CHAT], WebcastEvent.CHAT],
    ['RoomVerifyMessage', {}, [WebcastEvent.ROOM_VERIFY], WebcastEvent.ROOM_VERIFY],
    ['WebcastHourlyRankMessage', {}, [WebcastEvent.HOURLY_RANK], WebcastEvent.HOURLY_RANK],
    ['RoomMessage', {}, [WebcastEvent.ROOM_MESSAGE], WebcastEvent.ROOM_MESSAGE],
    ['LinkMicMethod', {}, [WebcastEvent.LINK_MIC_METHOD], WebcastEvent.LINK_MIC_METHOD],
  ])('%s %o', (method, message, emitted, specific) => {
    expect(classifyMessage(method, message)).toEqual(emitted);
    expect(mostSpecificEvent(method, message)).toBe(specific);
    expect(emitted.every((event) => possibleEvents(method).includes(event))).toBe(true);
  });

  it('knows nothing about unknown methods, also those named like members of objects', () => {
    for (const method of ['WebcastNobodyKnowsMessage', 'constructor', '__proto__', 'toString', '']) {
      expect(classifyMessage(method, {})).toEqual([]);
      expect(mostSpecificEvent(method, {})).toBeUndefined();
    }
  });

  it('has the documented names', () => {
    expect(Object.keys(WebcastEvent)).toHaveLength(67);
    expect(Object.keys(ControlEvent)).toHaveLength(12);
    const derived = [
      WebcastEvent.GIFT,
      WebcastEvent.FOLLOW,
      WebcastEvent.SHARE,
      WebcastEvent.STREAM_END,
      WebcastEvent.SUPER_FAN,
      WebcastEvent.SUPER_FAN_JOIN,
      WebcastEvent.SUPER_FAN_BOX,
    ];
    expect(new Set([...Object.values(WebcastEventMap), ...derived]).size).toBe(67);
    for (const method of Object.keys(WebcastEventMap)) expect(wireMethods).toContain(method);
  });
});
