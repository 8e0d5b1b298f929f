import type { Redactor } from '../common/redactor.js';
import {
  RoomConnectError,
  type OpenRoomRequest,
  type RoomConnection,
  type RoomConnectionHandlers,
  type RoomConnector,
} from './room-connector.port.js';

/** Opens rooms as `inner` does; what servers said on the way is passed on without secrets that it may quote. */
export class DiscreetRoomConnector implements RoomConnector {
  constructor(
    private readonly inner: RoomConnector,
    private readonly redactor: Redactor,
  ) {}

  async open(request: OpenRoomRequest, handlers: RoomConnectionHandlers): Promise<RoomConnection> {
    const onClosed: RoomConnectionHandlers['onClosed'] = (closed) =>
      handlers.onClosed({ ...closed, reason: this.redactor.clean(closed.reason) });
    try {
      return await this.inner.open(request, { ...handlers, onClosed });
    } catch (error) {
      if (!(error instanceof RoomConnectError)) throw error;
      throw new RoomConnectError(error.failure, this.redactor.clean(error.message), error.details);
    }
  }
}
