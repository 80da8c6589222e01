import type { TakenFile } from '../ingest/index.ts';
import type { UnmatchedName } from '../formats/index.ts';
import { PROGRAM } from './program-name.ts';
import { plural, showCount } from './show-values.ts';

type Taken = Extract<TakenFile, { kind: 'taken' }>;

/**
 * What makes a run that went through look as if its options, or its files, were wrong: each one a line for people. A
 * run with warnings has taken in all that there was.
 *
 * @param option names the ledger in commands: `--data …`, or nothing
 */
export function runWarnings(taken: readonly Taken[], option: string): string[] {
  const read = taken.filter(({ counts }) => (counts.get('received\t') ?? 0) > 0);
  if (read.length === 0) return [];
  return [...unmatchedWarnings(read), ...outcomeWarnings(read, option)];
}

/** What was named and fitted no record of any file. */
function unmatchedWarnings(read: readonly Taken[]): string[] {
  const [first, ...others] = read.map(({ unmatched }) => unmatched);
  return (first ?? [])
    .filter((one) => others.every((names) => isIn(names, one)))
    .map(({ setting, name }) => `Warning: --${setting} '${name}' fits no record: calls towards it would be none`);
}

function isIn(names: readonly UnmatchedName[], one: UnmatchedName): boolean {
  return names.some(({ setting, name }) => setting === one.setting && name === one.name);
}

function outcomeWarnings(read: readonly Taken[], option: string): string[] {
  const counts = new RunCounts(read);
  const received = counts.of('received');
  const quarantined = counts.of('quarantined');
  const noCalls = counts.of('not-a-call');
  const warnings: string[] = [];
  const isNoneCall =
    counts.of('rated') === 0 && counts.of('duplicate') === 0 && counts.of('not-a-call', 'registration') === 0;
  if (isNoneCall && quarantined > 0) {
    const rest = noCalls === 0 ? '' : `, ${showCount(noCalls)} are no call`;
    warnings.push(
      `Warning: not one of ${plural(received, 'record')} was rated: ${showCount(quarantined)} went to quarantine${rest} ` +
        `(${PROGRAM} quarantine${option})`,
    );
  }
  const answered = ANSWERED.reduce((sum, reason) => sum + counts.of('not-a-call', reason), 0);
  if (isNoneCall && quarantined === 0 && answered > 0) {
    const shown = ANSWERED.filter((reason) => counts.of('not-a-call', reason) > 0);
    const reasons = shown.map((reason) => `${showCount(counts.of('not-a-call', reason))} ${reason}`);
    warnings.push(
      `Warning: not one of ${plural(received, 'record')} is a call, though many may have been answered ` +
        `(${reasons.join(', ')}): are the trunks or gateways those of this switch?`,
    );
  }
  const monthless = counts.of('quarantined', 'month-not-prepared');
  if (monthless > 0) {
    warnings.push(
      `Warning: ${plural(monthless, 'record')} wait for months that have no partition: ` +
        `'${PROGRAM} setup --months FROM..TO${option}' as the tables' owner makes them`,
    );
  }
  return warnings;
}

/** Reasons for which an answered leg is no call, among them those that wrong names lead to. */
const ANSWERED = ['inbound', 'internal', 'application', 'other-leg'] as const;

/** The counts of several files together. */
class RunCounts {
  readonly #counts = new Map<string, number>();

  constructor(files: readonly Taken[]) {
    for (const { counts } of files) {
      for (const [key, records] of counts) this.#counts.set(key, (this.#counts.get(key) ?? 0) + records);
    }
  }

  /** Records of an outcome, for one reason or for any. */
  of(outcome: string, reason?: string): number {
    if (reason !== undefined) return this.#counts.get(`${outcome}\t${reason}`) ?? 0;
    let sum = 0;
    for (const [key, records] of this.#counts) if (key.split('\t', 1)[0] === outcome) sum += records;
    return sum;
  }
}
