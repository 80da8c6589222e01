import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { ANY_START_ENV } from '../../support/any-start.ts';
import { produce } from '../../support/kafka-client.ts';
import { createTestDatabase } from '../../support/test-database.ts';
import { type CommandRun, runCommand } from '../run-command.ts';
import { writeSmallMonth } from '../small-month.ts';
import { startCommand } from '../start-command.ts';

let folder: string;
let database: { url: string; drop: () => Promise<void> };
const own = randomUUID().slice(0, 8);
const TOPIC = `cdr-${own}`;
let env: Record<string, string>;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'fairtally-stream-'));
  database = await createTestDatabase('template1');
  env = {
    DATABASE_URL: database.url,
    KAFKA_BROKERS: inject('kafkaBrokers'),
    FAIRTALLY_TOPICS: TOPIC,
    ...ANY_START_ENV,
    FAIRTALLY_REKEYED_TOPIC: `rekeyed-${own}`,
    FAIRTALLY_USAGE_TOPIC: `usage-${own}`,
    FAIRTALLY_EVENT_TOPIC: `events-${own}`,
    FAIRTALLY_GROUP: `group-${own}`,
  };
});
afterAll(async () => {
  await database.drop();
  rmSync(folder, { recursive: true });
});

const run = (...args: string[]): Promise<CommandRun> => runCommand(folder, args, { env });

describe('the commands of the stream', () => {
  it('setup makes a ledger, and finds it made', async () => {
    const first = await run('setup');
    expect(first).toMatchObject({ exitCode: 0, stderr: expect.stringContaining('Offer full-illimite') });
    expect(await run('setup')).toMatchObject({ exitCode: 0, stderr: '' });
  });

  it('topics create makes those that are missing, once', async () => {
    const names = [TOPIC, `rekeyed-${own}`, `usage-${own}`, `events-${own}`];
    const first = await run('topics', 'create', '--partitions', '2');
    expect(first.stdout).toBe(names.map((name) => `${name}: created, 2 partitions\n`).join(''));
    const second = await run('topics', 'create', '--partitions', '4');
    expect(second.stdout).toBe(names.map((name) => `${name}: exists, 2 partitions\n`).join(''));
    const third = await run('topics', 'create', '--partitions', '12');
    expect(third).toMatchObject({ exitCode: 2, stdout: '' });
    expect(third.stderr).toContain('must divide 64');
  });

  it('worker rates, answers for its health, and is gone soon after SIGTERM with exit code 0', async () => {
    const month = writeSmallMonth(join(folder, 'month'));
    await run('lines', 'import', 'month');
    const worker = startCommand(folder, ['worker', '--metrics-port', '0'], env);
    await expect.poll(() => worker.lines.at(0), { timeout: 30_000 }).toMatchObject({ msg: 'worker started' });
    const port = Number(worker.lines[0]?.['port']);
    await produce(inject('kafkaBrokers'), TOPIC, readFileSync(month.calls, 'utf8').trimEnd().split('\n'));
    const metrics = async (): Promise<string> => (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    await expect
      .poll(metrics, { timeout: 40_000 })
      .toContain(`fairtally_records_total{topic="${TOPIC}",outcome="rated"} ${month.rated}`);
    const health = await fetch(`http://127.0.0.1:${port}/health`);
    expect(health.status).toBe(200);
    expect(await health.json()).toEqual({ status: 'ok', reasons: [], stopped: [] });
    expect(await worker.stop()).toBe(0);
    expect(worker.lines.at(-1)).toMatchObject({ msg: 'worker stopped' });
    expect((await run('report', '2026-11')).stdout).toContain(`kafka:${TOPIC}`);
  });

  it('worker says that the database does not answer, and begins once it does', async () => {
    let isSilent = true;
    const { hostname, port } = new URL(database.url);
    const between = createServer((socket) => {
      const onward = isSilent ? null : connect(Number(port), hostname);
      onward?.on('error', () => socket.destroy());
      socket.on('error', () => onward?.destroy());
      if (onward !== null) socket.pipe(onward).pipe(socket);
    });
    await once(between.listen(0, '127.0.0.1'), 'listening');
    const address = between.address();
    const url = new URL(database.url);
    url.host = `127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
    const worker = startCommand(folder, ['worker'], { ...env, DATABASE_URL: url.href });
    await expect
      .poll(() => worker.lines.at(0), { timeout: 30_000 })
      .toMatchObject({ msg: 'Cannot reach PostgreSQL: it is tried again', err: { code: 'unreachable' } });
    isSilent = false;
    await expect.poll(() => worker.lines.map(({ msg }) => msg), { timeout: 30_000 }).toContain('worker started');
    expect(await worker.stop()).toBe(0);
    between.close();
  });

  it('topics positions shows where the ledger stands, and topics move keeps who moved it and why', async () => {
    const before = await run('topics', 'positions');
    expect(before.stdout).toMatch(new RegExp(`^${TOPIC}:\n +partition +ledger +log start +log end +lag +state\n`));
    expect(before.stdout.match(/ 0 {2}ok$/gm)).toHaveLength(2);
    const moved = await run('topics', 'move', TOPIC, '1', '--to', 'start', '--by', 'A. Martin', '--note', 'once more');
    expect(moved.stdout).toMatch(/from \d+ to 0, [\d,]+ messages are read again/);
    expect((await run('topics', 'positions')).stdout).toMatch(
      /partition 1 moved from \d+ to 0 by A\. Martin: once more/,
    );
    const refused = await run('topics', 'move', TOPIC, '1', '--to', '999999', '--by', 'x', '--note', 'y');
    expect(refused).toMatchObject({ exitCode: 2, stdout: '' });
    expect(await run('topics', 'move', TOPIC, '7', '--to', 'start', '--by', 'x', '--note', 'y')).toMatchObject({
      exitCode: 1,
    });
  });

  it('topics says in one line that Kafka is away', async () => {
    const away = await runCommand(folder, ['topics', 'create'], { env: { ...env, KAFKA_BROKERS: '127.0.0.1:1' } });
    expect(away).toMatchObject({ exitCode: 1, stdout: '' });
    expect(away.stderr).toMatch(/^Cannot ask Kafka at '127\.0\.0\.1:1': .*ECONNREFUSED.*\n$/);
  });

  it('worker names every fault of its settings, and starts nothing', async () => {
    const wrong = await runCommand(folder, ['worker', '--linger-ms', 'x'], { env: { FAIRTALLY_TOPICS: 'a/b' } });
    expect(wrong.exitCode).toBe(2);
    for (const fault of ['KAFKA_BROKERS', '--linger-ms', 'a/b']) expect(wrong.stderr).toContain(fault);
  });
});
