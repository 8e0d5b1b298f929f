import { randomUUID } from 'node:crypto';
import { testClient } from '@livetap/testkit';
import { eventually } from './processes.js';

export interface CommandMessage {
  readonly id: string;
  readonly command: string;
  readonly uniqueId: string;
}

export interface CommandAnswer {
  readonly id?: string;
  readonly ok: boolean;
  readonly result?: string;
}

/**
 * Sends commands as any producer would (a JSON value, the reply topic and a correlation id in the headers) and waits for
 * one reply to each.
 */
export async function produceCommands(
  brokers: readonly string[],
  prefix: string,
  commands: readonly CommandMessage[],
): Promise<CommandAnswer[]> {
  const topic = `${prefix}.commands`;
  const replyTopic = `${prefix}.commands.reply`;
  const kafka = testClient(brokers);
  const admin = kafka.admin();
  await admin.connect();
  await eventually('the command topics exist', async () => {
    const topics = await admin.listTopics();
    return topics.includes(topic) && topics.includes(replyTopic) ? true : undefined;
  });
  await admin.disconnect();

  const answers = new Map<string, CommandAnswer>();
  const wanted = new Map<string, CommandMessage>(commands.map((command) => [randomUUID(), command]));
  const consumer = kafka.consumer({ groupId: `livetap-test-${randomUUID()}` });
  const producer = kafka.producer();
  try {
    await consumer.connect();
    await consumer.subscribe({ topic: replyTopic, fromBeginning: true });
    await consumer.run({
      eachMessage: ({ message }) => {
        const correlation = message.headers?.['kafka_correlationId']?.toString() ?? '';
        if (wanted.has(correlation) && message.value !== null && message.value.length > 0) {
          answers.set(correlation, JSON.parse(message.value.toString()) as CommandAnswer);
        }
        return Promise.resolve();
      },
    });
    await producer.connect();
    await producer.send({
      topic,
      messages: [...wanted].map(([correlation, command]) => ({
        key: command.uniqueId,
        value: JSON.stringify(command),
        headers: { kafka_correlationId: correlation, kafka_replyTopic: replyTopic },
      })),
    });
    await eventually('a reply to each command', () => Promise.resolve(answers.size === wanted.size ? true : undefined));
  } finally {
    await producer.disconnect();
    await consumer.disconnect();
  }
  return [...wanted.keys()].map((correlation) => answers.get(correlation) ?? { ok: false });
}
