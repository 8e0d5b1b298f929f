import type { EventName } from '@livetap/contracts';
import { type DecodedShape, decodedShape } from './normalize/decoded-shape.js';
import { GenericShaper } from './normalize/generic-shaper.js';
import { NORMALIZERS } from './normalize/normalizers.js';
import { EVENT_SHAPES } from './projection/event-shapes.js';
import { Projector } from './projection/projector.js';

/**
 * Makes the data of events of wire messages: from their bytes where that can be done (`projector`), else of the decoded
 * message. Both read the same shapes. One for all rooms of a process: what it compiles it keeps, by event and type.
 */
export class MessageShaper {
  readonly projector = new Projector();
  readonly #generic = new GenericShaper();
  readonly #shapes = new Map<EventName, DecodedShape>();

  /**
   * The data of an event of its decoded message, but for what the room counts (`gift`, and `total` of `like`).
   * @throws Error when proto/webcast has no such type (a fault of the caller, not retryable).
   */
  shape(event: EventName, typeName: string, message: object): object {
    const normalize = NORMALIZERS.get(event);
    if (normalize !== undefined) return normalize(message as never);
    const shape = EVENT_SHAPES.get(event);
    if (shape === undefined) return this.#generic.shape(typeName, message);
    let shaped = this.#shapes.get(event);
    if (shaped === undefined) {
      shaped = decodedShape(typeName, shape);
      this.#shapes.set(event, shaped);
    }
    return shaped(message);
  }
}
