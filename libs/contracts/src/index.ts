/** The event contract of Livetap, version 1. No dependencies, no I/O. */
export * from './topics.js';
export * from './events.js';
export * from './headers.js';
export * from './sequence.js';
export * from './envelope.js';
export type * from './data/index.js';
