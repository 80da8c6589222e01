import type { NumberingPlan } from '../../tariffs/index.ts';
import type { Cdr, NoCall } from './cdr.ts';
import type { Line } from '../line/line.ts';

/** The parties that a record names, each of which may make it another line's: `Directory` says whose they are. */
export function partiesOf({ line, diversions, transferredBy }: Cdr | NoCall): string[] {
  return transferredBy === null ? [line, ...diversions] : [line, ...diversions, transferredBy];
}

/**
 * What facts would have to be of to make parties one of our lines, or another one: `line:…` for the text as an id,
 * `line:+…` for the number that it is, in any notation. A line's `factKeys` meet them.
 */
export function partyKeys(parties: readonly string[], plan: NumberingPlan): string[] {
  const keys = parties.flatMap((party) => {
    const classified = plan.classify(party);
    const own = keyOfText(party);
    return classified.kind === 'refusal' ? [own] : [own, keyOfNumber(classified.called)];
  });
  return [...new Set(keys)];
}

/** What parties would have to say to name a line: its id, or a number that is its at any time. */
export function factKeys({ id, spans }: Pick<Line, 'id'> & { readonly spans: readonly Numbered[] }): string[] {
  return [keyOfText(id), ...spans.flatMap(({ number }) => (number === null ? [] : [keyOfNumber(number)]))];
}

interface Numbered {
  readonly number: number | null;
}

/** The one key by which registrations of a party are kept: of its number, where it is one in any notation. */
export function registeredKey(party: string, plan: NumberingPlan): string {
  return partyKeys([party], plan).at(-1)!;
}

/** The keys of all registrations of a line, while `number` is its number. */
export function registeredKeysOf(id: string, number: number | null, plan: NumberingPlan): readonly string[] {
  const own = registeredKey(id, plan);
  if (number === null || keyOfNumber(number) === own) return [own];
  return [own, keyOfNumber(number)];
}

/** No line's id has the character NUL, and no text of the database. */
function keyOfText(text: string): string {
  return `line:${text.replaceAll('\0', '')}`;
}

function keyOfNumber(number: number): string {
  return `line:+${number}`;
}
