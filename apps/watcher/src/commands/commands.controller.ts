import { Controller, Inject, type Type } from '@nestjs/common';
import { KafkaRetriableException, MessagePattern, Payload, Transport } from '@nestjs/microservices';
import { isWatcherError } from '../common/watcher.error.js';
import type { CommandReply } from '../persistence/command-store.port.js';
import { CommandHandler } from './command-handler.js';

/**
 * The controller of the command topic. Its name is a setting, and Nest wants it in a decorator: hence a class made for
 * the topic. What it returns is sent to `kafka_replyTopic` of the command's headers, if there is one.
 */
export function commandsController(topic: string): Type<unknown> {
  @Controller()
  class CommandsController {
    constructor(@Inject(CommandHandler) private readonly handler: CommandHandler) {}

    @MessagePattern(topic, Transport.KAFKA)
    async handle(@Payload() message: unknown): Promise<CommandReply> {
      try {
        return await this.handler.handle(message);
      } catch (error) {
        // Reaches kafkajs, which delivers the command again; everything else would count it as done.
        if (isWatcherError(error) && error.retryable) throw new KafkaRetriableException(error.message);
        throw error;
      }
    }
  }
  return CommandsController;
}
