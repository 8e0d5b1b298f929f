/** Names of the libraries that are measured, and of a bare socket. */
export const OURS = 'livetap';
export const PEER = 'tiktok-live-connector 2.4.0';
export const BARE = 'ws, and nothing around it';

/** The events of the frames that are sent (realistic-frames.mjs): one for each message, by the same names in both libraries. */
export const ALL_EVENTS = ['member', 'like', 'chat', 'gift', 'roomUser'];
export const FEW_EVENTS = ['chat', 'gift'];

/**
 * How each opens a connection to a room: given the address of frame-server.mjs, a function of room, events to listen to and
 * what to call for each of them; it resolves with something that can be closed.
 */
export const SUBJECTS = {
  async [OURS](url) {
    const { TikTokLiveConnection } = await import('@livetap/connector');
    const endpoints = { webUrl: url, webcastUrl: url, socketUrl: url };
    return (roomId, heard, onEvent) =>
      connect(
        new TikTokLiveConnection('somebody', { endpoints, fetchRoomInfoOnConnect: false }),
        roomId,
        heard,
        onEvent,
      );
  },
  // The address of its sign server is in the environment.
  async [PEER]() {
    const { TikTokLiveConnection } = await import('tiktok-live-connector');
    return (roomId, heard, onEvent) =>
      connect(new TikTokLiveConnection('somebody', { fetchRoomInfoOnConnect: false }), roomId, heard, onEvent);
  },
  async [BARE](url) {
    const { WebSocket } = await import('ws');
    return (roomId) =>
      new Promise((resolve, reject) => {
        const socket = new WebSocket(`${url.replace('http', 'ws')}/?room_id=${roomId}`, { perMessageDeflate: false });
        socket.on('message', () => undefined);
        socket.on('error', reject);
        const close = () =>
          new Promise((closed) => {
            socket.once('close', closed);
            socket.close();
          });
        socket.once('open', () => resolve({ close }));
      });
  },
};

async function connect(connection, roomId, heard, onEvent) {
  for (const event of heard) connection.on(event, onEvent);
  connection.on('error', (error) => {
    throw new Error('a connection failed', { cause: error.exception });
  });
  await connection.connect(roomId);
  return { close: () => connection.disconnect() };
}
