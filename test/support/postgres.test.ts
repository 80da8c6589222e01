import { Client } from 'pg';
import { describe, expect, it } from 'vitest';
import { runOn, startPostgres } from './postgres.ts';
import { ownServerWays } from './servers/server-ways.ts';

describe('startPostgres() for a test of its own', () => {
  it('starts a server that is found with its data after it was killed, and after it was stopped', async () => {
    const server = await startPostgres(ownServerWays());
    try {
      await runOn(server.url, 'create table call (id text)');
      await runOn(server.url, `insert into call values ('before')`);
      await server.kill();
      expect(server.pids).toEqual([]);
      await expect(runOn(server.url, 'select 1')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
      await server.start();
      await runOn(server.url, `insert into call values ('after kill')`);
      await server.stop();
      await server.start();
      await runOn(server.url, `insert into call values ('after stop')`);
      expect(await idsAt(server.url)).toEqual(['before', 'after kill', 'after stop']);
    } finally {
      await server.close();
    }
  });
});

async function idsAt(url: string): Promise<string[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query<{ id: string }>('select id from call');
  await client.end();
  return rows.map(({ id }) => id);
}
