/** For how long somebody is taken to be on a case after his page said so last. */
const PRESENT_MS = 40_000;
const MOST_CASES = 10_000;

/** Somebody who looks at a case. */
export interface Present {
  readonly name: string;
  /** ms since the epoch. */
  readonly since: number;
}

interface Seen extends Present {
  readonly until: number;
}

/** Who looks at which case, as their pages say again and again: in the memory of this process, and nowhere else. */
export class PresentPeople {
  readonly #cases = new Map<string, Map<string, Seen>>();

  /** Notes that somebody is on a case, or has left it; returns the others who are, the first come first. */
  note(
    caseKey: string,
    who: { readonly id: string; readonly name: string },
    isHere: boolean,
    now: number,
  ): readonly Present[] {
    const seen = this.#cases.get(caseKey) ?? new Map<string, Seen>();
    for (const [id, { until }] of seen) if (until <= now) seen.delete(id);
    const before = seen.get(who.id);
    if (isHere) seen.set(who.id, { name: who.name, since: before?.since ?? now, until: now + PRESENT_MS });
    else seen.delete(who.id);
    // The case that was told of last stands last: what was not heard of for longest is forgotten first.
    this.#cases.delete(caseKey);
    if (seen.size > 0) this.#cases.set(caseKey, seen);
    if (this.#cases.size > MOST_CASES) this.#cases.delete(this.#cases.keys().next().value!);
    return [...seen].flatMap(([id, { name, since }]) => (id === who.id ? [] : { name, since }));
  }
}
