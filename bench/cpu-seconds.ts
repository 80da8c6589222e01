import { readFileSync, readdirSync } from 'node:fs';

/** The kernel counts CPU time in ticks of 10 ms. */
const TICKS_A_SECOND = 100;

interface ProcessTimes {
  readonly parent: number;
  /** Its own, and those of its children that have ended. */
  readonly ticks: number;
  readonly endedTicks: number;
}

/**
 * CPU seconds that processes have used, with all their children, those that have ended too. Linux only: NaN
 * elsewhere, and where no process is given.
 */
export function cpuSecondsOf(pids: readonly number[]): number {
  const all = processTimes();
  if (all === null || pids.length === 0) return Number.NaN;
  const counted = new Set<number>(pids);
  // Children have, nearly always, higher numbers than their parents; two passes find those that have not.
  for (let pass = 0; pass < 2; pass++) for (const [pid, { parent }] of all) if (counted.has(parent)) counted.add(pid);
  let ticks = 0;
  for (const pid of counted) ticks += all.get(pid)?.ticks ?? 0;
  return ticks / TICKS_A_SECOND;
}

/** CPU seconds of this process's children that have ended, with theirs. Linux only: NaN elsewhere. */
export function endedChildrenSeconds(): number {
  return (timesOf(process.pid)?.endedTicks ?? Number.NaN) / TICKS_A_SECOND;
}

function processTimes(): Map<number, ProcessTimes> | null {
  if (process.platform !== 'linux') return null;
  const all = new Map<number, ProcessTimes>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const times = timesOf(Number(name));
    if (times !== null) all.set(Number(name), times);
  }
  return all;
}

/** `null` for a process that has just ended. */
function timesOf(pid: number): ProcessTimes | null {
  if (process.platform !== 'linux') return null;
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return null;
  }
  // The program's name is in parentheses and may hold anything; proc(5) numbers what follows it from 3.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const field = (number: number): number => Number(fields[number - 3]);
  const endedTicks = field(16) + field(17);
  return { parent: field(4), ticks: field(14) + field(15) + endedTicks, endedTicks };
}
