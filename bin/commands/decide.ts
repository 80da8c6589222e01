import {
  addDecision,
  countFactChange,
  loadDecisions,
  loadLines,
  loadStandingBreaches,
  lockHeads,
  markLinesStale,
} from '../../ledger/index.ts';
import { CONDITION_IDS } from '../../rules/index.ts';
import { CommandError, usageError } from '../command-error.ts';
import type { PlaceOptions } from '../config.ts';
import { ledgerCivilTime } from '../ledger-civil-time.ts';
import { withExistingLedger } from '../open-ledger.ts';
import { linesReport } from '../report-text.ts';
import { readReport } from '../report-data.ts';
import { parsePeriod, showInstant, showPeriod } from '../show-values.ts';
import { type Terminal, print } from '../terminal.ts';

export interface DecideOptions extends PlaceOptions {
  /** Day or instant from which a reinstated line's calls are included again; now when not given. */
  readonly at?: string;
  readonly by: string;
  readonly note: string;
}

const KINDS = ['confirm', 'dismiss', 'reinstate'] as const;

/**
 * `fairtally decide`: an analyst's decision on a line, a period and a condition. It is kept for good, beside those
 * before it, and the line's calls are charged anew as it says.
 */
export async function decide(
  [line, periodText, condition, kindText]: readonly [string, string, string, string],
  options: DecideOptions,
  terminal: Terminal,
): Promise<void> {
  const period = parsePeriod(periodText);
  const kind = KINDS.find((known) => known === kindText);
  const faults: string[] = [];
  if (period === null) faults.push(`Cannot use period '${periodText}': it is no month such as '2026-11'`);
  if (kind === undefined) faults.push(`Cannot decide '${kindText}': it is none of ${KINDS.join(', ')}`);
  if (!CONDITION_IDS.some((known) => known === condition)) {
    faults.push(`Cannot decide on condition '${condition}': it is none of ${CONDITION_IDS.join(', ')}`);
  }
  if (options.by.trim() === '') faults.push(`Cannot decide for nobody: '--by' is empty`);
  if (faults.length > 0 || period === null || kind === undefined) throw usageError(faults);
  await withExistingLedger(options, terminal, async (ledger) => {
    const { db, engine } = ledger;
    const civilTime = await ledgerCivilTime(db);
    const effectiveAt = options.at === undefined ? Date.now() : civilTime.parseInstant(options.at);
    if (effectiveAt === null) {
      throw usageError(
        `Cannot use --at '${options.at ?? ''}': it is no day or instant such as '2026-11-20' or '2026-11-20T08:00:00+01:00'`,
      );
    }
    // What waits for facts entered since is judged first: a decision is on what the ledger would say today.
    await engine.catchUp();
    await db.transaction(async (tx) => {
      const [known] = await loadLines(tx, { ids: [line] });
      if (known === undefined) throw new CommandError(`Cannot decide on line '${line}': the ledger has no such line`);
      await lockHeads(tx, [known.bucket]);
      const finding = (await loadStandingBreaches(tx)).find(
        (breach) => breach.line === known.no && breach.period === period && breach.finding.condition === condition,
      )?.finding;
      const earlier = (await loadDecisions(tx)).filter(
        ({ decision }) => decision.line === line && decision.period === period && decision.condition === condition,
      );
      if (finding === undefined && earlier.length === 0) {
        throw new CommandError(
          `Cannot ${kind} condition '${condition}' for line '${line}' in ${showPeriod(period)}: it is not broken there, and was never decided on`,
        );
      }
      const breachFrom = finding?.breachFrom ?? earlier.at(-1)?.decision.breachFrom ?? null;
      await addDecision(tx, known, {
        period,
        condition,
        kind,
        effectiveAt,
        breachFrom: kind === 'confirm' ? breachFrom : null,
        decidedBy: options.by,
        note: options.note,
      });
      await countFactChange(tx, [known.bucket]);
      await markLinesStale(tx, [known]);
    });
    engine.forget();
    await engine.catchUp();
    const from = kind === 'reinstate' ? `, from ${showInstant(effectiveAt, civilTime)} on` : '';
    print(
      terminal,
      `Decided: ${kind} '${condition}' for line ${line} in ${showPeriod(period)}${from}, by ${options.by}`,
    );
    const report = await readReport(ledger, period);
    const own = report.lines.filter((other) => other.line === line);
    if (own.length > 0) print(terminal, ...linesReport(own, report, terminal.columns));
  });
}
