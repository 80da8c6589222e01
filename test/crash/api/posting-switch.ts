import { setTimeout as delay } from 'node:timers/promises';
import type { Random } from '../../../traffic/random.ts';

const PAUSE_MS = 30;
const MOST_RECORDS = 60;
const LF = Buffer.from('\n');
/** One that is never answered ends the test with what it was told last. */
const GIVE_UP_AFTER_MS = 240_000;

/** Where a switch posts to, and what it has seen. */
export interface Posting {
  readonly apis: readonly string[];
  readonly key: string;
  readonly random: Random;
  readonly name: string;
  /** Counted as it goes on. */
  readonly tally: { posts: number; repeats: number; lost: number };
}

/**
 * A switch that posts records until each post is answered: one whose answer is lost, or that is told to come again, is
 * posted again as it was, to any of the servers; every second one under an Idempotency-Key.
 */
export async function postAll(records: readonly Buffer[], posting: Posting): Promise<void> {
  const { random, name, tally } = posting;
  for (let at = 0, no = 0; at < records.length; no++) {
    const count = random.between(1, MOST_RECORDS);
    const body = Buffer.concat(records.slice(at, at + count).flatMap((record) => [record, LF]));
    at += count;
    await postUntilAnswered(posting, body, no % 2 === 0 ? `${name}-${no}` : null);
    tally.posts++;
  }
}

async function postUntilAnswered(posting: Posting, body: Buffer, idempotencyKey: string | null): Promise<void> {
  const { apis, key, random, tally } = posting;
  const begin = Date.now();
  for (let said = 'nothing'; ; tally.repeats++) {
    if (Date.now() - begin > GIVE_UP_AFTER_MS) throw new Error(`A post was never taken: ${said}`);
    try {
      const answer = await fetch(`${random.pick(apis)}/v1/cdrs`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${key}`,
          'content-type': 'application/x-ndjson',
          ...(idempotencyKey === null ? {} : { 'idempotency-key': idempotencyKey }),
        },
        body,
      });
      said = `${answer.status} ${await answer.text()}`;
      if (answer.status === 200) return;
      if (answer.status < 500 && ![408, 409, 429].includes(answer.status)) throw new Refused(said);
    } catch (error) {
      if (error instanceof Refused) throw error;
      // Its answer is lost: nobody knows whether the records were taken in.
      tally.lost++;
    }
    await delay(PAUSE_MS);
  }
}

/** It will never be taken: no post of a good switch is. */
class Refused extends Error {
  override readonly name = 'Refused';
}
