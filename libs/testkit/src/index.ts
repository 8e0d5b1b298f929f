export * from './fake-clock.js';
export * from './sample-event.js';
export * from './seeded-random.js';
