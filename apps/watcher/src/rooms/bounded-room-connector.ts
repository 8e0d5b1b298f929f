import {
  RoomConnectError,
  type OpenRoomRequest,
  type RoomConnection,
  type RoomConnectionHandlers,
  type RoomConnector,
} from './room-connector.port.js';

/**
 * Opens rooms as `inner` does, at most so many at one time, opening ones included. One more is refused as `configuration`
 * and tried again later: a process whose file descriptors are all sockets could not write its journal any more.
 */
export class BoundedRoomConnector implements RoomConnector {
  #held = 0;

  /** `max`: undefined where the system sets no limit. */
  constructor(
    private readonly inner: RoomConnector,
    private readonly max: number | undefined,
  ) {}

  async open(request: OpenRoomRequest, handlers: RoomConnectionHandlers): Promise<RoomConnection> {
    const { max } = this;
    if (max !== undefined && this.#held >= max)
      throw new RoomConnectError(
        'configuration',
        `this process may hold ${max} sockets of rooms: raise its limit of open files (ulimit -n, LimitNOFILE=, ulimits of a container), or add a replica`,
      );
    this.#held += 1;
    let given = true;
    const giveBack = (): void => {
      if (given) this.#held -= 1;
      given = false;
    };
    const onClosed: RoomConnectionHandlers['onClosed'] = (closed) => {
      giveBack();
      handlers.onClosed(closed);
    };
    try {
      return await this.inner.open(request, { ...handlers, onClosed });
    } catch (error) {
      giveBack();
      throw error;
    }
  }
}
