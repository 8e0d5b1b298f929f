import type { PublishError } from '../../publishing/publish.errors.js';
import { creationCommand, type PlannedTopic } from '../../publishing/topic-plan.js';
import { type DoctorFault, type Finding, skipped, well, wrong } from './finding.js';

export interface BrokerFacts {
  /** As the cluster names it to clients (`advertised.listeners`). */
  readonly address: string;
  readonly reachable: boolean;
}

export interface TopicFacts {
  readonly name: string;
  readonly partitions: number;
  /** Of the partition with the fewest. */
  readonly replicas: number;
  /** In sync, of the partition with the fewest. */
  readonly inSync: number;
  /** Partitions without a leader. */
  readonly leaderless: number;
  /** undefined where this user may not read it. */
  readonly minInSync: number | undefined;
  /** Where it is set otherwise than planned, in words: `retention.ms is 1, planned 2`. */
  readonly differences: readonly string[];
}

export type KafkaLook =
  | { readonly kind: 'journalOnly' }
  /** `open`: addresses of KAFKA_BROKERS that take connections all the same. */
  | { readonly kind: 'failed'; readonly error: PublishError; readonly open: readonly string[] }
  | {
      readonly kind: 'facts';
      readonly brokers: readonly BrokerFacts[];
      /** Those that exist, of the planned ones. */
      readonly topics: readonly TopicFacts[];
      /** Why the brokers would not make the others; undefined: they would, or need not. */
      readonly refusal?: PublishError | undefined;
    };

export interface TopicContext {
  readonly planned: readonly PlannedTopic[];
  /** Of commands: they may have any number of partitions. */
  readonly anyPartitions: ReadonlySet<string>;
  readonly create: boolean;
  readonly acceptPartitions: boolean;
  readonly replicationFactor: number | undefined;
}

export function kafkaFindings(look: KafkaLook, context: TopicContext): readonly Finding[] {
  switch (look.kind) {
    case 'journalOnly':
      return [
        skipped('kafka', 'KAFKA_BROKERS is not set: the journal is the broker.'),
        skipped('topics', 'There are none without Kafka.'),
      ];
    case 'failed':
      return [failureOf(look.error, look.open), skipped('topics', 'The brokers did not answer.')];
    case 'facts':
      return [...brokerFindings(look.brokers), ...topicFindings(look.topics, look.refusal, context)];
  }
}

function failureOf(error: PublishError, open: readonly string[]): Finding {
  switch (error.code) {
    case 'WATCHER_KAFKA_UNTRUSTED':
      return wrong(
        'kafka',
        'KAFKA_UNTRUSTED',
        error.message,
        'LIVETAP_KAFKA_TLS_CA_FILE must hold the authority that signed the certificates of the brokers; LIVETAP_KAFKA_TLS_SERVER_NAME the name in them, if it is not that of KAFKA_BROKERS.',
      );
    case 'WATCHER_KAFKA_DENIED':
      return wrong(
        'kafka',
        'KAFKA_DENIED',
        error.message,
        'Compare LIVETAP_KAFKA_SASL_MECHANISM, _USERNAME, _PASSWORD and LIVETAP_KAFKA_TLS with the listener of the brokers, and the rights (ACLs) with docs/kafka.md.',
      );
    default:
      return open.length > 0
        ? wrong(
            'kafka',
            'KAFKA_DENIED',
            `${open.join(', ')} takes connections, but does not answer as a broker with these settings does. ${error.message}`,
            'See whether the listener speaks TLS (LIVETAP_KAFKA_TLS), wants a log-in (LIVETAP_KAFKA_SASL_…), and is one for clients.',
          )
        : wrong(
            'kafka',
            'KAFKA_UNREACHABLE',
            error.message,
            'See that the brokers run, that KAFKA_BROKERS names them as host:port, and that no firewall is between. The journal holds the events meanwhile.',
          );
  }
}

function brokerFindings(brokers: readonly BrokerFacts[]): readonly Finding[] {
  const away = brokers.filter(({ reachable }) => !reachable).map(({ address }) => address);
  if (away.length > 0)
    return [
      wrong(
        'kafka',
        'KAFKA_BROKER_UNREACHABLE',
        `The cluster names brokers to its clients that cannot be reached from here: ${away.join(', ')}.`,
        'Let advertised.listeners of these brokers name addresses that this machine reaches, or start them again.',
      ),
    ];
  return [well('kafka', `${brokers.length} brokers answer, each at the address that it gives to clients.`)];
}

function topicFindings(
  topics: readonly TopicFacts[],
  refusal: PublishError | undefined,
  context: TopicContext,
): readonly Finding[] {
  const { planned, create } = context;
  const found = new Map(topics.map((topic) => [topic.name, topic]));
  const missing = planned.filter(({ name }) => !found.has(name));
  const commands = missing.map((topic) => creationCommand(topic, context.replicationFactor)).join(' && ');
  const findings: Finding[] = [];
  if (missing.length > 0 && !create)
    findings.push(
      wrong(
        'topics',
        'TOPICS_MISSING',
        `Topics are missing, and LIVETAP_TOPIC_CREATE is off: ${missing.map(({ name }) => name).join(', ')}.`,
        `Create each, or switch LIVETAP_TOPIC_CREATE on: ${commands}`,
      ),
    );
  if (refusal !== undefined) findings.push(refusedFinding(refusal, missing.length, commands));
  for (const topic of planned) {
    const facts = found.get(topic.name);
    if (facts !== undefined) findings.push(...judge(topic, facts, context));
  }
  if (findings.length > 0) return findings;
  const made = missing.length === 0 ? 'exist' : `are planned; ${missing.length} of them are made by the next start`;
  return [well('topics', `${planned.length} topics ${made}.`)];
}

/** `missing`: how many topics; `commands`: what makes them. */
function refusedFinding({ code, context }: PublishError, missing: number, commands: string): Finding {
  const kind = String(context['kind'] ?? code);
  const mends: Readonly<Record<string, string>> = {
    INVALID_REPLICATION_FACTOR: 'Set LIVETAP_TOPIC_REPLICATION_FACTOR to no more than there are brokers.',
    INVALID_CONFIG: 'Correct the settings LIVETAP_TOPIC_…: the cluster does not take one of them.',
    POLICY_VIOLATION: 'The cluster has a policy for topics: let the settings LIVETAP_TOPIC_… keep to it.',
  };
  return wrong(
    'topics',
    'TOPICS_NOT_CREATABLE',
    `${missing} topics are missing, and the cluster would not make them (${kind}).`,
    mends[kind] ?? `Give this user the right Create (docs/kafka.md), or have an administrator make them: ${commands}`,
  );
}

function judge(planned: PlannedTopic, facts: TopicFacts, context: TopicContext): readonly Finding[] {
  const { name, partitions, replicas, inSync, minInSync } = facts;
  const findings: Finding[] = [];
  const say = (code: DoctorFault, message: string, mend: string): void =>
    void findings.push(wrong('topics', code, message, mend));
  if (partitions !== planned.partitions && !context.acceptPartitions && !context.anyPartitions.has(name))
    say(
      'TOPIC_PARTITIONS_DIFFER',
      `${name} has ${partitions} partitions, the settings say ${planned.partitions}: records of a room would land in another partition than before.`,
      `Set LIVETAP_TOPIC_PARTITIONS to ${partitions}, or LIVETAP_TOPIC_ACCEPT_PARTITIONS to on.`,
    );
  if (minInSync !== undefined && minInSync > replicas)
    say(
      'TOPIC_TOO_FEW_REPLICAS',
      `${name} has ${replicas} replicas, but min.insync.replicas is ${minInSync}: no record is ever acknowledged (acks=all).`,
      `Lower min.insync.replicas of ${name}, or give it more replicas (kafka-reassign-partitions.sh).`,
    );
  else if (facts.leaderless > 0 || (minInSync !== undefined && inSync < minInSync))
    say(
      'TOPIC_WITHOUT_LEADER',
      facts.leaderless > 0
        ? `${facts.leaderless} partitions of ${name} have no leader: nothing can be written to them.`
        : `Only ${inSync} replicas of a partition of ${name} are in sync, min.insync.replicas is ${minInSync ?? 0}: nothing is acknowledged.`,
      'Bring back the brokers that hold its replicas (kafka-topics.sh --describe --under-min-isr-partitions).',
    );
  if (facts.differences.length > 0)
    say(
      'TOPIC_SETTINGS_DIFFER',
      `${name} is set otherwise than planned: ${facts.differences.join('; ')}. It stays as it is.`,
      'Change the topic (kafka-configs.sh --alter), or let the settings LIVETAP_TOPIC_… say what it is.',
    );
  return findings;
}
