import { WebcastControlMessage } from '@livetap/connector';
import type { MessageIds } from '../common/ids.js';
import type { Random } from '../common/random.js';
import { Random as SeededRandom, WeightedChoice } from '../common/random.js';
import type { OutMessage, RoomScript } from '../world/message.js';
import type { Streamer } from '../world/streamer.js';
import { battle, fanTicket, linkLayer, linkMessage, linkMicMethod, poll } from './battles.js';
import { draft } from './draft.js';
import type { Draft } from './draft.js';
import { chat, emote, like, member, roomUser, social } from './frequent.js';
import { gift } from './gifts.js';
import {
  barrage,
  caption,
  envelope,
  goalUpdate,
  imDelete,
  inRoomBanner,
  question,
  rankText,
  rankUpdate,
  roomMessage,
  roomPin,
  superFan,
  superFanBox,
  superFanJoin,
  system,
} from './occasional.js';
import { rare, unknown } from './rare.js';
import { RoomState } from './room-state.js';
import type { Viewers } from './viewers.js';

type Make = (room: RoomState, now: number) => Draft;

/** What comes how often, in percent: the mix of real rooms, with the rare ones often enough that a minute shows them all. */
const MIX = new WeightedChoice<Make>([
  [member, 35],
  [like, 25],
  [chat, 20],
  [gift, 6],
  [social, 3],
  [roomUser, 3],
  [emote, 0.8],
  [battle, 0.8],
  [poll, 0.5],
  [rankUpdate, 0.5],
  [rankText, 0.2],
  [fanTicket, 0.3],
  [linkMicMethod, 0.3],
  [linkLayer, 0.3],
  [linkMessage, 0.3],
  [roomMessage, 0.3],
  [goalUpdate, 0.3],
  [caption, 0.3],
  [barrage, 0.3],
  [superFan, 0.1],
  [superFanJoin, 0.1],
  [envelope, 0.15],
  [superFanBox, 0.1],
  [question, 0.2],
  [roomPin, 0.15],
  [imDelete, 0.15],
  [inRoomBanner, 0.05],
  [system, 0.05],
  [unknown, 0.3],
  [rare, 0.75],
]);

export interface ScriptDependencies {
  readonly ids: MessageIds;
  readonly viewers: Viewers;
  readonly random: Random;
}

/** Share of the messages whose header has no time. */
const WITHOUT_TIME = 0.01;

/** Makes the messages of one live of a room, from its own stream of random numbers. */
export class LiveScript implements RoomScript {
  private readonly state: RoomState;
  /** Apart from the numbers that messages are made of, so that these stay the same whoever watches. */
  private readonly times: Random;

  constructor(
    roomId: string,
    streamer: Streamer,
    private readonly dependencies: ScriptDependencies,
  ) {
    this.state = new RoomState(roomId, streamer, dependencies.random, dependencies.viewers);
    this.times = new SeededRandom(`times/${roomId}`);
  }

  get viewers(): number {
    return this.state.viewers;
  }

  get likes(): number {
    return this.state.likes;
  }

  next(now: number): OutMessage {
    const made = this.make(now);
    const message = this.finish(made, now);
    const said = this.state.pendingChat;
    if (said !== undefined) this.state.recentChat = { ...said, msgId: message.msgId };
    return message;
  }

  skip(count: number): void {
    for (let index = 0; index < count; index += 1) this.make(0);
  }

  control(action: number, now: number): OutMessage {
    return this.finish(draft(WebcastControlMessage, { action }, { facts: { kind: 'control', action } }), now);
  }

  private make(now: number): Draft {
    this.state.pendingChat = undefined;
    return MIX.pick(this.state.random)(this.state, now);
  }

  private finish(made: Draft, now: number): OutMessage {
    const msgId = this.dependencies.ids.next();
    // The message happened a little before it is sent.
    const createTime = this.times.chance(WITHOUT_TIME) ? {} : { createTime: String(now - this.times.int(20, 800)) };
    const payload = made.encode({
      method: made.method,
      msgId,
      roomId: this.state.roomId,
      monitor: 1,
      ...createTime,
      ...made.header,
    });
    return { method: made.method, msgId, payload, ...(made.facts === undefined ? {} : { facts: made.facts }) };
  }
}
