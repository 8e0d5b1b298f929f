import { describe, expect, it } from 'vitest';
import { BoundedRoomConnector } from './bounded-room-connector.js';
import {
  RoomConnectError,
  type OpenRoomRequest,
  type RoomConnection,
  type RoomConnectionHandlers,
} from './room-connector.port.js';

const request = (roomId: string): OpenRoomRequest => ({
  roomId,
  uniqueId: 'someone',
  access: {},
  priority: 50,
  waitingSince: 0,
  confirmLive: () => Promise.resolve(true),
  signal: new AbortController().signal,
});
const closed: string[] = [];
const handlers = (roomId: string): RoomConnectionHandlers => ({
  onWaiting: () => undefined,
  onOpen: () => undefined,
  onFrame: () => undefined,
  onFrameRejected: () => undefined,
  onClosed: () => void closed.push(roomId),
});

describe('the bound on sockets', () => {
  const open = new Map<string, RoomConnectionHandlers>();
  const inner = {
    async open({ roomId }: OpenRoomRequest, given: RoomConnectionHandlers): Promise<RoomConnection> {
      if (roomId === 'refused') throw new RoomConnectError('network', 'no answer');
      open.set(roomId, given);
      return { source: 'direct', pause: () => undefined, resume: () => undefined, close: () => Promise.resolve() };
    },
  };
  const bounded = new BoundedRoomConnector(inner, 2);
  const enter = (roomId: string): Promise<RoomConnection> => bounded.open(request(roomId), handlers(roomId));

  it('refuses one more, in words that say what to do; attempts that failed and sockets that closed make room', async () => {
    await enter('a');
    await expect(enter('refused')).rejects.toMatchObject({ failure: 'network' });
    await enter('b');
    await expect(enter('c')).rejects.toMatchObject({
      failure: 'configuration',
      message: expect.stringContaining('ulimit -n') as string,
    });
    open.get('a')?.onClosed({ code: 1006, reason: '' });
    expect(closed).toEqual(['a']);
    await enter('c');
    await expect(enter('d')).rejects.toMatchObject({ failure: 'configuration' });
  });

  it('is none where the system has none', async () => {
    const free = new BoundedRoomConnector(inner, undefined);
    for (let n = 0; n < 100; n += 1) await free.open(request(`${n}`), handlers(`${n}`));
  });
});
