import { randomUUID } from 'node:crypto';
import kafkajs from 'kafkajs';
import { describe, expect, inject, it } from 'vitest';
import { addZstdCodec } from '../../../ingest/kafka/zstd-codec.ts';
import { consume, createTopic, kafkaClient } from '../../support/kafka-client.ts';

describe('batches compressed with zstd', () => {
  it('are read as they were written, once kafkajs was taught to', async () => {
    addZstdCodec();
    const [brokers, topic] = [inject('kafkaBrokers'), `zstd-${randomUUID()}`];
    await createTopic(brokers, topic);
    const values = Array.from({ length: 500 }, (_, index) => `record ${index} `.repeat(20));
    const producer = kafkaClient(brokers).producer({ createPartitioner: kafkajs.Partitioners.DefaultPartitioner });
    await producer.connect();
    const compression = kafkajs.CompressionTypes.ZSTD;
    await producer.send({ topic, acks: -1, compression, messages: values.map((value) => ({ value })) });
    await producer.disconnect();
    expect(await consume(brokers, topic, values.length)).toEqual(values);
  }, 60_000);
});
