import { errorFrames } from '../operating/index.ts';

/** Set to 1, an error that nobody foresaw is shown whole. */
export const DEBUG_VARIABLE = 'FAIRTALLY_DEBUG';

/**
 * What is said of an error that nobody foresaw: a bug. Its message may quote a record or a password, and stderr may
 * be a log, so it is shown only to whoever asks for it.
 */
export function unforeseenFault(error: unknown, env: Readonly<Record<string, string | undefined>>): string[] {
  const kind = error instanceof Error ? error.name : typeof error;
  const code: unknown = error instanceof Error ? Reflect.get(error, 'code') : undefined;
  const what = `Cannot go on: ${kind}${typeof code === 'string' && /^\w{1,60}$/.test(code) ? ` (${code})` : ''}`;
  if (env[DEBUG_VARIABLE] === '1') return [`${what}, which is a bug of Fairtally`, ...shownWhole(error)];
  return [`${what}, which is a bug of Fairtally: ${DEBUG_VARIABLE}=1 shows more of it, maybe with values of records`];
}

function shownWhole(error: unknown): string[] {
  const lines: string[] = [];
  for (let met = error; met instanceof Error && lines.length < 100; met = met.cause) {
    lines.push(`  ${lines.length === 0 ? '' : 'because of '}${met.name}: ${met.message}`);
    lines.push(...errorFrames(met).map((frame) => `    ${frame}`));
  }
  return lines;
}
