import { setTimeout as delay } from 'node:timers/promises';

const PAUSE_MS = 50;

/** Asks until it is answered: servers are away at times. Throws the last error after `patienceMs`. */
export async function patiently<T>(ask: () => Promise<T>, patienceMs = 120_000): Promise<T> {
  const giveUpAt = Date.now() + patienceMs;
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (Date.now() > giveUpAt) throw error;
    }
    await delay(PAUSE_MS * 4);
  }
}

/** Waits until it is so, which errors say it is not; whether it came to be so in time. */
export async function until(isSo: () => Promise<boolean>, patienceMs: number, pauseMs = PAUSE_MS): Promise<boolean> {
  const giveUpAt = Date.now() + patienceMs;
  for (;;) {
    if (await isSo().catch(() => false)) return true;
    if (Date.now() > giveUpAt) return false;
    await delay(pauseMs);
  }
}
