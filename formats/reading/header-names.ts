/**
 * Names under which one SIP header stands among the fields of a record. Headers have no letter case, whoever wrote
 * them on the way has one of his own (`History-info`), and where a dash is no letter of a name an underscore stands
 * for it.
 */
export class HeaderNames {
  /** By their plain spelling, in small letters with underscores: which comes first. */
  readonly #places: ReadonlyMap<string, number>;
  /** Records have hundreds of fields, few of which are so long. */
  readonly #lengths: ReadonlySet<number>;

  /** @param names the names in any spelling, the one that counts first before others */
  constructor(names: readonly string[]) {
    this.#places = new Map(names.map((name, place) => [plain(name), place]));
    this.#lengths = new Set(names.map(({ length }) => length));
  }

  /** Those of some names that are the header's, in the order of the names that it was made of. */
  in(names: readonly string[]): readonly string[] {
    const found: { readonly name: string; readonly place: number }[] = [];
    for (const name of names) {
      const place = this.#lengths.has(name.length) ? this.#places.get(plain(name)) : undefined;
      if (place !== undefined) found.push({ name, place });
    }
    return found.length < 2 ? found.map(nameOf) : found.toSorted((a, b) => a.place - b.place).map(nameOf);
  }
}

const NO_NAMES: readonly string[] = [];
const [H, I] = [0x68, 0x69];

/** In a text of JSON without escaped letters each header has its name in sight. */
const MAY_HAVE_HEADERS = /sip_(?:h_|i_|history)/i;
const ESCAPED = '\\u00';

/**
 * The fields of a FreeSWITCH leg that may be headers: `sip_h_…`, `sip_i_…`, `sip_history_info`. A leg has hundreds, so
 * that they are looked through once, and where its text has no such name not at all: that takes a third of the time.
 *
 * @param before what stands before every name, and is left out: `variable_`
 * @param text the JSON that the fields were read from, or one that has it within; `null` where there is none
 */
export function headersOfLeg(
  fields: Readonly<Record<string, unknown>>,
  before = '',
  text: string | null = null,
): readonly string[] {
  if (text !== null && !MAY_HAVE_HEADERS.test(text) && !text.includes(ESCAPED)) return NO_NAMES;
  const found: string[] = [];
  for (const key of Object.keys(fields)) {
    // In small letters; most names have another sign there.
    const sign = key.charCodeAt(before.length + 4) | 0x20;
    if ((sign === H || sign === I) && key.startsWith(before)) found.push(key.slice(before.length));
  }
  return found;
}

function plain(name: string): string {
  return name.toLowerCase().replaceAll('-', '_');
}

function nameOf({ name }: { readonly name: string }): string {
  return name;
}

/** Each of some beginnings of names, with a header after it. */
export function headerNames(beginnings: readonly string[], header: string): HeaderNames {
  return new HeaderNames(beginnings.map((beginning) => beginning + header));
}
