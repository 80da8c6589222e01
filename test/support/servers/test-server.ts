/** A real server that tests may stop, kill and start again: always on the same port, with the same data. */
export interface TestServer {
  /** Its main process on this machine, to measure it by; none while it is stopped, or when it was not started by us. */
  readonly pids: readonly number[];
  /** Stops it as an operator would. */
  stop(): Promise<void>;
  /** Kills it: it has no time to write or to say anything. */
  kill(): Promise<void>;
  /** Starts it again after `stop` or `kill`; resolves when it answers. */
  start(): Promise<void>;
  /** Stops it for good and deletes its data. */
  close(): Promise<void>;
}

/** A server that the environment names: it isn't ours to stop. */
export function foreignServer(variable: string): TestServer {
  const refuse = (): Promise<never> =>
    Promise.reject(new Error(`Cannot stop or start the server that ${variable} names: it may be in use`));
  return { pids: [], stop: refuse, kill: refuse, start: refuse, close: async () => undefined };
}

const PATIENCE_MS = 90_000;
const PAUSE_MS = 100;

/**
 * Asks a server until it answers. Gives up when `whyDead` knows a reason for which it never will, and after 90 s: a
 * machine that does much at once takes long to start a server.
 */
export async function untilAnswered(ask: () => Promise<unknown>, whyDead: () => Promise<string | null>): Promise<void> {
  const giveUpAt = Date.now() + PATIENCE_MS;
  for (;;) {
    try {
      await ask();
      return;
    } catch (cause) {
      const reason = await whyDead();
      if (reason !== null) throw new Error(reason, { cause });
      if (Date.now() > giveUpAt) throw new Error(`no answer within ${PATIENCE_MS / 1000} s`, { cause });
    }
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
}
