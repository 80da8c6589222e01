import type { Kafka } from 'kafkajs';
import type { ReadPartition } from './fetch/fetch-reader.ts';

/** A request of ours, as kafkajs sends it on its own connections. */
export interface KafkaRequest<T> {
  readonly request: {
    readonly apiKey: number;
    readonly apiName: string;
    readonly apiVersion: number;
    readonly encode: () => Promise<unknown>;
  };
  readonly response: {
    /** @param payload what follows the correlation id */
    readonly decode: (payload: Buffer) => Promise<T>;
    readonly parse: (decoded: T) => Promise<T>;
  };
  readonly requestTimeout: number;
}

/** Partitions that a fetch asks for, each from an offset. */
interface FetchOptions {
  /** How long the broker waits for `minBytes`, in ms. */
  readonly maxWaitTime?: number;
  readonly minBytes?: number;
  readonly maxBytes?: number;
  readonly topics: readonly {
    readonly topic: string;
    readonly partitions: readonly {
      readonly partition: number;
      readonly fetchOffset: string;
      readonly maxBytes?: number;
    }[];
  }[];
}

/** What comes of it, read by `fetch/`. */
interface FetchAnswer {
  readonly responses: readonly { readonly topicName: string; readonly partitions: readonly ReadPartition[] }[];
}

interface KafkaBroker {
  /** The highest version of each request that it takes, by the request's key; `null` before it is connected. */
  readonly versions: Readonly<Record<number, { readonly maxVersion: number }>> | null;
  readonly connectionPool: { send<T>(request: KafkaRequest<T>): Promise<T> };
  fetch(options: FetchOptions): Promise<FetchAnswer>;
}

/**
 * What kafkajs 2.2.4 knows of a cluster and keeps to itself: its brokers with their connections, and who leads what.
 */
export interface KafkaCluster {
  addTargetTopic(topic: string): Promise<void>;
  findTopicPartitionMetadata(topic: string): readonly { readonly partitionId: number; readonly leader: number }[];
  findBroker(of: { readonly nodeId: number }): Promise<KafkaBroker>;
}

/**
 * Tells from where each partition is fetched, just before it is: kafkajs says so of batches that it hands out, not of
 * those that hold nothing for us.
 */
export function watchFetches(
  cluster: KafkaCluster,
  onFetch: (topic: string, partition: number, offset: number) => void,
): void {
  const watched = new WeakSet<KafkaBroker>();
  const findBroker = cluster.findBroker.bind(cluster);
  cluster.findBroker = async (of) => {
    const broker = await findBroker(of);
    if (watched.has(broker)) return broker;
    watched.add(broker);
    const fetch = broker.fetch.bind(broker);
    broker.fetch = (options) => {
      for (const { topic, partitions } of options.topics) {
        for (const { partition, fetchOffset } of partitions) onFetch(topic, partition, Number(fetchOffset));
      }
      return fetch(options);
    };
    return broker;
  };
}

/**
 * Makes a client of kafkajs, and hands out the cluster that it works with: what we ask goes by the same connections,
 * to the same brokers, with the same TLS and login.
 */
export function withCluster<Client>(kafka: Kafka, make: (kafka: Kafka) => Client): [Client, KafkaCluster] {
  const key = Object.getOwnPropertySymbols(kafka).find(({ description }) => description === CREATE_CLUSTER);
  const create: unknown = key === undefined ? undefined : Reflect.get(kafka, key);
  if (key === undefined || typeof create !== 'function') {
    throw new Error('Cannot ask Kafka for topic ids: kafkajs is not the version that this was written for');
  }
  const clusters: KafkaCluster[] = [];
  const watched: Kafka = Object.create(kafka, {
    [key]: {
      value: (options: unknown) => {
        const cluster: KafkaCluster = create.call(kafka, options);
        clusters.push(cluster);
        return cluster;
      },
    },
  });
  const client = make(watched);
  const [cluster] = clusters;
  if (cluster === undefined) throw new Error('Cannot ask Kafka for topic ids: kafkajs made a client without a cluster');
  return [client, cluster];
}

const CREATE_CLUSTER = 'private:Kafka:createCluster';
