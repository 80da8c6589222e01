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

  /**
   * The names of the header that an object has, in the order of `names`.
   *
   * @param before what stands before every name of the object, and is left out of those returned: `variable_`
   */
  in(fields: Readonly<Record<string, unknown>>, before = ''): readonly string[] {
    const found: { readonly name: string; readonly place: number }[] = [];
    for (const key of Object.keys(fields)) {
      if (!this.#lengths.has(key.length - before.length) || !key.startsWith(before)) continue;
      const name = key.slice(before.length);
      const place = this.#places.get(plain(name));
      if (place !== undefined) found.push({ name, place });
    }
    return found.length < 2 ? found.map(nameOf) : found.toSorted((a, b) => a.place - b.place).map(nameOf);
  }
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
