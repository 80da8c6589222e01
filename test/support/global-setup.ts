import { readFile } from 'node:fs/promises';
import type { TestProject } from 'vitest/node';
import { type KafkaServer, startKafka } from './kafka.ts';
import { prepareLedger } from '../../ledger/index.ts';
import { startTestServer, type TemplateServer } from './postgres.ts';

declare module 'vitest' {
  interface ProvidedContext {
    readonly postgres: { readonly url: string; readonly template: string };
    /** `host:port`, several with commas between. */
    readonly kafkaBrokers: string;
  }
}

let postgres: TemplateServer | undefined;
let kafka: KafkaServer | undefined;

/** Once a run: the PostgreSQL server and the Kafka broker that all test files share, started side by side. */
export async function setup(project: TestProject): Promise<void> {
  quietKafkajs();
  const starts = [startShared(project), prepare()];
  if (await asksForKafka(project.vitest.state.getPaths())) starts.push(startBroker(project));
  const faults = (await Promise.allSettled(starts)).flatMap((end) => (end.status === 'rejected' ? [end.reason] : []));
  if (faults.length === 1) throw faults[0];
  if (faults.length > 1) throw new AggregateError(faults, faults.map(String).join('\n'));
}

/** Also called when not all could be started. */
export async function teardown(): Promise<void> {
  await Promise.all([postgres?.stop(), kafka?.close()]);
}

async function startShared(project: TestProject): Promise<void> {
  postgres = await startTestServer();
  project.provide('postgres', { url: postgres.url, template: postgres.template });
}

/** Embedded ledgers of tests begin as this. */
async function prepare(): Promise<void> {
  await prepareLedger();
}

async function startBroker(project: TestProject): Promise<void> {
  kafka = await startKafka();
  project.provide('kafkaBrokers', kafka.address);
}

/**
 * Whether one of the test files to be run names Kafka. A broker takes seconds of two cores to start: too long to wait
 * for when only some pure functions are tested.
 */
async function asksForKafka(testFiles: readonly string[]): Promise<boolean> {
  const texts = await Promise.all(testFiles.map((file) => readFile(file, 'utf8')));
  return texts.some((text) => /kafka/i.test(text));
}

/** As bin/main.ts does: kafkajs 2.2.4 sets timers to instants in the past, of which Node.js 24 warns. */
function quietKafkajs(): void {
  process.removeAllListeners('warning');
  process.on('warning', (warning) => {
    if (warning.name !== 'TimeoutNegativeWarning') console.warn(warning);
  });
}
