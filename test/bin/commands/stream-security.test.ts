import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { AclOperationTypes, AclPermissionTypes, AclResourceTypes, ResourcePatternTypes } from 'kafkajs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDatabase } from '../../../ledger/index.ts';
import { positionsOf, positionsOfLedger, readTopic, untilTold, usageOf } from '../../relay/told.ts';
import { encryptKey, type Identity, makeAuthority } from '../../support/certificates.ts';
import { kafkaClient, produce } from '../../support/kafka-client.ts';
import { type SecuredKafka, startSecuredKafka, USER } from '../../support/secured-kafka.ts';
import { createTestDatabase } from '../../support/test-database.ts';
import { type CommandRun, runCommand } from '../run-command.ts';
import { writeSmallMonth } from '../small-month.ts';
import { startCommand, type StartedCommand } from '../start-command.ts';

type Settings = Readonly<Record<string, string>>;

const PASSPHRASE = 'open sesame';

let kafka: SecuredKafka;
let database: { url: string; drop: () => Promise<void> };
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'fairtally-security-'));
  [kafka, database] = await Promise.all([startSecuredKafka(), createTestDatabase('template1')]);
  const stranger = makeAuthority('Another authority');
  writeFileSync(join(folder, 'ca.pem'), kafka.authority.certificate);
  writeFileSync(join(folder, 'other-ca.pem'), stranger.certificate);
  writeIdentity('client', kafka.authority.issue({ name: 'fairtally' }));
  writeIdentity('guest', kafka.authority.issue({ name: 'guest' }));
  writeIdentity('stranger', stranger.issue({ name: 'fairtally' }));
});
afterAll(async () => {
  await kafka?.broker.close();
  await database?.drop();
  rmSync(folder, { recursive: true });
});

/** A certificate, and its key once as it is and once encrypted. */
function writeIdentity(name: string, { certificate, key }: Identity): void {
  writeFileSync(join(folder, `${name}.pem`), certificate);
  writeFileSync(join(folder, `${name}.key`), key);
  writeFileSync(join(folder, `${name}.encrypted.key`), encryptKey(key, PASSPHRASE));
}

const TLS = { KAFKA_TLS: 'true', KAFKA_TLS_CA_FILE: 'ca.pem' };
const CERTIFICATE = { KAFKA_TLS_CERT_FILE: 'client.pem', KAFKA_TLS_KEY_FILE: 'client.key' };

function login(mechanism: string, password: string = USER.password): Settings {
  return { KAFKA_SASL_MECHANISM: mechanism, KAFKA_SASL_USERNAME: USER.name, KAFKA_SASL_PASSWORD: password };
}

function run(args: readonly string[], env: Settings): Promise<CommandRun> {
  return runCommand(folder, args, { env: { DATABASE_URL: database.url, ...env } });
}

/** What it could not do. */
function faultsOf({ lines }: StartedCommand): unknown[] {
  return lines.flatMap(({ level, err, msg }) => (level === 'error' ? [err] : level === 'none' ? [msg] : []));
}

/** The rights that docs/operations.md names, of the user who logs in and of the one who has a certificate. */
async function grantRights(): Promise<void> {
  const { READ, WRITE, CREATE } = AclOperationTypes;
  const { TOPIC, GROUP } = AclResourceTypes;
  const { LITERAL, PREFIXED } = ResourcePatternTypes;
  const rights = [
    { resourceType: TOPIC, resourceName: 'cdr', resourcePatternType: LITERAL, operations: [READ, CREATE] },
    {
      resourceType: TOPIC,
      resourceName: 'fairtally.',
      resourcePatternType: PREFIXED,
      operations: [READ, WRITE, CREATE],
    },
    { resourceType: GROUP, resourceName: 'fairtally', resourcePatternType: PREFIXED, operations: [READ] },
  ];
  const admin = kafkaClient(kafka.broker.address).admin();
  await admin.connect();
  await admin.createAcls({
    acl: [`User:${USER.name}`, 'User:CN=fairtally'].flatMap((principal) =>
      rights.flatMap(({ operations, ...resource }) =>
        operations.map((operation) => ({
          ...resource,
          principal,
          operation,
          host: '*',
          permissionType: AclPermissionTypes.ALLOW,
        })),
      ),
    ),
  });
  await admin.disconnect();
}

describe('the commands of the stream, at a broker that lets in only whom it knows', () => {
  beforeAll(grantRights);

  it('topics create says that it has no right to', async () => {
    const guest = { KAFKA_TLS_CERT_FILE: 'guest.pem', KAFKA_TLS_KEY_FILE: 'guest.key' };
    const refused = await run(['topics', 'create'], { ...TLS, ...guest, KAFKA_BROKERS: kafka.at('MUTUAL') });
    expect(refused).toMatchObject({ exitCode: 1, stdout: '' });
    expect(refused.stderr).toMatch(/^Cannot ask Kafka at '\S+': Not authorized to access topics: .*\n$/);
  });

  it.each([
    ['plain', 'LOGIN'],
    ['scram-sha-512', 'LOGIN'],
    ['scram-sha-256', 'SHA256'],
  ] as const)('topics create logs in by %s', async (mechanism, listener) => {
    const made = await run(['topics', 'create'], { ...TLS, ...login(mechanism), KAFKA_BROKERS: kafka.at(listener) });
    expect(made).toMatchObject({ exitCode: 0, stderr: '' });
    expect(made.stdout).toMatch(/^cdr: (created|exists), 8 partitions\n/);
  });

  it('worker rates what it re-keys, logged in by SCRAM, and relay tells of it, known by its certificate', async () => {
    const month = writeSmallMonth(join(folder, 'month'));
    const records = readFileSync(month.calls, 'utf8').trimEnd().split('\n');
    const stream = { DATABASE_URL: database.url, FAIRTALLY_TOPICS: 'cdr,key=other' };
    const atLogin = { ...stream, ...TLS, ...login('scram-sha-512'), KAFKA_BROKERS: kafka.at('LOGIN') };
    const encrypted = { KAFKA_TLS_KEY_FILE: 'client.encrypted.key', KAFKA_TLS_KEY_PASSPHRASE: PASSPHRASE };
    const atMutual = { ...stream, ...TLS, ...CERTIFICATE, ...encrypted, KAFKA_BROKERS: kafka.at('MUTUAL') };
    expect(await run(['topics', 'create'], atLogin)).toMatchObject({ exitCode: 0 });
    expect(await run(['lines', 'import', 'month'], {})).toMatchObject({ exitCode: 0 });
    const worker = startCommand(folder, ['worker', '--metrics-port', '0'], atLogin);
    const relay = startCommand(folder, ['relay'], atMutual);
    await expect.poll(() => worker.lines.at(0), { timeout: 30_000 }).toMatchObject({ msg: 'worker started' });
    const port = Number(worker.lines[0]?.['port']);
    const metrics = async (): Promise<string> => (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    const untilTaken = async (count: number): Promise<void> => {
      const taken = `fairtally_records_total{topic="fairtally.rekeyed",outcome="received"} ${count}\n`;
      await expect.poll(metrics, { timeout: 40_000, interval: 200 }).toContain(taken);
    };
    // All but what is no call, and the one that is cut short.
    const rekeyed = month.records - month.notCalls - 1;
    await produce(kafka.broker.address, 'cdr', records);
    await untilTaken(rekeyed);
    // A broker that has just started may send consumers away once.
    const atFirst = faultsOf(worker);
    // A login is good for 11 s: after that, neither was a connection lost nor is a record missed.
    await delay(13_000);
    await produce(kafka.broker.address, 'cdr', records);
    await untilTaken(2 * rekeyed);
    expect(await metrics()).toContain(`{topic="fairtally.rekeyed",outcome="rated"} ${month.rated}\n`);
    expect(faultsOf(worker)).toEqual(atFirst);
    const db = await openDatabase({ url: database.url });
    await untilTold(db);
    const told = usageOf(await readTopic(kafka.broker.address, 'fairtally.usage'));
    expect(positionsOf(told)).toEqual(await positionsOfLedger(db));
    expect(told.length).toBeGreaterThanOrEqual(month.rated);
    await db.close();
    expect(await Promise.all([worker.stop(), relay.stop()])).toEqual([0, 0]);
    expect(faultsOf(relay)).toEqual([]);
  }, 120_000);
});

/** What may be set wrong. */
interface Fault {
  readonly at: () => string;
  readonly settings: Settings;
  /** What must be said of it. */
  readonly why: RegExp;
}

const FAULTS = {
  'a wrong password': {
    at: () => kafka.at('LOGIN'),
    settings: { ...TLS, ...login('scram-sha-512', 'hush') },
    why: /the broker refuses user 'rating': see KAFKA_SASL_USERNAME, KAFKA_SASL_PASSWORD, /,
  },
  'a wrong password, by PLAIN': {
    at: () => kafka.at('LOGIN'),
    settings: { ...TLS, ...login('plain', 'hush') },
    why: /the broker refuses user 'rating': see KAFKA_SASL_USERNAME, KAFKA_SASL_PASSWORD, /,
  },
  'a mechanism that is not offered': {
    at: () => kafka.at('LOGIN'),
    settings: { ...TLS, ...login('scram-sha-256') },
    why: /the broker offers no login by 'scram-sha-256': see KAFKA_SASL_MECHANISM/,
  },
  'no login': {
    at: () => kafka.at('LOGIN'),
    settings: TLS,
    why: /that port may be for .*a login \(KAFKA_SASL_MECHANISM\)/,
  },
  'a login where none is asked for': {
    at: () => kafka.at('MUTUAL'),
    settings: { ...TLS, ...CERTIFICATE, ...login('plain') },
    why: /the broker asks for no login there: unset KAFKA_SASL_MECHANISM/,
  },
  'an authority of others': {
    at: () => kafka.at('LOGIN'),
    settings: { ...TLS, KAFKA_TLS_CA_FILE: 'other-ca.pem', ...login('plain') },
    why: /the broker's certificate is signed by no authority in KAFKA_TLS_CA_FILE/,
  },
  'no authority': {
    at: () => kafka.at('LOGIN'),
    settings: { KAFKA_TLS: 'true', ...login('plain') },
    why: /signed by no authority known here: KAFKA_TLS_CA_FILE must hold/,
  },
  // The broker says what it misses and hangs up at once: its last word may be lost.
  'no certificate': {
    at: () => kafka.at('MUTUAL'),
    settings: TLS,
    why: /the broker asks for a certificate: KAFKA_TLS_CERT_FILE and KAFKA_TLS_KEY_FILE are not|or for a certificate \(KAFKA_TLS_CERT_FILE\)/,
  },
  'a certificate that the broker does not trust': {
    at: () => kafka.at('MUTUAL'),
    settings: { ...TLS, KAFKA_TLS_CERT_FILE: 'stranger.pem', KAFKA_TLS_KEY_FILE: 'stranger.key' },
    why: /the broker refuses the certificate in KAFKA_TLS_CERT_FILE/,
  },
  'a host that the certificate does not name': {
    at: () => kafka.at('MISNAMED'),
    settings: TLS,
    why: /the broker's certificate is for another host: KAFKA_BROKERS, /,
  },
  'an old certificate': {
    at: () => kafka.at('EXPIRED'),
    settings: TLS,
    why: /the broker's certificate is not valid today/,
  },
  'TLS at a port in plain text': {
    at: () => kafka.broker.address,
    settings: TLS,
    why: /that port may be for plain text \(KAFKA_TLS\)/,
  },
  'plain text at a port of TLS': {
    at: () => kafka.at('MUTUAL'),
    settings: {},
    why: /that port may be for TLS \(KAFKA_TLS\)/,
  },
} satisfies Readonly<Record<string, Fault>>;

describe.concurrent('a setting that does not suit the broker', () => {
  it.each(Object.entries(FAULTS))('%s: topics says so in one line', async (_, { at, settings, why }) => {
    const asked = await run(['topics', 'create'], { ...settings, KAFKA_BROKERS: at() });
    expect(asked).toMatchObject({ exitCode: 1, stdout: '' });
    expect(asked.stderr).toMatch(why);
    expect(asked.stderr).toMatch(/^Cannot ask Kafka at '\S+': .*\n$/);
    expect(asked.stderr).not.toContain('hush');
  });

  it.each([
    ['worker', 'a wrong password'],
    ['worker', 'an authority of others'],
    ['relay', 'no certificate'],
    ['relay', 'a host that the certificate does not name'],
  ] as const)(
    '%s, %s: it says so, tries again, and stops when told to',
    async (command, wrong) => {
      const { at, settings, why } = FAULTS[wrong];
      const env = { DATABASE_URL: database.url, ...settings, KAFKA_BROKERS: at() };
      const started = startCommand(folder, [command], env);
      await expect.poll(() => faultsOf(started).length, { timeout: 50_000, interval: 200 }).toBeGreaterThanOrEqual(2);
      for (const err of faultsOf(started)) expect(err).toMatchObject({ advice: expect.stringMatching(why) });
      expect(JSON.stringify(started.lines)).not.toContain('hush');
      expect(await started.stop()).toBe(0);
    },
    90_000,
  );
});
