/** A listener of a test broker. */
export interface Listener {
  readonly name: string;
  readonly protocol: 'PLAINTEXT' | 'SSL' | 'SASL_PLAINTEXT' | 'SASL_SSL';
  readonly port: number;
  /** Port that clients are told, when it is not the listener's own (a proxy is in front). */
  readonly advertisedPort?: number;
}

export interface NodeLayout {
  readonly nodeId: number;
  readonly roles: 'broker,controller' | 'broker';
  readonly data: string;
  /** The first one is for the brokers among themselves. */
  readonly listeners: readonly Listener[];
  /** Of the node that is the controller. */
  readonly controller: { readonly nodeId: number; readonly port: number };
}

const DAY_MS = 86_400_000;

/** What a node is asked to be, without security. Every internal topic has one replica, so that one broker is enough. */
export function nodeProperties(layout: NodeLayout): Record<string, string | number> {
  const { listeners, controller } = layout;
  const isController = layout.roles.includes('controller');
  const own = listeners.map(({ name, port }) => `${name}://127.0.0.1:${port}`);
  return {
    'process.roles': layout.roles,
    'node.id': layout.nodeId,
    'controller.quorum.voters': `${controller.nodeId}@127.0.0.1:${controller.port}`,
    listeners: [...own, ...(isController ? [`CONTROLLER://127.0.0.1:${controller.port}`] : [])].join(','),
    'advertised.listeners': listeners
      .map(({ name, port, advertisedPort }) => `${name}://127.0.0.1:${advertisedPort ?? port}`)
      .join(','),
    'listener.security.protocol.map': [
      ...listeners.map(({ name, protocol }) => `${name}:${protocol}`),
      'CONTROLLER:PLAINTEXT',
    ].join(','),
    'inter.broker.listener.name': listeners[0]?.name ?? '',
    'controller.listener.names': 'CONTROLLER',
    'log.dirs': layout.data,
    'auto.create.topics.enable': 'false',
    'offsets.topic.num.partitions': 4,
    'offsets.topic.replication.factor': 1,
    'transaction.state.log.num.partitions': 4,
    'transaction.state.log.replication.factor': 1,
    'transaction.state.log.min.isr': 1,
    'share.coordinator.state.topic.num.partitions': 1,
    'share.coordinator.state.topic.replication.factor': 1,
    'share.coordinator.state.topic.min.isr': 1,
    'group.initial.rebalance.delay.ms': 0,
    // Test events bear times of long ago: the broker would delete them for their age half a minute after its start.
    'log.initial.task.delay.ms': DAY_MS,
  };
}
