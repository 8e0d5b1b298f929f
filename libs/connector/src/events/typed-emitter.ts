import { EventEmitter } from 'node:events';
import type { ClientEventMap, EventArguments } from './event-types.js';

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- as in node:events: for names that are not known when compiling
type AnyListener = (...args: any[]) => void;

/** An EventEmitter whose listeners know what comes, whether the event is named by its enum or by its text. */
export interface TypedEmitter extends EventEmitter {
  on<E extends keyof EventArguments>(event: E, listener: (...args: EventArguments[E]) => void): this;
  on<E extends keyof ClientEventMap>(event: E, listener: ClientEventMap[E]): this;
  on(event: string | symbol, listener: AnyListener): this;
  once<E extends keyof EventArguments>(event: E, listener: (...args: EventArguments[E]) => void): this;
  once<E extends keyof ClientEventMap>(event: E, listener: ClientEventMap[E]): this;
  once(event: string | symbol, listener: AnyListener): this;
  addListener<E extends keyof EventArguments>(event: E, listener: (...args: EventArguments[E]) => void): this;
  addListener<E extends keyof ClientEventMap>(event: E, listener: ClientEventMap[E]): this;
  addListener(event: string | symbol, listener: AnyListener): this;
}

export const TypedEmitter = EventEmitter as new () => TypedEmitter;
