import { execFile } from 'node:child_process';
import { chown, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ask } from '../crash/ledger-progress.ts';
import { until } from '../crash/patience.ts';
import { runOn, withDatabase } from '../support/postgres.ts';
import { type LocalPostgres, ownerOfServer, startLocalPostgres } from '../support/servers/local-postgres.ts';

const run = promisify(execFile);

/** The database of the ledger on each server of a drill. */
export const DATABASE = 'ledger';
const RESTORE_POINT = 'before_the_fault';
/** What the server may take to archive its log, or to recover. */
const PATIENCE_MS = 120_000;

/** A way to back a ledger up while workers write to it, and to have it back. */
export interface BackupWay {
  /** A server with an empty database, set up for this way. */
  start(): Promise<LocalPostgres>;
  /** Takes the backup; workers write meanwhile. */
  take(server: LocalPostgres): Promise<void>;
  /**
   * Called a while after, when the ledger has moved on: the last moment that the restored ledger must have, where it
   * can.
   */
  markPoint(server: LocalPostgres): Promise<void>;
  /** Another server, with the ledger as it was. The first may be gone. */
  restore(): Promise<LocalPostgres>;
  /** Removes what was kept. */
  close(): Promise<void>;
}

/** A dump of the database, loaded into a new server: docs/operations.md, "A dump". */
export async function dumpWay(tools: string): Promise<BackupWay> {
  const folder = await mkdtemp(join(tmpdir(), 'fairtally-dump-'));
  const dump = join(folder, 'ledger.dump');
  const start = async (): Promise<LocalPostgres> => {
    const server = await startLocalPostgres((url) => runOn(url, 'select 1'), { programs: tools });
    await runOn(server.url, `create database ${DATABASE}`);
    return server;
  };
  return {
    start,
    take: async (server) => {
      const url = withDatabase(server.url, DATABASE);
      await run(join(tools, 'pg_dump'), ['-Fc', `--dbname=${url}`, `--file=${dump}`]);
    },
    markPoint: async () => undefined,
    async restore() {
      const server = await start();
      const url = withDatabase(server.url, DATABASE);
      await run(join(tools, 'pg_restore'), ['--exit-on-error', '--no-owner', `--dbname=${url}`, dump]);
      return server;
    },
    close: () => rm(folder, { recursive: true, force: true }),
  };
}

/** A base backup and the archived log, recovered to a point: docs/operations.md, "Base backup and archived log". */
export async function pointInTimeWay(tools: string): Promise<BackupWay> {
  const folder = await mkdtemp(join(tmpdir(), 'fairtally-archive-'));
  const archive = join(folder, 'archive');
  const base = join(folder, 'base');
  await mkdir(archive);
  const owner = await ownerOfServer();
  if (owner !== undefined) {
    await chown(folder, owner.uid, owner.gid);
    await chown(archive, owner.uid, owner.gid);
  }
  const archiving = {
    archive_mode: 'on',
    archive_command: `test ! -f ${archive}/%f && cp %p ${archive}/%f`,
  };
  return {
    async start() {
      const server = await startLocalPostgres((url) => runOn(url, 'select 1'), {
        programs: tools,
        settings: archiving,
      });
      await runOn(server.url, `create database ${DATABASE}`);
      return server;
    },
    take: async ({ url }) => {
      await run(join(tools, 'pg_basebackup'), [
        `--dbname=${url}`,
        `--pgdata=${base}`,
        '--checkpoint=fast',
        '--wal-method=none',
      ]);
    },
    async markPoint({ url }) {
      await runOn(url, `select pg_create_restore_point('${RESTORE_POINT}')`);
      const [{ file } = { file: '' }] = await ask<{ file: string }>(
        url,
        'select pg_walfile_name(pg_switch_wal()) as file',
      );
      const isArchived = await until(
        async () => (await readdir(archive)).some((name) => name >= file),
        PATIENCE_MS,
        100,
      );
      if (!isArchived) throw new Error(`Cannot go on: the server did not archive its log '${file}'`);
    },
    async restore() {
      const server = await startLocalPostgres((url) => runOn(url, 'select 1'), {
        programs: tools,
        settings: {
          restore_command: `cp ${archive}/%f %p`,
          recovery_target_name: RESTORE_POINT,
          recovery_target_action: 'promote',
        },
        fill: async (files) => {
          await run('cp', ['-a', `${base}/.`, files]);
          await writeFile(join(files, 'recovery.signal'), '');
        },
      });
      const isPromoted = await until(
        async () => (await ask<{ is: boolean }>(server.url, 'select not pg_is_in_recovery() as is'))[0]?.is === true,
        PATIENCE_MS,
        100,
      );
      if (!isPromoted) throw new Error('Cannot go on: the restored server did not end its recovery');
      return server;
    },
    close: () => rm(folder, { recursive: true, force: true }),
  };
}
