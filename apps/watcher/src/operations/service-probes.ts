import type { Clock } from '../common/clock.port.js';
import type { KafkaConfig } from '../config/watcher-config.js';
import type { Database } from '../persistence/database.js';
import { KafkaProbe } from '../publishing/kafka-probe.adapter.js';
import type { Drain } from './drain.js';
import { Probe } from './probe.js';

/** Who is asked again and again for a sign of life. */
export interface ServiceProbes {
  readonly database: Probe;
  /** undefined without Kafka. */
  readonly kafka: Probe | undefined;
}

export const SERVICE_PROBES = Symbol('ServiceProbes');

export interface ServiceProbesOptions {
  readonly database: Database;
  readonly kafka: KafkaConfig | undefined;
  readonly clock: Clock;
  readonly drain: Drain;
}

/** Probes that are not started yet; their connections close with the drain. */
export function serviceProbes({ database, kafka, clock, drain }: ServiceProbesOptions): ServiceProbes {
  const postgres = database.probe();
  drain.add({ phase: 'database', name: 'database probe', run: () => postgres.close() });
  const probes = { database: new Probe({ clock, check: () => postgres.check() }), kafka: undefined };
  if (kafka === undefined) return probes;
  const brokers = new KafkaProbe(kafka, 'livetap-probe');
  drain.add({ phase: 'publish', name: 'kafka probe', run: () => brokers.close() });
  return { ...probes, kafka: new Probe({ clock, check: () => brokers.check() }) };
}
