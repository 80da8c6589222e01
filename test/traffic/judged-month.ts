import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { canonicalNdjson } from '../../formats/canonical/canonical-ndjson.ts';
import type { Decoded } from '../../formats/format.ts';
import { type ParsedProvisioning, parseProvisioning } from '../../services/provisioning/parse-provisioning.ts';
import type { Offer } from '../../rules/index.ts';
import { compileCivilTime } from '../../tariffs/index.ts';
import { plan } from '../support/ledger-under-test.ts';
import { classify } from '../support/oracle-view.ts';
import { judgeEverything } from '../support/oracle/oracle.ts';
import type { OracleDeckRow, OracleEvidence, OracleResult } from '../support/oracle/oracle-types.ts';

const OFFER = new URL('../../rules/offers/full-illimite.json', import.meta.url);

/** The records of a folder, each decoded by itself. */
export function decodedRecords(folder: string): Decoded[] {
  const bytes = readFileSync(join(folder, 'calls.ndjson'));
  const decoded: Decoded[] = [];
  for (let start = 0; start < bytes.length;) {
    const end = bytes.indexOf(10, start);
    decoded.push(canonicalNdjson.decode(bytes, start, end));
    start = end + 1;
  }
  return decoded;
}

export function provisioningOf(folder: string): Extract<ParsedProvisioning, { kind: 'provisioning' }> {
  const text = (name: string): string => readFileSync(join(folder, `${name}.csv`), 'utf8');
  const parsed = parseProvisioning(
    { accounts: text('accounts'), lines: text('lines'), devices: text('devices'), networks: text('networks') },
    { parseInstant: compileCivilTime('Europe/Paris').parseInstant, offers: ['full-illimite'] },
  );
  if (parsed.kind === 'faults') throw new Error(parsed.faults.map(({ problem }) => problem).join('\n'));
  return parsed;
}

/** The month as the oracle judges it, which sees the files alone and knows no plan of any line. */
export function judgeMonth(folder: string, decoded: readonly Decoded[]): OracleResult {
  const offer: Offer = JSON.parse(readFileSync(OFFER, 'utf8'));
  return judgeEverything({
    records: decoded.flatMap((record) => (record.kind === 'call' ? [record.cdr] : [])),
    lines: provisioningOf(folder).lines,
    offers: [offer],
    decisions: [],
    deck: plan.destinations.map(({ name }) => priceOf(name)),
    classify,
  });
}

function priceOf(destination: string): OracleDeckRow {
  return {
    of: { destination },
    pricePerMinute: '0.01',
    connection: '0',
    initialIncrementS: 60,
    nextIncrementS: 60,
    effectiveFrom: 0,
    effectiveTo: null,
  };
}

/** The oracle's evidence in the words of `expected.json`. */
export function breachOf(evidence: OracleEvidence | null, called: ReadonlyMap<string, number>): unknown {
  switch (evidence?.kind) {
    case undefined:
      return null;
    case 'distinct-numbers':
      return { condition: evidence.kind, maxNumbers: evidence.max, crossing: named(evidence.crossing, called) };
    case 'sip-mobility':
    case 'equipment':
      return { condition: evidence.kind, why: evidence.why, firstCall: named(evidence.first, called) };
    case 'usage-class':
      return {
        condition: evidence.kind,
        usageClass: evidence.usageClass,
        firstCall: named(evidence.first, called),
      };
    case 'conversational-use': {
      const broken = evidence.measures.filter(({ broke }) => broke).map(({ measure, value }) => [measure, value]);
      return { condition: evidence.kind, broken: Object.fromEntries(broken) };
    }
    case 'monthly-minutes':
      return { condition: evidence.kind, crossing: named(evidence.crossing, called) };
    default:
      return evidence satisfies never;
  }
}

function named(
  { identity, startedAt }: { readonly identity: string; readonly startedAt: number },
  called: ReadonlyMap<string, number>,
): unknown {
  const [switchId, callId, legId]: string[] = JSON.parse(identity);
  const start = new Date(startedAt).toISOString();
  return { switch: switchId, call: callId, leg: legId, startedAt: start, called: called.get(identity) };
}
