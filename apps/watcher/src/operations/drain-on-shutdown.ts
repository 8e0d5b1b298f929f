import type { BeforeApplicationShutdown } from '@nestjs/common';
import type { Drain } from './drain.js';

/**
 * Runs the drain where Nest allows an ordered stop: before HTTP and transports close. No other part uses Nest's shutdown
 * hooks, for those of one kind run side by side and failures are only logged.
 */
export class DrainOnShutdown implements BeforeApplicationShutdown {
  constructor(private readonly drain: Drain) {}

  async beforeApplicationShutdown(): Promise<void> {
    await this.drain.run();
  }
}
