import Decoder from 'kafkajs/src/protocol/decoder.js';
import { answerWithin, OperatingFault } from '../operating/index.ts';
import type { KafkaCluster, KafkaRequest } from './kafka-cluster.ts';
import Encoder from 'kafkajs/src/protocol/encoder.js';

/**
 * Asks for the id that Kafka gave a topic when it was made: one that is deleted and made anew has another. The answer
 * is the id as hex; `null` when the brokers are too old to tell. Rejects when the topic is not there, or when no
 * answer comes within 5 s.
 */
export interface TopicIds {
  /** As all brokers say that lead a partition of it; those that don't agree yet are an error that passes. */
  idOf(topic: string): Promise<string | null>;
  /** As one broker says. */
  idAt(nodeId: number, topic: string): Promise<string | null>;
  /** The broker that a partition is fetched from, as far as is known; `null` when none is. */
  leaderOf(topic: string, partition: number): number | null;
}

const METADATA = 3;
/** Topic ids came with version 10 (Kafka 2.8); what later versions changed up to 12 is nothing that we ask for. */
const FIRST_WITH_IDS = 10;
const LAST_WITHOUT_FLAG = 11;
const LAST_KNOWN = 12;
const TIMEOUT_MS = 5_000;

/**
 * Asks the brokers that are fetched from, the leaders of partitions: a broker knows a new topic's id before it has
 * anything of the new log.
 */
export function topicIdsOf(cluster: KafkaCluster): TopicIds {
  return {
    idAt: (nodeId, topic) => askBroker(cluster, nodeId, topic),
    leaderOf: (topic, partition) =>
      cluster.findTopicPartitionMetadata(topic).find(({ partitionId }) => partitionId === partition)?.leader ?? null,
    async idOf(topic) {
      await cluster.addTargetTopic(topic);
      const leaders = new Set(cluster.findTopicPartitionMetadata(topic).map(({ leader }) => leader));
      const answers = await Promise.all([...leaders].map((nodeId) => askBroker(cluster, nodeId, topic)));
      // While a cluster is updated, some brokers can tell and some can't.
      const [id = null, ...others] = new Set(answers.filter((answer) => answer !== null));
      if (others.length > 0)
        throw new OperatingFault(`Cannot tell the id of topic '${topic}': its leaders do not agree`);
      return id;
    },
  };
}

async function askBroker(cluster: KafkaCluster, nodeId: number, topic: string): Promise<string | null> {
  const { versions, connectionPool } = await cluster.findBroker({ nodeId });
  const highest = versions?.[METADATA]?.maxVersion ?? 0;
  if (highest < FIRST_WITH_IDS) return null;
  // kafkajs waits for no less than its own limit for all requests, which is longer.
  const asked = connectionPool.send(metadataRequest(topic, Math.min(highest, LAST_KNOWN)));
  return (await answerWithin(TIMEOUT_MS, `tell the id of topic '${topic}'`, asked)).id;
}

interface TopicAnswer {
  readonly id: string | null;
}

/** The one question of the Metadata request that kafkajs is too old for; its answer is the topic's id. */
function metadataRequest(topic: string, apiVersion: number): KafkaRequest<TopicAnswer> {
  return {
    request: {
      apiKey: METADATA,
      apiName: 'Metadata',
      apiVersion,
      encode: async () => {
        // kafkajs writes the header up to the client's name; since version 9 it ends with tagged fields: none.
        const encoder = new Encoder().writeUVarInt(0);
        encoder.writeUVarInt(2).writeBuffer(Buffer.alloc(16)).writeUVarIntString(topic).writeUVarInt(0);
        encoder.writeBoolean(false);
        if (apiVersion < LAST_WITHOUT_FLAG) encoder.writeBoolean(false);
        return encoder.writeBoolean(false).writeUVarInt(0);
      },
    },
    response: {
      decode: async (payload) => ({ id: idIn(new Decoder(payload), topic) }),
      parse: async (answer) => answer,
    },
    requestTimeout: TIMEOUT_MS,
  };
}

function idIn(decoder: Decoder, topic: string): string | null {
  decoder.readTaggedFields();
  decoder.readInt32();
  decoder.readUVarIntArray((broker) => {
    broker.readInt32();
    broker.readUVarIntString();
    broker.readInt32();
    broker.readUVarIntString();
    broker.readTaggedFields();
  });
  decoder.readUVarIntString();
  decoder.readInt32();
  // One topic was asked for: what follows its id need not be read.
  const answers = decoder.readUVarInt() - 1;
  const errorCode = decoder.readInt16();
  decoder.readUVarIntString();
  const id = decoder.readBytes(16).toString('hex');
  if (answers !== 1 || errorCode !== 0) {
    throw new OperatingFault(`Cannot tell the id of topic '${topic}': the broker answers with error ${errorCode}`);
  }
  // A cluster that was updated from before 2.8 may have topics without an id.
  return /^0*$/.test(id) ? null : id;
}
