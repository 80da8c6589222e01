import { readFileSync } from 'node:fs';
import type { Offer } from '../../rules/index.ts';

const FILE = new URL('../../rules/offers/full-illimite.json', import.meta.url);

/** The product's first offer, as its file has it. */
export function fullIllimite(): Offer {
  return JSON.parse(readFileSync(FILE, 'utf8'));
}
