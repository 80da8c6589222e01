import { type Refusal, type RefusalCode, type Refused, REFUSALS, refusalSentence } from '../services/index.ts';
import { CommandError, EXIT_FAULTS, EXIT_USAGE } from './command-error.ts';
import { PROGRAM } from './program-name.ts';

/**
 * What a service refused, as a fault of the command: a line each; exit code 2 where the request can't be meant.
 *
 * @param option with which another command finds the ledger, with a blank before
 * @param ways which options of the command lead on, by code, where its own differ from those of others
 */
export function refusalError(refused: Refused, option = '', ways: Ways = {}): CommandError {
  const all = [refused, ...refused.others];
  const isUsage = all.some(({ code }) => REFUSALS[code].of === 'request');
  return new CommandError(
    all.map((each) => refusalLine(each, option, ways)),
    isUsage ? EXIT_USAGE : EXIT_FAULTS,
  );
}

function refusalLine(refusal: Refusal, option: string, ways: Ways): string {
  const way = (ways[refusal.code] ?? WAYS[refusal.code])?.replace('{option}', () => option);
  return way === undefined ? refusalSentence(refusal) : `${refusalSentence(refusal)}; ${way}`;
}

const RETROACTIVE = `'--retroactive --note TEXT' does it, and keeps who did and why`;

/** What is said behind a refusal, by its code. */
type Ways = Readonly<Partial<Record<RefusalCode, string>>>;

/** Which options lead on, where a person would not guess them. */
const WAYS: Ways = {
  'day-unreadable': `'--from DAY' says from when on`,
  'instant-unreadable': `'--at INSTANT' says when`,
  'name-missing': `'--by NAME' says it, and is kept`,
  'reason-missing': `'--note TEXT' says it, and is kept`,
  'several-decks-scheduled': `'--from DAY' says from when on it prices calls, '--from ever' puts it in the place of the first`,
  'calls-unpriced':
    `'--allow-unpriced' with '--retroactive --note TEXT' imports it, puts these calls in quarantine, and keeps who did ` +
    'and why',
  'deck-reprices-calls': RETROACTIVE,
  'deck-reprices-waiting-calls': RETROACTIVE,
  'deck-changes-past-prices': RETROACTIVE,
  'deck-removes-past-prices': RETROACTIVE,
  'schedule-moved': 'try again',
  'offer-rejudges-calls': RETROACTIVE,
  'page-unusable': `'--limit COUNT' says how many`,
  'limit-unusable': `'--limit COUNT' says how many`,
  'reason-unknown': `'--reason CODE' takes one`,
  'hole-unusable': `'${PROGRAM} holes list' shows it`,
  'nothing-restored': `'--in-place' goes without '--nothing-lost'`,
  'already-at-home': `'--in-place' does it all the same, where a copy was restored into that very database`,
  'no-calls': `'${PROGRAM} rate FILE{option}' brings some in`,
};
