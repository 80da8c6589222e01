import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CommandError } from '../../bin/command-error.ts';
import { readStreamConfig, type StreamConfig, type StreamOptions } from '../../bin/stream-config.ts';
import { makeAuthority } from '../support/certificates.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'fairtally-config-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function read(options: StreamOptions, env: Readonly<Record<string, string>> = {}): StreamConfig {
  return readStreamConfig(options, { env, folder });
}

function faultsOf(options: StreamOptions, env: Readonly<Record<string, string>> = {}): readonly string[] {
  try {
    read(options, env);
    return [];
  } catch (error) {
    if (error instanceof CommandError) return error.faults;
    throw error;
  }
}

describe('readStreamConfig()', () => {
  it('has a default for all but the brokers', () => {
    expect(read({ brokers: 'a:9092' })).toMatchObject({
      kafka: { brokers: ['a:9092'], tls: null, sasl: null },
      topics: [{ name: 'cdr', isKeyedByAccount: true, reader: { format: 'canonical-ndjson' } }],
      rekeyedTopic: 'fairtally.rekeyed',
      usageTopic: 'fairtally.usage',
      eventTopic: 'fairtally.events',
      groupId: 'fairtally',
      batchRecords: 20_000,
      lingerMs: 200,
      metricsPort: null,
    });
    expect(faultsOf({})).toEqual([
      `Cannot do without --brokers or KAFKA_BROKERS: it must be given: 'host:port' of one broker or more, with commas between`,
    ]);
  });

  it('takes options before variables, and an empty variable for none', () => {
    const env = { KAFKA_BROKERS: 'b:1, [::1]:2', FAIRTALLY_TOPICS: 'one two,key=other', FAIRTALLY_GROUP: '' };
    expect(read({}, env)).toMatchObject({
      kafka: { brokers: ['b:1', '[::1]:2'] },
      topics: [{ name: 'one' }, { name: 'two', isKeyedByAccount: false }],
      groupId: 'fairtally',
    });
    expect(read({ brokers: 'c:3', topic: ['three'] }, env)).toMatchObject({
      kafka: { brokers: ['c:3'] },
      topics: [{ name: 'three' }],
    });
  });

  it('reads certificates, and the login', () => {
    const { certificate } = makeAuthority('An authority');
    writeFileSync(join(folder, 'ca.pem'), certificate);
    const env = {
      KAFKA_BROKERS: 'b:1',
      KAFKA_TLS: 'true',
      KAFKA_TLS_CA_FILE: 'ca.pem',
      KAFKA_SASL_MECHANISM: 'scram-sha-256',
      KAFKA_SASL_USERNAME: 'rating',
      KAFKA_SASL_PASSWORD: 'secret',
    };
    expect(read({}, env).kafka).toEqual({
      brokers: ['b:1'],
      tls: { ca: certificate },
      sasl: { mechanism: 'scram-sha-256', username: 'rating', password: 'secret' },
    });
  });

  it('names every fault at once, by the option or the variable that was used', () => {
    const env = {
      DATABASE_URL: 'mysql://x',
      FAIRTALLY_COLOUR: 'red',
      FAIRTALLY_LINGER_MS: '0',
      KAFKA_TLS: 'yes',
      KAFKA_TLS_CERT_FILE: 'none.pem',
    };
    const faults = faultsOf({ brokers: 'a', batchRecords: '1e3', topic: ['x/y'] }, env);
    const shown = [
      'DATABASE_URL',
      'FAIRTALLY_COLOUR',
      'FAIRTALLY_LINGER_MS',
      'KAFKA_TLS',
      '--brokers',
      '--batch-records',
      'x/y',
    ];
    expect(shown.filter((name) => !faults.some((fault) => fault.includes(name)))).toEqual([]);
  });

  it.each([
    [{ KAFKA_SASL_USERNAME: 'me' }, 'belong together'],
    [{ KAFKA_SASL_MECHANISM: 'kerberos' }, 'must be one of plain, scram-sha-256, scram-sha-512'],
    [{ KAFKA_TLS_CA_FILE: 'ca.pem' }, 'without KAFKA_TLS=true'],
    [{ KAFKA_TLS: 'true', KAFKA_TLS_CA_FILE: 'missing.pem' }, 'there is no such file'],
    [{ KAFKA_TLS: 'true', KAFKA_TLS_KEY_FILE: 'ca.pem' }, 'without the other'],
    [{ FAIRTALLY_USAGE_TOPIC: 'cdr' }, 'every topic has one purpose'],
    [{ FAIRTALLY_TOPICS: 'a a,key=other' }, `Cannot use topic 'a' twice`],
  ])('refuses %o', (env, why) => {
    expect(faultsOf({ brokers: 'a:1' }, env).join('\n')).toContain(why);
  });

  it('does not show a password', () => {
    const env = { KAFKA_SASL_MECHANISM: 'x', KAFKA_SASL_USERNAME: 'me', KAFKA_SASL_PASSWORD: 'hush' };
    expect(faultsOf({ brokers: 'a:1' }, env).join('\n')).not.toContain('hush');
  });
});
