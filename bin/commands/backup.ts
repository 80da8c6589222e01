import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { copyDatabaseDirectory } from '../../ledger/index.ts';
import { CommandError } from '../command-error.ts';
import { type PlaceOptions, readPlace } from '../config.ts';
import { DATABASE_FOLDER } from '../open-ledger.ts';
import { PROGRAM } from '../program-name.ts';
import { type Terminal, print } from '../terminal.ts';

/** `fairtally backup FOLDER`: a copy of the embedded ledger, of one moment, that `--data FOLDER` opens. */
export async function backUp(folder: string, options: PlaceOptions, terminal: Terminal): Promise<void> {
  const place = readPlace(options, terminal);
  if (place.kind === 'server') {
    throw new CommandError(
      'Cannot back up a ledger on a PostgreSQL server: use its own tools, pg_dump or pg_basebackup (docs/operations.md, "Backup")',
    );
  }
  const from = join(place.directory, DATABASE_FOLDER);
  if (!existsSync(from)) throw new CommandError(`Cannot find a ledger in '${place.directory}'`);
  const to = resolve(terminal.folder, folder);
  await copyDatabaseDirectory(from, join(to, DATABASE_FOLDER));
  print(
    terminal,
    `The ledger in ${place.directory} was copied to ${to}: '${PROGRAM} report --data ${folder}' reads it`,
  );
}
