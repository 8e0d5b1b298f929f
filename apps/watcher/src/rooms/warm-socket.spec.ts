import { FakeClock } from '@livetap/testkit';
import { describe, expect, it } from 'vitest';
import { FakeRoomConnector } from './testing/fake-room-connector.js';
import { message } from './testing/replica.js';
import type { RoomSocketEvents } from './room-socket.js';
import { WarmSocket } from './warm-socket.js';

describe('a warm socket', () => {
  it('hands over what it brought as it came, then what comes', async () => {
    const clock = new FakeClock();
    const connector = new FakeRoomConnector(() => clock.now());
    const warm: string[] = [];
    const socket = new WarmSocket({
      clock,
      connector,
      request: {
        ...{ roomId: '7', uniqueId: 'host', access: {}, priority: 50, waitingSince: 0 },
        confirmLive: async () => true,
      },
      budget: { bytes: 0 },
      onSettled: () => void warm.push('settled'),
      onWarm: () => void warm.push('warm'),
      onFailed: () => void warm.push('failed'),
    });
    await clock.advance(1);
    const [first, second, third] = [message(1), message(2), message(3)];
    connector.last.send(first, second);
    connector.last.send(third);
    expect(warm).toEqual(['settled', 'warm']);

    const brought: string[] = [];
    const hex = (payload: Uint8Array): string => Buffer.from(payload).toString('hex');
    const unexpected = (): void => void brought.push('unexpected');
    const events: RoomSocketEvents = {
      ...{ waiting: unexpected, opened: unexpected, rejected: unexpected, closed: unexpected, failed: unexpected },
      frame: (_socket, { messages }) => {
        for (const { msgId, payload } of messages) brought.push(`${msgId} ${hex(payload)}`);
      },
    };
    const fourth = message(4);
    socket.adopt(events, () => brought.push('begin'));
    connector.last.send(fourth);
    expect(brought).toEqual([
      'begin',
      ...[first, second, third, fourth].map(({ msgId, payload }) => `${msgId} ${hex(payload)}`),
    ]);
  });
});
