import { type Cdr, type NoCall, canonicalText } from '../../rater/index.ts';

/**
 * What records say, each made once. Two say the same when their texts are equal: contents can be made that share a
 * hash.
 */
export class Texts {
  readonly #texts = new Map<Cdr | NoCall, string>();

  of(cdr: Cdr | NoCall): string {
    let text = this.#texts.get(cdr);
    if (text === undefined) {
      text = canonicalText(cdr);
      this.#texts.set(cdr, text);
    }
    return text;
  }
}
