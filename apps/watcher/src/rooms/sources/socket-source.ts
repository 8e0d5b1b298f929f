/**
 * Ways to the address of a room's socket. `direct`: unsigned, with an anonymous cookie. `euler`: signed by the sign server,
 * one request of its quota each. `fixed`: the address in the settings.
 */
export const SOCKET_SOURCES = ['direct', 'euler', 'fixed'] as const;
export type SocketSource = (typeof SOCKET_SOURCES)[number];

/** A signature is paid for; the other ways cost nothing that runs out. */
export const PAID_SOURCE = 'euler' satisfies SocketSource;

/** @throws nothing: undefined for whatever is not a way */
export function socketSourceOf(text: string): SocketSource | undefined {
  return SOCKET_SOURCES.find((source) => source === text);
}
