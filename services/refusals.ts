import type { RefusalRow } from './refusal-row.ts';
import { REFUSALS_OF_CASES } from './refusals-of-cases.ts';
import { REFUSALS_OF_KEYS } from './refusals-of-keys.ts';
import { REFUSALS_OF_LINES } from './refusals-of-lines.ts';
import { REFUSALS_OF_NUMBERS } from './refusals-of-numbers.ts';

/**
 * Everything that services refuse, by code. The command line prints the sentences; `docs/reference/refusals.md` lists
 * the table, and a test holds the page to it. A code never changes its meaning: programs go by it.
 */
export const REFUSALS = {
  ...REFUSALS_OF_CASES,
  ...REFUSALS_OF_KEYS,
  ...REFUSALS_OF_NUMBERS,
  'period-unknown': {
    of: 'request',
    sentence: `Cannot use period '{period}': it is no month such as '2026-11'`,
    remedy: `Give the month as year and month: '2026-11'.`,
  },
  'name-missing': {
    of: 'request',
    sentence: 'Cannot {act} for nobody: it is not said who does it',
    remedy: `Say who does it ('--by NAME'): the name is kept for good.`,
  },
  'reason-missing': {
    of: 'request',
    sentence: 'Cannot {act} without a reason: it is not said why',
    remedy: `Say why ('--note TEXT'): the note is kept for good.`,
  },
  'day-unreadable': {
    of: 'request',
    sentence: `Cannot use day '{from}': it is neither a day such as '2026-12-01' nor 'ever'`,
    remedy: 'Give a civil day, which begins in the zone of the deck; or nothing, for all calls.',
  },
  'instant-unreadable': {
    of: 'request',
    sentence: `Cannot use instant '{at}': it is no day or instant such as '2026-11-20' or '2026-11-20T08:00:00+01:00'`,
    remedy: 'Give a day, or a time with its offset from UTC.',
  },
  'as-of-unreadable': {
    of: 'request',
    sentence: `Cannot report as of '{at}': it is no day or instant such as '2026-11-20' or '2026-11-20T08:00:00+01:00'`,
    remedy: 'Give a day, which means its beginning, or a time with its offset from UTC.',
  },
  'as-of-to-come': {
    of: 'request',
    sentence: `Cannot report as of '{at}': that is yet to come`,
    remedy: 'Give an instant of the past, by the clock of the database.',
  },
  'cursor-unreadable': {
    of: 'request',
    sentence: `Cannot go on after '{cursor}': no page ended with it`,
    remedy: 'Use the cursor as the page before gave it, whole; or begin with the first page.',
  },
  'webhooks-off': {
    of: 'state',
    sentence: 'Cannot sign deliveries: the server has no key for webhooks',
    remedy: `Set FAIRTALLY_WEBHOOK_KEY of 'fairtally serve' to 32 random bytes in base64.`,
  },
  'webhook-target-refused': {
    of: 'request',
    sentence: 'Cannot tell this target: {fault}',
    remedy: 'Give a URL with https at an address of the open internet; FAIRTALLY_WEBHOOK_PRIVATE=1 allows others.',
  },
  'webhooks-too-many': {
    of: 'state',
    sentence: 'Cannot add a webhook: there are {most} that are told already',
    remedy: 'Disable one that is not needed, by PATCH with its id.',
  },
  'webhook-unknown': {
    of: 'state',
    sentence: `Cannot find webhook '{webhook}': there is none of that id`,
    remedy: 'GET /v1/webhooks lists them.',
  },
  'event-unknown': {
    of: 'state',
    sentence: `Cannot find event '{event}': the ledger has none of that id`,
    remedy: 'Use the id as the delivery has it; a ledger that was restored may not have it any more.',
  },
  'usage-cursor-unreadable': {
    of: 'request',
    sentence: `Cannot go on after '{cursor}': it is no cursor of the feed, or was cut short`,
    remedy: 'Use the cursor as the last answer gave it, whole; without one the feed is read from its beginning.',
  },
  'consumer-unusable': {
    of: 'request',
    sentence: `Cannot keep how far consumer '{name}' is: its name must be letters, digits, '.', '_' and '-', 100 at most`,
    remedy: 'Give the consumer a name of such letters, and keep to it.',
  },
  'consumer-unknown': {
    of: 'state',
    sentence: `Cannot forget consumer '{name}': none of that name has reported`,
    remedy: 'Take a name that GET /v1/consumers lists.',
  },
  'cursor-ahead': {
    of: 'request',
    sentence: `Cannot go on after '{cursor}': the ledger has no entries up to there`,
    remedy: 'Use a cursor that this ledger gave.',
  },
  'cursors-crossed': {
    of: 'request',
    sentence: `Cannot count from '{after}' up to '{until}': the one is not before the other`,
    remedy: 'Give the earlier cursor of one reader as `after`, and its later one as `until`.',
  },
  'kind-unknown': {
    of: 'request',
    sentence: `Cannot use kind '{kind}': it is none of {kinds}`,
    remedy: 'Use one of the kinds that the sentence lists.',
  },
  'cursor-of-another-life': {
    of: 'state',
    sentence: 'Cannot go on after a cursor of ledger {life}: this is ledger {here}, a copy that was restored',
    remedy:
      'Drop what was read beyond the place where the copy begins, or read the feed from its beginning: ' +
      'docs/reference/events.md, "A restored ledger".',
  },
  'destination-unknown': {
    of: 'state',
    sentence: `Cannot use destination '{destination}': the numbering plan has none of that name`,
    remedy: 'Use the name as the numbering plan writes it.',
  },
  'page-unusable': {
    of: 'request',
    sentence: `Cannot list '{limit}' records at once: it is no number from 1 to {most}`,
    remedy: 'Ask for fewer, and for the next page with the cursor of the last.',
  },
  'reason-unknown': {
    of: 'request',
    sentence: `Cannot use reason '{reason}': it is none of {reasons}`,
    remedy: 'Use one of the codes that the sentence lists; docs/reference/reasons.md explains them.',
  },
  'record-unusable': {
    of: 'request',
    sentence: `Cannot use record '{record}': it is no number of a record`,
    remedy: `Give the number by which quarantine lists the record ('fairtally quarantine --reason CODE').`,
  },
  'partition-unusable': {
    of: 'request',
    sentence: `Cannot use partition '{partition}': it is no number`,
    remedy: `Give the partition's number as it is listed; a file has one, 0.`,
  },
  'hole-unusable': {
    of: 'request',
    sentence: `Cannot use hole '{hole}': it is no number of positions, and not 0`,
    remedy: `Give the number that 'fairtally holes list' shows.`,
  },
  'offset-unusable': {
    of: 'request',
    sentence: `Cannot move to '{to}': it must be 'start', 'end' or an offset from {start} to {end}`,
    remedy: 'Give one that the log has: what lies outside can not be read.',
  },
  'nothing-restored': {
    of: 'request',
    sentence: `Cannot take the ledger for one restored in place of which nothing was lost: nothing would change`,
    remedy: `Say one of the two ('--in-place', '--nothing-lost').`,
  },
  'period-not-over': {
    of: 'state',
    sentence: `Cannot close period {period}: it lasts until {end}`,
    remedy: 'Wait until the month is over: its calls still come in.',
  },
  'period-closed': {
    of: 'state',
    sentence: `Cannot move period {period}: it is closed`,
    remedy: 'Leave it: a closed bill never changes. What comes later is billed in the first month that is not closed.',
  },
  'period-cannot-move': {
    of: 'state',
    sentence: `Cannot make period {period} '{to}': it is '{from}'`,
    remedy: 'A month goes from open to closing, from there to closed, or back to open.',
  },
  'earlier-period-open': {
    of: 'state',
    sentence: `Cannot close period {period}: {next} is not closed`,
    remedy: 'Close the months one after the other, also one without calls: late calls may be billed in it.',
  },
  'period-not-judged': {
    of: 'state',
    sentence:
      'Cannot close period {period}: {lines} lines and {records} records in quarantine ' +
      'wait to be judged by what was entered since',
    remedy: `Have them judged: a worker does so every second; or close again, which judges them first.`,
  },
  'quarantine-waits': {
    of: 'state',
    sentence: `Cannot close period {period}: {records} records of it wait in quarantine ({reasons})`,
    remedy: `Rate them first ('quarantine list'), or close with '--despite-quarantine': they are billed later then.`,
  },
  ...REFUSALS_OF_LINES,
  'account-unknown': {
    of: 'state',
    sentence: `Cannot use account '{account}': the ledger has no such account`,
    remedy: 'Check the id of the account, and where the ledger is.',
  },
  'call-unknown': {
    of: 'state',
    sentence: `Cannot explain call '{call}': no such call was rated, and no record that names it waits in quarantine`,
    remedy: 'Check the id of the call, and the account and the month where they were given: it may be elsewhere.',
  },
  'offer-unknown': {
    of: 'state',
    sentence: `Cannot find offer '{offer}': the ledger has no such offer, or not this version`,
    remedy: `Give an offer's id, or a version as id@version ('fairtally offers list').`,
  },
  'deck-unknown': {
    of: 'state',
    sentence: `Cannot find deck '{deck}': it is no file and no deck of the ledger`,
    remedy: `Give a file, or a deck's name, version or both as name@version ('fairtally decks list').`,
  },
  'several-decks-scheduled': {
    of: 'state',
    sentence: `Cannot import deck '{file}': several decks are scheduled, {decks}`,
    remedy: `Say from which day on it prices calls ('--from DAY'); 'ever' puts it in the place of the first.`,
  },
  'deck-currency-differs': {
    of: 'state',
    sentence:
      `Cannot import deck '{file}': its prices are in '{currency}', and of '{other}', which is scheduled beside it, ` +
      `'{otherCurrency}'`,
    remedy: 'All decks of a schedule have one currency: charges of a month are added up.',
  },
  'deck-time-zone-differs': {
    of: 'state',
    sentence:
      `Cannot import deck '{file}': its days are those of '{zone}', and of '{other}', which is scheduled beside it, ` +
      `'{otherZone}'`,
    remedy: 'All decks of a schedule have one time zone: a day of the schedule begins at one instant.',
  },
  'calls-unpriced': {
    of: 'state',
    sentence: `Cannot import deck '{file}': it has no price for {calls|call|calls} of the ledger: {destinations}`,
    remedy: `Add the prices; or allow it ('--allow-unpriced', '--retroactive', a note): the calls go to quarantine.`,
  },
  'deck-reprices-calls': {
    of: 'state',
    sentence:
      `Cannot import deck '{file}': it prices {calls|call otherwise that is|calls otherwise that are} rated already, ` +
      'from {from} on, {price} {currency} by the minute as priced today',
    remedy: `Give a later day ('--from'); or say that what is rated may change, and why ('--retroactive', a note).`,
  },
  'deck-reprices-waiting-calls': {
    of: 'state',
    sentence:
      `Cannot import deck '{file}': it prices {calls|call otherwise that was rated once and waits|calls otherwise ` +
      'that were rated once and wait} in quarantine now, from {from} on, {price} {currency} by the minute as priced then',
    remedy: `Price these calls as they were; or say that they may change, and why ('--retroactive', a note).`,
  },
  'deck-changes-past-prices': {
    of: 'state',
    sentence:
      `Cannot import deck '{file}': it changes the price of '{key}' from {from} on ({prices|price|prices} of the past ` +
      'in all), and calls up to {to} are rated already or of a day that is over',
    remedy: `Give a later day ('--from'); or say that prices of the past may change, and why ('--retroactive', a note).`,
  },
  'deck-removes-past-prices': {
    of: 'state',
    sentence:
      `Cannot import deck '{file}': it takes away the price of '{key}' from {from} on ({prices|price|prices} of the ` +
      'past in all), and calls up to {to} are rated already or of a day that is over',
    remedy: `Keep the prices; or say that prices of the past may change, and why ('--retroactive', a note).`,
  },
  'schedule-moved': {
    of: 'state',
    sentence: `Cannot import deck '{file}': another deck was imported meanwhile`,
    remedy: 'Look at the schedule, and import it again.',
  },
  'offer-time-zone-differs': {
    of: 'state',
    sentence: `Cannot import offer '{offer}' in time zone '{zone}': offer '{other}' of this ledger is in '{otherZone}'`,
    remedy: 'All offers of a ledger have one time zone: months are one calendar.',
  },
  'offer-rejudges-calls': {
    of: 'state',
    sentence:
      `Cannot import offer '{file}': {calls|call is|calls are} rated under '{offer}' already, from {from} on, and ` +
      'would be judged anew',
    remedy: `Give it another id; or say that what is rated may change, and why ('--retroactive', a note).`,
  },
  'no-calls': {
    of: 'state',
    sentence: 'Cannot report: the ledger has no call yet',
    remedy: 'Rate calls first, or check where the ledger is.',
  },
  'record-unknown': {
    of: 'state',
    sentence: `Cannot show record '{record}': quarantine has no record of this number`,
    remedy: 'Check the number, and where the ledger is.',
  },
  'start-not-doubted': {
    of: 'state',
    sentence: `Cannot accept record '{record}': no record of this number waits as 'start-implausible'`,
    remedy: `Look at it ('fairtally quarantine show NO'): it may wait for something else, or be rated.`,
  },
  'record-not-waiting': {
    of: 'state',
    sentence: `Cannot write off record '{record}': no record of this number waits`,
    remedy: `Look at it ('fairtally quarantine show NO'): it may be rated, or be written off already.`,
  },
  'record-not-written-off': {
    of: 'state',
    sentence: `Cannot reopen record '{record}': no record of this number is written off`,
    remedy: `Look at it ('fairtally quarantine show NO'): it may have come again, and wait.`,
  },
  'hole-differs': {
    of: 'state',
    sentence: `Cannot settle the hole of '{source}/{partition}': it is {now}, not {hole}`,
    remedy: 'Look at the hole again: what explained the other may not explain this one.',
  },
  'position-moved': {
    of: 'state',
    sentence: `Cannot move '{source}/{partition}' from {from}: a worker has moved it on`,
    remedy: 'Look at the positions again, and decide anew.',
  },
  'already-at-home': {
    of: 'state',
    sentence: 'Cannot take the ledger for a restored one: it is in the database where it was before',
    remedy: `Nothing is to be done; unless a copy was restored into that very database ('--in-place').`,
  },
  'proof-unreadable': {
    of: 'state',
    sentence: `Cannot use the proof '{file}': it is not what 'fairtally verify --json' writes`,
    remedy: 'Give the file as it was written, whole.',
  },
  'proof-of-another-ledger': {
    of: 'state',
    sentence: `Cannot verify against '{file}': it is of ledger '{ledger}'`,
    remedy: 'Give the proof of this ledger, or check where the ledger is.',
  },
  'proof-in-part': {
    of: 'state',
    sentence: `Cannot verify against '{file}': it lacks bucket '{bucket}'`,
    remedy: 'Give the proof whole: a part of it proves nothing of the rest.',
  },
  'proof-too-long': {
    of: 'state',
    sentence: `Cannot verify against '{file}': it has a bucket twice, or one too many`,
    remedy: 'Give the proof as it was written.',
  },
} as const satisfies Readonly<Record<string, RefusalRow>>;

export type RefusalCode = keyof typeof REFUSALS;

/** The names between braces in a sentence. */
type NamesIn<Text extends string> = Text extends `${string}{${infer Field}}${infer Rest}`
  ? (Field extends `${infer Name}|${string}` ? Name : Field) | NamesIn<Rest>
  : never;

/** The values that the sentence of a code names. */
export type RefusalValues<Code extends RefusalCode> = Readonly<
  Record<NamesIn<(typeof REFUSALS)[Code]['sentence']>, string>
>;

/** One thing that stands in the way of what was asked. */
export interface Refusal {
  readonly code: RefusalCode;
  /** By the names in the sentence of the code. */
  readonly values: Readonly<Record<string, string>>;
}

/** What a service answers instead of doing what it was asked: what stands in the way first, and the others. */
export interface Refused extends Refusal {
  readonly kind: 'refused';
  readonly others: readonly Refusal[];
}

/** A refusal with the values that its sentence names. */
export function refusal<Code extends RefusalCode>(code: Code, values: RefusalValues<Code>): Refusal {
  return { code, values };
}

/** The answer of a service that refuses. */
export function refused(first: Refusal, ...others: readonly Refusal[]): Refused {
  return { kind: 'refused', ...first, others };
}

/** The answer of a service that refuses for all of these; `null` where there is nothing to refuse. */
export function refusedFor(faults: readonly Refusal[]): Refused | null {
  const [first, ...others] = faults;
  return first === undefined ? null : refused(first, ...others);
}

/** What is said of a refusal, in one sentence. */
export function refusalSentence({ code, values }: Refusal): string {
  return REFUSALS[code].sentence.replaceAll(FIELD, (_, name: string, one?: string, many = '') => {
    const value = values[name] ?? '';
    if (one === undefined) return value;
    return `${value.replace(/\B(?=(\d{3})+$)/g, ',')} ${value === '1' ? one : many}`;
  });
}

const FIELD = /\{(\w+)(?:\|([^|}]*)\|([^}]*))?\}/g;
