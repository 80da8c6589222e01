import { type Database, readHoles } from '../ledger/index.ts';
import { PROGRAM } from './program-name.ts';
import { plural } from './show-values.ts';

/** What is wrong with the positions of sources: bytes that the ledger has passed though nothing explains them. */
export async function holeFaults(db: Database, sources: readonly { readonly source: string }[]): Promise<string[]> {
  const named = new Set(sources.map(({ source }) => source));
  return (await readHoles(db)).flatMap(({ source, position, hole }) => {
    if (!named.has(source)) return [];
    const what = hole > 0 ? 'belong to no record and separate none' : 'were counted twice';
    return [
      `Cannot account for '${source}' up to byte ${position}: ${plural(Math.abs(hole), 'byte')} ${what}; once it is explained: ` +
        `${PROGRAM} holes settle '${source}' 0 --hole ${hole}`,
    ];
  });
}
