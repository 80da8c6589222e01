import { describe, expect, it } from 'vitest';
import { type BackupWay, dumpWay, pointInTimeWay } from './backups.ts';
import { drill } from './drill.ts';
import { postgresTools } from './postgres-tools.ts';

const SEED = process.env['RESTORE_SEED'] ?? '20261128';

const WAYS: readonly { readonly name: string; readonly make: (tools: string) => Promise<BackupWay> }[] = [
  { name: 'a dump', make: dumpWay },
  { name: 'a base backup and the archived log, to a point in time', make: pointInTimeWay },
];

describe('a ledger that is restored from its backup', () => {
  it.each(WAYS)('has all records once after going on from Kafka: $name', async ({ name, make }) => {
    const way = await make(await postgresTools());
    const said: string[] = [];
    try {
      const report = await drill(way, `${SEED} ${name}`, (text) => said.push(text));
      const differences = report.differences.map(({ of, text }) => `${of}: ${text}`);
      if (differences.length > 0) throw new Error([...said, ...differences.slice(0, 40)].join('\n'));
      // Otherwise nothing would have been restored.
      expect(report.entriesLost).toBeGreaterThan(0);
      expect(report.entries).toBeGreaterThan(4000);
    } finally {
      await way.close();
    }
  });
});
