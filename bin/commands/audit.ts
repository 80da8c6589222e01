import {
  AUDIT_ACTIONS,
  type AuditFault,
  auditJson,
  isoInstant,
  type KeptHead,
  ledgerCivilTime,
  readAudit,
  verifyAudit,
} from '../../services/index.ts';
import { EXIT_FAULTS, usageError } from '../command-error.ts';
import type { PlaceOptions } from '../config.ts';
import { withExistingLedger } from '../open-ledger.ts';
import { refusalError } from '../refusal-error.ts';
import { plural, showInstant } from '../show-values.ts';
import { type Terminal, print, printJson } from '../terminal.ts';
import { textTable } from '../text-table.ts';

export interface AuditOptions extends PlaceOptions {
  readonly json?: boolean;
  readonly actor?: string;
  readonly action?: string;
  readonly subject?: string;
  readonly limit?: string;
}

const USUAL_ROWS = '50';

/** `fairtally audit list`: who read personal data, exported, decided or changed anything by the API, latest first. */
export async function listAudit(options: AuditOptions, terminal: Terminal): Promise<void> {
  const { actor, subject, limit = USUAL_ROWS } = options;
  const action = AUDIT_ACTIONS.find((each) => each === options.action);
  if (action === undefined && options.action !== undefined) {
    throw usageError(`Cannot use --action '${options.action}': it is none of ${AUDIT_ACTIONS.join(', ')}`);
  }
  if (!/^[1-9]\d{0,4}$/.test(limit)) throw usageError(`Cannot use --limit '${limit}': it must be a number to 99999`);
  await withExistingLedger(options, terminal, async ({ db }) => {
    const page = await readAudit(db, { actor, subject, action, limit: Number(limit) });
    if (page.kind === 'refused') throw refusalError(page);
    if (options.json === true) return printJson(terminal, { v: 1, records: page.records.map(auditJson) });
    if (page.records.length === 0) return print(terminal, 'Nothing is on record');
    const civilTime = await ledgerCivilTime(db);
    const rows = page.records.map((record) => [
      String(record.no),
      showInstant(Math.floor(record.at / 1000) * 1000, civilTime),
      record.name,
      record.action,
      record.route,
      record.subject,
    ]);
    print(terminal, ...textTable(COLUMNS, rows));
  });
}

const COLUMNS = [
  { heading: 'no', align: 'right' },
  { heading: 'when', align: 'left' },
  { heading: 'who', align: 'left', maxWidth: 30 },
  { heading: 'did', align: 'left' },
  { heading: 'by', align: 'left', maxWidth: 50 },
  { heading: 'what', align: 'left', maxWidth: 80 },
] as const;

export interface VerifyAuditOptions extends PlaceOptions {
  readonly json?: boolean;
  /** `NO:HASH`, as an earlier run printed it. */
  readonly against?: string;
}

/**
 * `fairtally audit verify`: whether every record is there, says what it said, and follows the one before. Returns the
 * exit code.
 */
export async function checkAudit(options: VerifyAuditOptions, terminal: Terminal): Promise<number> {
  const kept = keptHead(options.against);
  return withExistingLedger(options, terminal, async ({ db }) => {
    const { records, head, faults } = await verifyAudit(db, kept);
    const at = isoInstant(Date.now());
    if (options.json === true) printJson(terminal, { v: 1, at, records, head: `${records}:${head}`, faults });
    else {
      const found = faults.length === 0 ? 'each follows the one before' : plural(faults.length, 'fault');
      print(terminal, `${plural(records, 'record')}: ${found}`, ...faults.map(faultText));
      print(terminal, `Keep this where nobody can write who writes to the ledger: ${records}:${head}`);
    }
    return faults.length === 0 ? 0 : EXIT_FAULTS;
  });
}

function keptHead(against: string | undefined): KeptHead | null {
  if (against === undefined) return null;
  const [, no, hash] = /^(\d{1,15}):([0-9a-f]{64})$/.exec(against) ?? [];
  if (no === undefined || hash === undefined) {
    throw usageError(`Cannot use --against '${against}': it is no 'NO:HASH' that 'audit verify' printed`);
  }
  return Number(no) === 0 ? null : { no: Number(no), hash };
}

function faultText({ no, fault }: AuditFault): string {
  switch (fault) {
    case 'missing':
      return `  record ${no} is missing`;
    case 'changed':
      return `  record ${no} does not say what it said`;
    case 'not-after':
      return `  record ${no} does not follow the one before it`;
    default:
      return fault satisfies never;
  }
}
