import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/**
 * Files that wait long for servers, processes and clocks, or play many histories: they begin first, so that a run does
 * not end with one of them alone. Vitest knows how long each took only where it ran before, and goes by size elsewhere.
 */
const LONG = [
  'crash/crash.test.ts',
  'crash/api/api-crash.test.ts',
  'bin/commands/stream-security.test.ts',
  'ingest/kafka/stopped-partitions.test.ts',
  'relay/relay-faults.test.ts',
  'engine/stream-equals-batch.test.ts',
  'bin/command-line.test.ts',
  'ingest/kafka/outages.test.ts',
  'ingest/kafka/rekey.test.ts',
  'ingest/kafka/worker.test.ts',
  'engine/several-workers.test.ts',
  'engine/many-workers.test.ts',
  'support/kafka.test.ts',
  'bin/commands/stream.test.ts',
];

/** Long files first, in the order of the list; the others as Vitest has them. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const tests = join(import.meta.dirname, '..');
    const missing = LONG.filter((name) => !existsSync(join(tests, name)));
    if (missing.length > 0) throw new Error(`Cannot begin with '${missing.join(`', '`)}': there is no such file`);
    const placeOf = ({ moduleId }: TestSpecification): number => {
      const at = LONG.findIndex((name) => moduleId.endsWith(`/test/${name}`));
      return at === -1 ? LONG.length : at;
    };
    const byTime = await BaseSequencer.prototype.sort.call(this, files);
    return byTime.toSorted((a, b) => placeOf(a) - placeOf(b));
  }
}
