/**
 * The indexes of `places`, ordered by the place that each holds, and in their own order where it is the same. Costs
 * some nanoseconds an index, whatever the places.
 *
 * @param limit above every place; places are whole numbers from 0
 */
export function orderByPlace(places: Uint32Array, limit: number): Uint32Array {
  const ends = new Uint32Array(limit);
  for (const place of places) ends[place]!++;
  for (let place = 1; place < limit; place++) ends[place]! += ends[place - 1]!;
  const ordered = new Uint32Array(places.length);
  for (let index = places.length - 1; index >= 0; index--) ordered[--ends[places[index]!]!] = index;
  return ordered;
}
