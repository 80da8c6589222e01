import { describe, expect, it } from 'vitest';
import { kafkaOptions } from '../../kafka/kafka-client.ts';

describe('kafkaOptions()', () => {
  it('connects in plain text and without logging in by default', () => {
    const options = kafkaOptions({ brokers: ['a:9092', 'b:9092'], tls: null, sasl: null });
    expect(options.brokers).toEqual(['a:9092', 'b:9092']);
    expect(options).not.toHaveProperty('ssl');
    expect(options).not.toHaveProperty('sasl');
  });

  it('hands certificates and the login on', () => {
    const tls = { ca: 'CA', cert: 'CERT', key: 'KEY' };
    const sasl = { mechanism: 'scram-sha-512', username: 'me', password: 'secret' } as const;
    expect(kafkaOptions({ brokers: ['a:9093'], tls, sasl })).toMatchObject({ ssl: tls, sasl });
  });

  it('checks the certificate against the authorities that Node.js knows where none is named', () => {
    expect(kafkaOptions({ brokers: ['a:9093'], tls: {}, sasl: null }).ssl).toEqual({});
  });
});
