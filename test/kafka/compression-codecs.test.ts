import { randomUUID } from 'node:crypto';
import kafkajs from 'kafkajs';
import snappy from 'snappyjs';
import { describe, expect, inject, it } from 'vitest';
import { addCompressionCodecs } from '../../kafka/compression-codecs.ts';
import { consume, createTopics, exactProducer, kafkaClient } from '../support/kafka-client.ts';

const { CompressionCodecs, CompressionTypes } = kafkajs;

describe('batches that others compressed', () => {
  // What the broker writes is written by the code of Java's client.
  it.each([['gzip'], ['snappy'], ['lz4'], ['zstd']])(
    'with %s are read as they were written',
    async (type) => {
      addCompressionCodecs();
      const [brokers, topic] = [inject('kafkaBrokers'), `broker-${type}-${randomUUID()}`];
      const admin = kafkaClient(brokers).admin();
      await admin.connect();
      const configEntries = [{ name: 'compression.type', value: type }];
      await createTopics(admin, [{ topic, numPartitions: 1, configEntries }]);
      await admin.disconnect();
      const values = Array.from({ length: 3_000 }, (_, index) => `record ${index} ${randomUUID()} `.repeat(5));
      const producer = exactProducer(kafkaClient(brokers));
      await producer.connect();
      await producer.send({ topic, acks: -1, messages: values.map((value) => ({ value })) });
      await producer.disconnect();
      expect(await consume(brokers, topic, values.length)).toEqual(values);
    },
    60_000,
  );

  it('with snappy in one block without a frame are read too', async () => {
    addCompressionCodecs();
    const bytes = Buffer.from('record '.repeat(100));
    const codec = CompressionCodecs[CompressionTypes.Snappy]!();
    expect(await codec.decompress(snappy.compress(bytes))).toEqual(bytes);
  });
});
