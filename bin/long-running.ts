import type { Logger } from 'pino';
import { pause, retryForever } from '../operating/index.ts';
import { DatabaseError, openDatabase } from '../ledger/index.ts';
import { type PlaceOptions, readPlace } from './config.ts';
import { heedSignals, type Terminal } from './terminal.ts';

const LONGEST_TIMER_MS = 2_000_000_000;
const START_AGAIN_MS = 500;
/** Longer than slices and leaving the group are waited for, shorter than Docker waits by default. */
const GRACE_MS = 8000;

/**
 * Runs what goes on until the terminal's signal: first waits, for ever if need be, until the ledger's server answers.
 * `work` has 8 s to end once told to; then the process ends, and a transaction under way is as if it had never begun.
 */
export function runUntilStopped(
  options: PlaceOptions,
  terminal: Terminal,
  log: Logger,
  work: () => Promise<void>,
): Promise<void> {
  return heedSignals(terminal, () => runAgainAndAgain(options, terminal, log, work), GRACE_MS);
}

async function runAgainAndAgain(
  options: PlaceOptions,
  terminal: Terminal,
  log: Logger,
  work: () => Promise<void>,
): Promise<void> {
  const { signal } = terminal;
  let isDone = false;
  while (!isDone && !signal.aborted) {
    await untilServerAnswers(options, terminal, log);
    if (!signal.aborted) isDone = await isWorkDone(work, log);
    if (!isDone) await pause(START_AGAIN_MS, signal);
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
  // Told to stop, nobody waits for a server that says nothing.
  const attempt = async (): Promise<void> => (await openDatabase(place)).close();
  await retryForever(() => untilAborted(attempt(), terminal.signal), {
    isWanted: () => true,
    signal: terminal.signal,
    onFailure: (error, failures, waitMs) => {
      log.error({ err: error, failures, waitMs }, 'Cannot reach PostgreSQL: it is tried again');
    },
  });
}

/** Settles as `work` does, or once `signal` is aborted. */
async function untilAborted(work: Promise<void>, signal: AbortSignal): Promise<void> {
  const over = new AbortController();
  work.catch(ignore);
  const aborted = pause(LONGEST_TIMER_MS, AbortSignal.any([signal, over.signal]));
  await Promise.race([work, aborted]).finally(() => over.abort());
}

function ignore(): void {}
