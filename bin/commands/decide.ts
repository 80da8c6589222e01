import { repeatWhileCut } from '../../ledger/index.ts';
import { checkDecision, type DecisionRequest, decideCase, outcomeJson, readLineReport } from '../../services/index.ts';
import type { PlaceOptions } from '../config.ts';
import { decidedText, futileText } from '../decision-text.ts';
import { withExistingLedger } from '../open-ledger.ts';
import { refusalError } from '../refusal-error.ts';
import { linesReport } from '../report-text.ts';
import { type Terminal, print, printJson } from '../terminal.ts';

export interface DecideOptions extends PlaceOptions, Pick<DecisionRequest, 'at' | 'by' | 'note' | 'dryRun'> {
  readonly json?: boolean;
}

/**
 * `fairtally decide`: an analyst's decision on a line, a period and a condition, or what it would change. What the line
 * comes to after it is printed.
 */
export async function decide(
  [line, period, condition, kind]: readonly [string, string, string, string],
  options: DecideOptions,
  terminal: Terminal,
): Promise<void> {
  const { at, by, note, dryRun, json = false } = options;
  const request: DecisionRequest = { line, period, condition, kind, at, by, note, dryRun };
  const fault = checkDecision(request);
  if (fault !== null) throw refusalError(fault);
  await withExistingLedger(options, terminal, async (ledger) => {
    const outcome = await decideCase(ledger, request);
    if (outcome.kind === 'refused') throw refusalError(outcome);
    if (json) return printJson(terminal, outcomeJson(outcome));
    if (outcome.kind === 'unchanged') return print(terminal, ...futileText(outcome, ledger.option));
    print(terminal, ...decidedText(outcome, by, ledger.option));
    if (!outcome.isKept) return;
    const { on } = outcome;
    const report = await repeatWhileCut(() => readLineReport(ledger, on.period, { id: on.line, no: on.lineNo }));
    if (report.lines.length > 0) print(terminal, ...linesReport(report.lines, report, terminal.columns));
  });
}
