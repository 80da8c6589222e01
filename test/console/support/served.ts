import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { PROJECT_ROOT } from '../../support/source-files.ts';

const MAIN = join(PROJECT_ROOT, 'bin', 'main.ts');
const run = promisify(execFile);

/** Runs `fairtally` in a folder; its exit code must be 0. */
export async function fairtally(folder: string, ...words: readonly string[]): Promise<string> {
  const { stdout } = await run(process.execPath, [MAIN, ...words], { cwd: folder, maxBuffer: 1 << 26 });
  return stdout;
}

/** A key that may do everything, or what is named. */
export async function makeKey(place: Place, name = 'Camille Martin', scopes: readonly string[] = []): Promise<string> {
  const options = scopes.length === 0 ? ['--role', 'admin'] : scopes.flatMap((scope) => ['--scope', scope]);
  const said = await fairtally(place.folder, 'keys', 'create', name, ...options, ...place.options);
  return said.trim();
}

/** Where a ledger is, as options of a command say it. */
export interface Place {
  readonly folder: string;
  readonly options: readonly string[];
}

/** A command that runs until it is stopped. What it says when it ends by itself fails the stop. */
export class LongRunning {
  readonly #child: ChildProcess;
  #said = '';

  constructor(folder: string, words: readonly string[]) {
    this.#child = spawn(process.execPath, [MAIN, ...words], { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.#said += text));
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null) throw new Error(`It ended with ${this.#child.exitCode}: ${this.#said}`);
    this.#child.kill('SIGTERM');
    await once(this.#child, 'exit');
  }
}

export interface ServeOptions {
  readonly port?: number;
  readonly env?: Readonly<Record<string, string>>;
}

/** A port that nobody has now: for who must be known by his address before he starts. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** `fairtally serve` on a ledger, as people run it. */
export class Served {
  readonly url: string;
  readonly #child: ChildProcess;

  private constructor(url: string, child: ChildProcess) {
    this.url = url;
    this.#child = child;
  }

  static async start({ folder, options }: Place, { port = 0, env = {} }: ServeOptions = {}): Promise<Served> {
    const child = spawn(process.execPath, [MAIN, 'serve', '--port', String(port), ...options], {
      cwd: folder,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const url = await new Promise<string>((resolve, reject) => {
      let said = '';
      const hear = (text: string): void => {
        said += text;
        const [found] = /http:\/\/127\.0\.0\.1:\d+/.exec(said) ?? [];
        if (found !== undefined) resolve(found);
      };
      child.stdout.setEncoding('utf8').on('data', hear);
      child.stderr.setEncoding('utf8').on('data', hear);
      child.on('exit', (code) => reject(new Error(`'fairtally serve' ended with ${code}: ${said}`)));
    });
    return new Served(url, child);
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null) return;
    this.#child.kill('SIGTERM');
    await once(this.#child, 'exit');
  }
}
