import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/**
 * Which process on earth: enough to tell later whether it still runs. `null` where the system doesn't say; only Linux
 * does.
 */
export interface ProcessIdentity {
  readonly pid: number;
  readonly host: string;
  /** Names one running kernel, from its start to its end: equal in all containers of a machine. */
  readonly boot: string | null;
  /** Numbers of processes mean something within one of these only: containers mostly have one each. */
  readonly pidNamespace: string | null;
  /** When the process began, in ticks since the kernel did: tells two apart that had one number. */
  readonly startTicks: string | null;
}

/** The process that asks. */
export function thisProcess(): ProcessIdentity {
  return {
    pid: process.pid,
    host: hostname(),
    boot: orNull(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()),
    pidNamespace: orNull(() => readlinkSync('/proc/self/ns/pid')),
    startTicks: statOf(process.pid)?.startTicks ?? null,
  };
}

/** Whether `other` runs; `null` when that can't be known from here: another machine, or another pid namespace. */
export function isRunning(other: ProcessIdentity, here: ProcessIdentity): boolean | null {
  if (!isSameKernel(other, here) || other.pidNamespace === null) return null;
  if (other.pidNamespace !== here.pidNamespace || other.startTicks === null) return null;
  if (!answersSignals(other.pid)) return false;
  const stat = statOf(other.pid);
  // It may be hidden from us: it is there, or the kernel would have said that it is not.
  if (stat === null) return true;
  return stat.startTicks === other.startTicks && !stat.isOver;
}

/** Whether both run on one kernel, from one start of it. */
export function isSameKernel(one: ProcessIdentity, other: ProcessIdentity): boolean {
  return one.boot !== null && one.boot === other.boot;
}

function answersSignals(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (cause) {
    return cause instanceof Error && Reflect.get(cause, 'code') === 'EPERM';
  }
}

/** The program's name, in parentheses, may hold anything: fields are counted from the last one on. */
function statOf(pid: number): { readonly startTicks: string; readonly isOver: boolean } | null {
  return orNull(() => {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    const [state] = fields;
    // Field 22 of proc(5); the two before the state are gone. A process that is over but not yet reaped holds no file.
    return { startTicks: fields[19] ?? '', isOver: state === 'Z' || state === 'X' };
  });
}

function orNull<T>(read: () => T): T | null {
  try {
    return read();
  } catch {
    return null;
  }
}
