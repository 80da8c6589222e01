import { setTimeout as delay } from 'node:timers/promises';
import { Random } from '../../bin/generate/random.ts';
import { type Cluster, command } from './cluster.ts';
import { doFault, type FaultTally } from './faults.ts';
import { takenIn } from './ledger-progress.ts';
import type { CrashMonth } from './make-month.ts';
import { patiently, until } from './patience.ts';
import { produceMessages } from './produce-messages.ts';
import { type CrashSettings, FAULT_KINDS, type FaultKind } from './settings.ts';

/** One step of the run: some messages are sent, and at a certain moment something is done to the system. */
interface Step {
  readonly fault: FaultKind;
  readonly moment: 'at once' | 'while records are taken in' | 'some time later';
}

const MOMENTS: readonly Step['moment'][] = ['at once', 'while records are taken in', 'some time later'];
/** A machine that does much at once may take nothing in for a while, as after a rebalance. */
const WAIT_FOR_PROGRESS_MS = 12_000;

/** What is done and when, from the seed alone. */
export function planSteps({ seed, faults }: CrashSettings): Step[] {
  const random = new Random(seed, 'crash-steps');
  const kinds = FAULT_KINDS.flatMap((kind) => Array.from({ length: faults[kind] }, () => kind));
  return random.shuffled(kinds).map((fault) => ({ fault, moment: random.pick(MOMENTS) }));
}

/**
 * Sends the month bit by bit, and does after each bit what the step says. The lines that are missing are provisioned half way.
 * Returns what was done how often.
 */
export async function runChaos(
  cluster: Cluster,
  month: CrashMonth,
  settings: CrashSettings,
  log: (text: string) => void,
): Promise<FaultTally> {
  const random = new Random(settings.seed, 'crash-chaos');
  const steps = planSteps(settings);
  const tally: FaultTally = new Map();
  const { messages } = month;
  for (const [index, { fault, moment }] of steps.entries()) {
    const [from, to] = [index, index + 1].map((at) => Math.round((at * messages.length) / steps.length));
    // What ended by itself is counted as a fault of ours, and started again, as whatever supervises it would.
    for (const one of [...cluster.workers, cluster.relay]) one.start();
    const before = await patiently(() => takenIn(cluster.url));
    await produceMessages(cluster.client, messages.slice(from, to));
    if (index === steps.length >> 1) await importAllLines(cluster, month);
    await waitForMoment(moment, cluster, before, random.below(settings.pauseMs));
    log(`${index + 1} of ${steps.length}: ${fault}, ${moment}`);
    await doFault(fault, { cluster, random, tally, settings });
  }
  return tally;
}

/** @param before how far the ledger was before the step's messages were sent */
async function waitForMoment(moment: Step['moment'], { url }: Cluster, before: number, pauseMs: number): Promise<void> {
  if (moment === 'some time later') await delay(pauseMs);
  if (moment === 'while records are taken in') {
    await until(async () => (await takenIn(url)) > before, WAIT_FOR_PROGRESS_MS, 10);
    await delay(pauseMs / 10);
  }
}

function importAllLines({ url }: Cluster, { linesInTheEnd }: CrashMonth): Promise<void> {
  return patiently(() => command(linesInTheEnd, ['lines', 'import', linesInTheEnd, '--database', url]));
}
