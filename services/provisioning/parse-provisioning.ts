import type { DeviceSpan, Line, LineSpan, NetworkSpan, UsageClass } from '../../rater/index.ts';
import { parseCidr } from '../../rules/index.ts';
import type { NumberingPlan } from '../../tariffs/index.ts';
import { MAX_TEXT_LENGTH, quote } from '../../formats/index.ts';
import { isPossibleNumber } from '../numbers/shown-number.ts';
import { readProvisioningTable, type ProvisioningFault, type ProvisioningRow } from './provisioning-table.ts';

/** The texts of the four files; devices and networks may be left out. */
export interface ProvisioningTexts {
  readonly accounts: string;
  readonly lines: string;
  readonly devices?: string;
  readonly networks?: string;
}

export interface ProvisioningOptions {
  /** An instant from text, ms since the epoch, or `null`: `CivilTime.parseInstant` of the offer's zone. */
  readonly parseInstant: (text: string) => number | null;
  /** The numbering plan, by which two notations of a number are one: `+33 (0)1…` and `+331…`. */
  readonly plan?: NumberingPlan;
  /** Offers that a line may have; without it any id is taken. */
  readonly offers?: readonly string[];
  /** File names for the faults. */
  readonly names?: Partial<Record<keyof ProvisioningTexts, string>>;
}

export interface Account {
  readonly id: string;
  readonly name: string;
}

/** What was read; of files with faults what could be read of them. */
interface ReadProvisioning {
  readonly accounts: readonly Account[];
  readonly lines: readonly Line[];
  /**
   * The row of the file of lines in which a span of a line stands, by where the span begins (ms since the epoch);
   * `null`: the first row of the line.
   */
  readonly rowOf: (line: string, spanFrom: number | null) => number | null;
}

export type ParsedProvisioning = ReadProvisioning &
  ({ readonly kind: 'provisioning' } | { readonly kind: 'faults'; readonly faults: readonly ProvisioningFault[] });

/**
 * Reads accounts, lines, devices and networks: all or nothing, every fault named with file, line, column and value.
 * `docs/reference/provisioning.md` describes the columns. Spans come out sorted; those of a line never overlap.
 */
export function parseProvisioning(texts: ProvisioningTexts, options: ProvisioningOptions): ParsedProvisioning {
  const faults: ProvisioningFault[] = [];
  const nameOf = (file: keyof ProvisioningTexts): string => options.names?.[file] ?? `${file}.csv`;
  const table = (file: keyof ProvisioningTexts, columns: readonly string[]): readonly ProvisioningRow[] | null => {
    const text = texts[file];
    return text === undefined ? [] : readProvisioningTable(nameOf(file), text, columns, faults);
  };
  const accountRows = table('accounts', ['account', 'name']);
  const accounts = readAccounts(accountRows ?? []);
  const lineRows = table('lines', lineColumns);
  const lines = readLines(lineRows ?? [], accountRows === null ? null : accounts, options);
  const knownLines = lineRows === null ? null : lines;
  readDevices(table('devices', ['line', 'user_agent', 'from', 'to']) ?? [], knownLines, options);
  readNetworks(table('networks', ['line', 'cidr', 'from', 'to']) ?? [], knownLines, options);
  const read: ReadProvisioning = {
    accounts: [...accounts.values()],
    lines: [...lines.values()].map(finished),
    rowOf: (id, spanFrom) => {
      const line = lines.get(id);
      if (spanFrom === null) return line?.firstRow.line ?? null;
      return line?.spans.find(({ span }) => span.from === spanFrom)?.row.line ?? null;
    },
  };
  return faults.length > 0 ? { kind: 'faults', faults, ...read } : { kind: 'provisioning', ...read };
}

const lineColumns = ['line', 'account', 'number', 'offer', 'usage_class', 'mobility', 'equipment', 'from', 'to'];

function readAccounts(rows: readonly ProvisioningRow[]): Map<string, Account> {
  const accounts = new Map<string, Account>();
  for (const row of rows) {
    const id = readId(row, 'account');
    if (id === null) continue;
    if (accounts.has(id)) row.fault('account', `Cannot add account ${quote(id)}: it stands twice`);
    else accounts.set(id, { id, name: readText(row, 'name') });
  }
  return accounts;
}

interface Placed<T> {
  readonly span: T;
  readonly row: ProvisioningRow;
}

interface LineDraft {
  readonly id: string;
  readonly account: string;
  readonly firstRow: ProvisioningRow;
  readonly spans: Placed<LineSpan>[];
  readonly devices: DeviceSpan[];
  readonly networks: NetworkSpan[];
}

/** `accounts` is `null` where they could not be read: then they are not asked. */
function readLines(
  rows: readonly ProvisioningRow[],
  accounts: ReadonlyMap<string, Account> | null,
  options: ProvisioningOptions,
): Map<string, LineDraft> {
  const lines = new Map<string, LineDraft>();
  for (const row of rows) {
    const id = readId(row, 'line');
    const account = readId(row, 'account');
    const span = readLineSpan(row, options);
    if (account !== null && accounts !== null && !accounts.has(account)) {
      row.fault('account', `Cannot use account ${quote(account)}: it is not among the accounts`);
    }
    if (id === null || account === null) continue;
    const line = lines.get(id) ?? { id, account, firstRow: row, spans: [], devices: [], networks: [] };
    lines.set(id, line);
    if (line.account !== account) {
      row.fault(
        'account',
        `Cannot move line ${quote(id)} to account ${quote(account)}: a line stays with its account ${quote(line.account)}`,
      );
    }
    if (span !== null) line.spans.push({ span, row });
  }
  for (const line of lines.values()) checkOverlaps(line);
  checkNumbers([...lines.values()]);
  return lines;
}

function readLineSpan(row: ProvisioningRow, options: ProvisioningOptions): LineSpan | null {
  const interval = readInterval(row, options);
  const number = readNumber(row, options.plan);
  const usageClass = readChoice(row, 'usage_class', usageClasses);
  const mobility = readChoice(row, 'mobility', mobilities);
  const equipment = readChoice(row, 'equipment', equipments);
  const offer = readText(row, 'offer');
  if (offer !== '' && options.offers !== undefined && !options.offers.includes(offer)) {
    row.fault('offer', `Cannot use offer ${quote(offer)}: known are ${options.offers.join(', ')}`);
  }
  if (interval === null || number === undefined || usageClass === null || mobility === null || equipment === null)
    return null;
  return { ...interval, number, offer: offer === '' ? null : offer, usageClass, mobility, equipment };
}

const usageClasses: Readonly<Record<string, UsageClass>> = {
  residential: 'residential',
  business: 'business',
  carrier: 'carrier',
  'phone-shop': 'phone-shop',
  telemarketing: 'telemarketing',
  phoning: 'phoning',
  'call-centre': 'call-centre',
  'prepaid-cards': 'prepaid-cards',
  'voice-services': 'voice-services',
};
const mobilities: Readonly<Record<string, LineSpan['mobility']>> = { '': 'unknown', off: 'off', used: 'used' };
const equipments: Readonly<Record<string, LineSpan['equipment']>> = {
  '': 'unknown',
  managed: 'managed',
  'customer-pbx': 'customer-pbx',
  'customer-gateway': 'customer-gateway',
};

function readChoice<T>(row: ProvisioningRow, column: string, choices: Readonly<Record<string, T>>): T | null {
  const value = row.get(column);
  const choice = Object.hasOwn(choices, value) ? choices[value] : undefined;
  if (choice !== undefined) return choice;
  const known = Object.keys(choices).map((name) => (name === '' ? 'empty' : name));
  row.fault(column, `Cannot use ${quote(value)} as ${column}: known are ${known.join(', ')}`);
  return null;
}

/** A text that may be empty. What the database can't hold is a fault, and not left to the database to find. */
function readText(row: ProvisioningRow, column: string): string {
  const text = row.get(column);
  if (isHoldable(text)) return text;
  row.fault(
    column,
    `Cannot read ${column}: ${quote(text)} is no text of at most ${MAX_TEXT_LENGTH} characters, none of them NUL`,
  );
  return text;
}

function isHoldable(text: string): boolean {
  return text.length <= MAX_TEXT_LENGTH && !text.includes('\0') && text.isWellFormed();
}

function readId(row: ProvisioningRow, column: string): string | null {
  const id = row.get(column);
  if (id !== '' && isHoldable(id)) return id;
  row.fault(column, `Cannot read ${column}: ${quote(id)} is not an id of 1 to ${MAX_TEXT_LENGTH} characters`);
  return null;
}

/** Digits of `+33…`, `null` for an empty field, `undefined` for a fault. */
function readNumber(row: ProvisioningRow, plan: NumberingPlan | undefined): number | null | undefined {
  const text = row.get('number');
  if (text === '') return null;
  if (/^\+[1-9]\d{6,14}$/.test(text)) {
    // A record's party is found by the number that the plan makes of it: a line must have that one.
    const classified = plan?.classify(text);
    if (classified?.kind === 'number') return classified.called;
    if (plan === undefined || isPossibleNumber(text.slice(1))) return Number(text.slice(1));
    row.fault('number', `Cannot use number ${quote(text)}: no country has such a number`);
    return undefined;
  }
  row.fault('number', `Cannot read number ${quote(text)}: it is not E.164, a plus and 7 to 15 digits`);
  return undefined;
}

function readInterval(
  row: ProvisioningRow,
  { parseInstant }: ProvisioningOptions,
): { from: number; to: number } | null {
  const from = parseInstant(row.get('from'));
  const to = row.get('to') === '' ? Infinity : parseInstant(row.get('to'));
  for (const [column, instant] of [
    ['from', from],
    ['to', to],
  ] as const) {
    if (instant !== null) continue;
    row.fault(
      column,
      `Cannot read ${column}: ${quote(row.get(column))} is neither a date nor an ISO 8601 instant with an offset`,
    );
  }
  if (from === null || to === null) return null;
  if (from < to) return { from, to };
  row.fault(
    'to',
    `Cannot use the span: it ends at ${quote(row.get('to'))}, not after it begins at ${quote(row.get('from'))}`,
  );
  return null;
}

function checkOverlaps(line: LineDraft): void {
  line.spans.sort((a, b) => a.span.from - b.span.from || a.row.line - b.row.line);
  let last: Placed<LineSpan> | undefined;
  for (const placed of line.spans) {
    if (last !== undefined && placed.span.from < last.span.to) {
      const began = quote(placed.row.get('from'));
      placed.row.fault(
        'from',
        `Cannot begin a span of line ${quote(line.id)} at ${began}: the one in row ${last.row.line} is in force`,
      );
    }
    if (last === undefined || placed.span.to > last.span.to) last = placed;
  }
}

/** A number that is two lines' at once would make both owners of a diverted call. */
function checkNumbers(lines: readonly LineDraft[]): void {
  const byNumber = Map.groupBy(
    lines
      .flatMap(({ id, spans }) => spans.map((placed) => ({ id, ...placed })))
      .filter(({ span }) => span.number !== null),
    ({ span }) => span.number,
  );
  for (const uses of byNumber.values()) {
    let last: (typeof uses)[number] | undefined;
    for (const use of uses.toSorted((a, b) => a.span.from - b.span.from || a.row.line - b.row.line)) {
      if (last !== undefined && last.id !== use.id && use.span.from < last.span.to) {
        const number = quote(use.row.get('number'));
        use.row.fault(
          'number',
          `Cannot give number ${number} to line ${quote(use.id)}: line ${quote(last.id)} has it in row ${last.row.line}`,
        );
      }
      if (last === undefined || use.span.to > last.span.to) last = use;
    }
  }
}

/** The lines by id; `null` where they could not be read. */
type KnownLines = ReadonlyMap<string, LineDraft> | null;

function readDevices(rows: readonly ProvisioningRow[], lines: KnownLines, options: ProvisioningOptions): void {
  for (const row of rows) {
    const line = knownLine(row, lines);
    const interval = readInterval(row, options);
    const userAgent = readText(row, 'user_agent');
    const isUsable = userAgent !== '' && userAgent !== '*';
    if (!isUsable) row.fault('user_agent', `Cannot use user agent ${quote(userAgent)}: it would match none, or any`);
    if (line !== null && interval !== null && isUsable) line.devices.push({ ...interval, userAgent });
  }
}

function readNetworks(rows: readonly ProvisioningRow[], lines: KnownLines, options: ProvisioningOptions): void {
  for (const row of rows) {
    const line = knownLine(row, lines);
    const interval = readInterval(row, options);
    const cidr = row.get('cidr');
    const isNetwork = parseCidr(cidr) !== null;
    if (!isNetwork)
      row.fault(
        'cidr',
        `Cannot use network ${quote(cidr)}: it is not address/prefix length with no bits behind the prefix`,
      );
    if (line !== null && interval !== null && isNetwork) line.networks.push({ ...interval, cidr });
  }
}

function knownLine(row: ProvisioningRow, lines: KnownLines): LineDraft | null {
  const id = readId(row, 'line');
  const line = id === null ? undefined : lines?.get(id);
  if (id !== null && lines !== null && line === undefined)
    row.fault('line', `Cannot use line ${quote(id)}: it is not among the lines`);
  return line ?? null;
}

function finished({ id, account, spans, devices, networks }: LineDraft): Line {
  return {
    id,
    account,
    spans: spans.map(({ span }) => span),
    devices: devices.toSorted(byStart),
    networks: networks.toSorted(byStart),
  };
}

function byStart(a: { readonly from: number }, b: { readonly from: number }): number {
  return a.from - b.from;
}
