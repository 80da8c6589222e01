import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { reapAtEnd } from './reaper.ts';

/** A temporary folder for all the files of a server; what nobody removes goes when this process ends. */
export interface ServerFolder {
  readonly path: string;
  remove(): Promise<void>;
}

/** Makes one that any user may walk into: the server's may not be ours. */
export async function serverFolder(server: string): Promise<ServerFolder> {
  const path = await mkdtemp(join(tmpdir(), `fairtally-${server}-`));
  const forget = reapAtEnd({ kind: 'folder', path });
  await chmod(path, 0o755);
  return {
    path,
    async remove() {
      // A server that was killed may still be writing for a moment.
      await rm(path, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
      forget();
    },
  };
}
