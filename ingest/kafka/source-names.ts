const TOPIC_PREFIX = 'kafka:';

/** The name under which the ledger keeps positions and counts of a topic that is rated from. */
export function sourceOfTopic(topic: string): string {
  return `${TOPIC_PREFIX}${topic}`;
}

/** The same for a topic that is re-keyed: how far its records were handed on. */
export function sourceOfRekeying(topic: string): string {
  return `rekey:${topic}`;
}

/** Whether a text is such a name of a topic that is rated from. */
export function isSourceOfTopic(source: string): boolean {
  return source.startsWith(TOPIC_PREFIX) && isTopicName(source.slice(TOPIC_PREFIX.length));
}

/** What Kafka allows as a topic's name. */
export function isTopicName(name: string): boolean {
  return /^[\w.-]{1,249}$/.test(name) && name !== '.' && name !== '..';
}
