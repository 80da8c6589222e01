import type { ITopicConfig } from '../../kafka/index.ts';
import { askKafka } from '../ask-kafka.ts';
import { usageError } from '../command-error.ts';
import { readStreamConfig, type StreamConfig, type StreamOptions } from '../stream-config.ts';
import { type Terminal, print } from '../terminal.ts';

export interface CreateTopicsOptions extends StreamOptions {
  readonly partitions?: string;
  readonly replication?: string;
}

/** `fairtally topics create`: makes those topics that are missing, and says which there are. */
export async function createTopics(options: CreateTopicsOptions, terminal: Terminal): Promise<void> {
  const config = readStreamConfig(options, terminal);
  const numPartitions = countOf('--partitions', options.partitions ?? '8', 64);
  const replicationFactor = countOf('--replication', options.replication ?? '1', 15);
  await askKafka(config, terminal, async (admin) => {
    const existing = new Set(await admin.listTopics());
    const topics = topicNames(config).map((topic): ITopicConfig => ({ topic, numPartitions, replicationFactor }));
    const missing = topics.filter(({ topic }) => !existing.has(topic));
    if (missing.length > 0) await admin.createTopics({ topics: missing, waitForLeaders: true });
    const { topics: found } = await admin.fetchTopicMetadata({ topics: topics.map(({ topic }) => topic) });
    for (const { topic } of topics) {
      const partitions = found.find(({ name }) => name === topic)?.partitions.length ?? 0;
      print(terminal, `${topic}: ${existing.has(topic) ? 'exists' : 'created'}, ${partitions} partitions`);
    }
  });
}

function topicNames({ topics, rekeyedTopic, usageTopic, eventTopic }: StreamConfig): string[] {
  return [...topics.map(({ name }) => name), rekeyedTopic, usageTopic, eventTopic];
}

function countOf(option: string, text: string, most: number): number {
  const count = Number(text);
  if (!/^\d{1,2}$/.test(text) || count < 1 || count > most) {
    throw usageError(`Cannot use ${option} '${text}': it must be a number from 1 to ${most}`);
  }
  if (option === '--partitions' && 64 % count !== 0) {
    throw usageError(`Cannot use --partitions '${text}': it must divide 64, the number of buckets`);
  }
  return count;
}
