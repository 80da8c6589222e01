import { setTimeout as delay } from 'node:timers/promises';
import { Random } from '../../traffic/random.ts';
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
/** On a machine that does much at once a worker takes its time to start and to join its group. */
const WAIT_TO_JOIN_MS = 60_000;
/** From the assignment of partitions to the first commit it takes some tenths of a second. */
const OPENING_PAUSE_MS = 250;
const BEFORE_ANYTHING = ', nothing committed yet';

/** What is done and when, from the seed alone. */
export function planSteps({ seed, faults }: CrashSettings): Step[] {
  const random = new Random(seed, 'crash-steps');
  const kinds = FAULT_KINDS.flatMap((kind) => Array.from({ length: faults[kind] }, () => kind));
  return random.shuffled(kinds).map((fault) => ({ fault, moment: random.pick(MOMENTS) }));
}

/** What is done before anything was ever committed, from the seed alone. */
export function planOpening({ seed, opening }: CrashSettings): FaultKind[] {
  const random = new Random(seed, 'crash-opening');
  return random.shuffled(opening).map((kinds) => random.pick(kinds));
}

/**
 * Starts the processes on the first records and an empty ledger, and does to them what the settings say: each fault
 * as a worker has just got its partitions, and has not committed anything, if that can be.
 */
async function runOpening(
  cluster: Cluster,
  settings: CrashSettings,
  tally: FaultTally,
  log: (text: string) => void,
): Promise<void> {
  const random = new Random(settings.seed, 'crash-opening-moments');
  for (const fault of planOpening(settings)) {
    for (const one of [...cluster.workers, cluster.relay]) one.start();
    await until(async () => cluster.workers.some((one) => one.hasSaid('partitions assigned')), WAIT_TO_JOIN_MS, 5);
    await delay(random.below(OPENING_PAUSE_MS));
    const isFirst = await takenIn(cluster.url).then(
      (taken) => taken === 0,
      () => true,
    );
    log(`at the start: ${fault}, ${isFirst ? 'nothing was committed yet' : 'after the first commit'}`);
    await doFault(fault, { cluster, random, tally, settings, when: isFirst ? BEFORE_ANYTHING : '' });
  }
}

/**
 * Sends the month bit by bit, and does after each bit what the step says. The lines that are missing are provisioned
 * half way. Returns what was done how often.
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
  const first = Math.round(messages.length / (2 * steps.length));
  await produceMessages(cluster.client, messages.slice(0, first));
  await runOpening(cluster, settings, tally, log);
  for (const [index, { fault, moment }] of steps.entries()) {
    const [from, to] = [index, index + 1].map(
      (at) => first + Math.round((at * (messages.length - first)) / steps.length),
    );
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
