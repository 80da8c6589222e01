/** Where a broker listens, and where it says that clients find it. */
export interface BrokerPlace {
  readonly listenAt: string;
  readonly controllerAt: string;
  /**
   * Where it finds itself, as it must for transactions: clients' address may not lead out of its container and back.
   */
  readonly itselfAt: string;
  readonly advertisedAt: string;
  readonly folder: string;
}

/**
 * Settings of a single broker that is its own controller. Small and quick where the defaults are for big clusters: few
 * partitions for the positions of groups, no wait for more members, and a broker that was killed is let in again soon.
 */
export function brokerSettings({
  listenAt,
  controllerAt,
  itselfAt,
  advertisedAt,
  folder,
}: BrokerPlace): Record<string, string> {
  return {
    'process.roles': 'broker,controller',
    'node.id': '1',
    'controller.quorum.voters': `1@${controllerAt}`,
    listeners: `PLAINTEXT://${listenAt},ITSELF://${itselfAt},CONTROLLER://${controllerAt}`,
    'advertised.listeners': `PLAINTEXT://${advertisedAt},ITSELF://${itselfAt}`,
    'inter.broker.listener.name': 'ITSELF',
    'controller.listener.names': 'CONTROLLER',
    'listener.security.protocol.map': 'CONTROLLER:PLAINTEXT,ITSELF:PLAINTEXT,PLAINTEXT:PLAINTEXT',
    'log.dirs': folder,
    'auto.create.topics.enable': 'false',
    'offsets.topic.replication.factor': '1',
    'offsets.topic.num.partitions': '4',
    'transaction.state.log.replication.factor': '1',
    'transaction.state.log.min.isr': '1',
    'transaction.state.log.num.partitions': '4',
    'share.coordinator.state.topic.replication.factor': '1',
    'share.coordinator.state.topic.min.isr': '1',
    'group.initial.rebalance.delay.ms': '0',
    'group.min.session.timeout.ms': '1000',
    'broker.heartbeat.interval.ms': '500',
    'broker.session.timeout.ms': '2000',
  };
}

/** The text of `server.properties`. */
export function propertiesText(settings: Readonly<Record<string, string>>): string {
  return Object.entries(settings)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
}

/** The same as the environment of the `apache/kafka` image: `node.id` is `KAFKA_NODE_ID`. */
export function brokerEnvironment(settings: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(settings).map(([name, value]) => [`KAFKA_${name.toUpperCase().replaceAll('.', '_')}`, value]),
  );
}
