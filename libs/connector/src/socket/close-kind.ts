import type { SocketClosed } from './webcast-socket.js';

/**
 * Why a connection ended. `client`: by `disconnect()`. `streamEnded`: the live is over. `stalled`: the socket was silent for
 * too long. The others by close code: `normal` 1000, `goingAway` 1001 and 1012, `protocol` 1002, 1003, 1007, 1009 and 1010,
 * `policy` 1008, `serverFault` 1011, 1013 and 1014, `network` no close frame or an empty one, `application` 3000 to 4999.
 */
export type CloseKind =
  | 'client'
  | 'streamEnded'
  | 'stalled'
  | 'normal'
  | 'goingAway'
  | 'protocol'
  | 'policy'
  | 'serverFault'
  | 'network'
  | 'application';

const BY_CODE: Readonly<Record<number, CloseKind>> = {
  1000: 'normal',
  1001: 'goingAway',
  1002: 'protocol',
  1003: 'protocol',
  1005: 'network',
  1006: 'network',
  1007: 'protocol',
  1008: 'policy',
  1009: 'protocol',
  1010: 'protocol',
  1011: 'serverFault',
  1012: 'goingAway',
  1013: 'serverFault',
  1014: 'serverFault',
  1015: 'network',
};
const FIRST_APPLICATION_CODE = 3000;

/** What a close code says by itself. */
export function closeKindOfCode(code: number): CloseKind {
  return BY_CODE[code] ?? (code >= FIRST_APPLICATION_CODE ? 'application' : 'protocol');
}

/** Why a socket closed, as far as the socket knows: it does not know the end of a stream. */
export function closeKind({ code, by, error }: SocketClosed): CloseKind {
  if (by === 'client') return 'client';
  return error?.code === 'CONNECTOR_SOCKET_STALLED' ? 'stalled' : closeKindOfCode(code);
}
