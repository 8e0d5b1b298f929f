import type { LoggerService } from '@nestjs/common';
import type { Logger } from '../common/logger.port.js';

/** Brings what Nest and its transports log into the service's own log; their chatter is on the level debug. */
export class NestLogger implements LoggerService {
  constructor(private readonly logger: Logger) {}

  log(message: unknown, ...rest: unknown[]): void {
    this.logger.debug('nest.log', this.fields(message, rest));
  }

  debug(message: unknown, ...rest: unknown[]): void {
    this.logger.debug('nest.log', this.fields(message, rest));
  }

  verbose(message: unknown, ...rest: unknown[]): void {
    this.logger.debug('nest.log', this.fields(message, rest));
  }

  warn(message: unknown, ...rest: unknown[]): void {
    this.logger.warn('nest.warning', this.fields(message, rest));
  }

  error(message: unknown, ...rest: unknown[]): void {
    this.logger.error('nest.error', this.fields(message, rest));
  }

  fatal(message: unknown, ...rest: unknown[]): void {
    this.logger.error('nest.error', this.fields(message, rest));
  }

  /** Nest passes a stack and, last, the name of the part that speaks. */
  private fields(message: unknown, rest: readonly unknown[]): Record<string, unknown> {
    const context = rest.at(-1);
    const detail = message instanceof Error ? { error: message } : { message };
    return typeof context === 'string' ? { ...detail, context } : detail;
  }
}
