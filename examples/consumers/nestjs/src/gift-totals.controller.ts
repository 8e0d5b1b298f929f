import { DEFAULT_TOPIC_PREFIX, EVENT_CATALOGUE, HEADER_TYPE, topicName, type LivetapEvent } from '@livetap/contracts';
import { Controller, type OnApplicationShutdown } from '@nestjs/common';
import { Ctx, EventPattern, KafkaContext, Payload } from '@nestjs/microservices';
import { Subject } from 'rxjs';

const GIFT = EVENT_CATALOGUE.gift;

export const GIFT_TOPIC = topicName(process.env['LIVETAP_TOPIC_PREFIX'] || DEFAULT_TOPIC_PREFIX, GIFT.topic, 'subject');

/** Ids remembered at most. Repeats come soon after the first record, so the newest ids are the ones that matter. */
const SEEN_LIMIT = 500_000;

/**
 * Sums the diamonds of each streamer. Nest awaits the handler and kafkajs commits only what was handled, so a record is
 * never lost; what comes again for that reason, or because Livetap sent it again, is removed by (`source`, `id`).
 */
@Controller()
export class GiftTotalsController implements OnApplicationShutdown {
  /** Partition and offset of each record that is done with. */
  readonly done$ = new Subject<{ readonly partition: number; readonly offset: number }>();
  private readonly diamonds = new Map<string, number>();
  /** A Set keeps the order of insertion: the oldest id is its first. */
  private readonly seen = new Set<string>();
  private readonly counts = { records: 0, gifts: 0, repeats: 0, refused: 0 };

  @EventPattern<string>(GIFT_TOPIC)
  handle(@Payload() value: unknown, @Ctx() context: KafkaContext): void {
    const { headers, offset } = context.getMessage();
    this.counts.records += 1;
    const fault = this.process(headers?.[HEADER_TYPE], value);
    if (fault !== undefined) {
      this.counts.refused += 1;
      console.error(`refused ${context.getTopic()}[${context.getPartition()}]@${offset}: ${fault}`);
    }
    this.done$.next({ partition: context.getPartition(), offset: Number(offset) });
  }

  /** Diamonds of each streamer as one JSON object on stdout; what was read on stderr. */
  print(): void {
    console.log(JSON.stringify(Object.fromEntries([...this.diamonds].sort())));
    console.error(
      Object.entries(this.counts)
        .map(([name, count]) => `${name}=${count}`)
        .join(' '),
    );
  }

  onApplicationShutdown(): void {
    this.print();
  }

  /** @returns what is wrong with the record; undefined when nothing is */
  private process(type: unknown, value: unknown): string | undefined {
    if (typeof type !== 'string') return `no header ${HEADER_TYPE}`;
    // The topic holds other types, too: `gift.completed` tells a whole streak again.
    if (type !== GIFT.type) return undefined;
    if (!isGift(value)) return `the value is not a ${GIFT.type} event`;

    const key = `${value.source} ${value.id}`;
    // A repeat can differ in what was computed from history: the first record counts.
    if (this.seen.has(key)) {
      this.counts.repeats += 1;
      return undefined;
    }
    this.seen.add(key);
    const [oldest = key] = this.seen;
    if (this.seen.size > SEEN_LIMIT) this.seen.delete(oldest);

    this.counts.gifts += 1;
    this.diamonds.set(value.subject, (this.diamonds.get(value.subject) ?? 0) + (value.data.diamonds ?? 0));
    return undefined;
  }
}

function isGift(value: unknown): value is LivetapEvent<'gift'> {
  if (typeof value !== 'object' || value === null) return false;
  const { id, source, subject, data } = value as Partial<LivetapEvent<'gift'>>;
  return (
    [id, source, subject].every((attribute) => typeof attribute === 'string' && attribute !== '') &&
    typeof data === 'object' &&
    data !== null &&
    (data.diamonds === undefined || Number.isSafeInteger(data.diamonds))
  );
}
