import { useEffect, useRef, useState } from 'preact/hooks';
import type { TailFilters } from '../api/api.js';
import type { Envelope } from '../api/types.js';
import { useApi } from './use-api.js';

/** An event with a number of its own, in the order of arrival: the key of its row. */
export interface Arrived {
  readonly number: number;
  readonly event: Envelope;
}

export interface Tail {
  /** Newest first. */
  readonly events: readonly Arrived[];
  readonly open: boolean;
  /** How many arrived while held. */
  readonly heldBack: number;
  /** True after the service said that something was missed. */
  readonly missed: boolean;
}

const KEPT = 150;

/**
 * Follows the live tail. Events may come faster than a screen can show them: they are drawn once a frame. While `held`, what
 * is shown stays and later ones are kept back.
 */
export function useTail(
  filters: TailFilters,
  held: boolean,
  onEvent?: (event: Envelope) => void,
  accepts?: (event: Envelope) => boolean,
): Tail {
  const api = useApi();
  const [tail, setTail] = useState<Tail>({ events: [], open: false, heldBack: 0, missed: false });
  const newest = useRef({ held, onEvent, accepts });
  newest.current = { held, onEvent, accepts };
  const redraw = useRef<() => void>(() => undefined);
  const { streamer, types } = filters;

  useEffect(() => {
    const waiting: Arrived[] = [];
    let number = 0;
    let frame = 0;
    const draw = (): void => {
      frame = 0;
      if (newest.current.held) {
        setTail((before) => ({ ...before, heldBack: waiting.length }));
        return;
      }
      const fresh = waiting.splice(0).reverse();
      setTail((before) => ({ ...before, events: [...fresh, ...before.events].slice(0, KEPT), heldBack: 0 }));
    };
    redraw.current = () => {
      frame ||= requestAnimationFrame(draw);
    };
    setTail({ events: [], open: false, heldBack: 0, missed: false });
    const stop = api.follow(
      { ...(streamer === undefined ? {} : { streamer }), ...(types === undefined ? {} : { types }) },
      {
        event: (event) => {
          newest.current.onEvent?.(event);
          if (newest.current.accepts?.(event) === false) return;
          waiting.push({ number: (number += 1), event });
          if (waiting.length > KEPT) waiting.shift();
          redraw.current();
        },
        state: (state) => setTail((before) => ({ ...before, open: state === 'open' })),
        reset: () => setTail((before) => ({ ...before, missed: true })),
      },
    );
    return () => {
      stop();
      cancelAnimationFrame(frame);
    };
  }, [api, streamer, types?.join(',')]);

  useEffect(() => redraw.current(), [held]);
  return tail;
}
