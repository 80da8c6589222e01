import { type ChildProcess, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** sipp with scenarios of its own, in a folder. */
export class Sipp {
  readonly #folder: string;
  readonly #waiting: ChildProcess[] = [];
  #count = 0;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** A party that is called, at a port, for as long as the test lasts. */
  listen(scenario: string, port: number): void {
    this.#waiting.push(this.#start(scenario, port, []));
  }

  /** Makes one call from a port; done when it is over. */
  async call(scenario: string, port: number, switchPort: number): Promise<void> {
    const child = this.#start(scenario, port, ['-m', '1', '-timeout', '30', `127.0.0.1:${switchPort}`]);
    let output = '';
    child.stdout?.on('data', (data: Buffer) => (output += data.toString()));
    child.stderr?.on('data', (data: Buffer) => (output += data.toString()));
    const code = await new Promise<number | null>((resolve) => child.once('exit', resolve));
    if (code !== 0) throw new Error(`Cannot make a call: sipp ended with ${code}: ${output.slice(-2_000)}`);
  }

  #start(scenario: string, port: number, more: readonly string[]): ChildProcess {
    const file = join(this.#folder, `scenario-${this.#count++}.xml`);
    writeFileSync(file, scenario);
    // Each has media ports of its own.
    const media = ['-mp', String(26_000 + this.#count * 10)];
    const args = ['-sf', file, '-i', '127.0.0.1', '-p', String(port), ...media, '-nostdin', ...more];
    return spawn('sipp', args, { cwd: this.#folder, stdio: ['ignore', 'pipe', 'pipe'] });
  }

  stop(): void {
    for (const child of this.#waiting) child.kill('SIGKILL');
  }
}
