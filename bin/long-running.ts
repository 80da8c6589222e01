import type { Logger } from 'pino';
import { pause, retryForever } from '../ingest/index.ts';
import { DatabaseError, openDatabase } from '../ledger/index.ts';
import { type PlaceOptions, readPlace } from './config.ts';
import type { Terminal } from './terminal.ts';

/** A command that was told to stop is gone after so long, whatever it waits for. */
const LAST_MOMENT_MS = 9_500;
const START_AGAIN_MS = 500;

/**
 * Runs what goes on until the terminal's signal: first waits, for ever if need be, until the ledger's server answers; once
 * told to stop, ends the process if `work` has not ended in time. A transaction under way is then as if it had never begun.
 */
export async function runUntilStopped(
  options: PlaceOptions,
  terminal: Terminal,
  log: Logger,
  work: () => Promise<void>,
): Promise<void> {
  const { signal } = terminal;
  let timer: NodeJS.Timeout | undefined;
  const onStop = (): void => {
    timer = setTimeout(() => {
      log.warn('what was under way is abandoned');
      process.exit(0);
    }, LAST_MOMENT_MS);
  };
  signal.addEventListener('abort', onStop, { once: true });
  try {
    let isDone = false;
    while (!isDone && !signal.aborted) {
      await untilServerAnswers(options, terminal, log);
      if (!signal.aborted) isDone = await isWorkDone(work, log);
      if (!isDone) await pause(START_AGAIN_MS, signal);
    }
  } finally {
    signal.removeEventListener('abort', onStop);
    // What is left open, such as a connection that is still being made, must not keep the process either.
    timer?.unref();
  }
}

/** Whether `work` ended as it should; not when the server went away while it began, which is begun again. */
async function isWorkDone(work: () => Promise<void>, log: Logger): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (error) {
    if (!(error instanceof DatabaseError && error.retryable)) throw error;
    log.error({ err: error }, 'PostgreSQL went away: it is begun again');
    return false;
  }
}

async function untilServerAnswers(options: PlaceOptions, terminal: Terminal, log: Logger): Promise<void> {
  const place = readPlace(options, terminal);
  if (place.kind !== 'server') return;
  await retryForever(async () => (await openDatabase(place)).close(), {
    isWanted: () => true,
    signal: terminal.signal,
    onFailure: (error, failures, waitMs) => {
      log.error({ err: error, failures, waitMs }, 'Cannot reach PostgreSQL: it is tried again');
    },
  });
}
