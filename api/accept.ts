/** How much a form is wanted, from 0 to 1, and how narrowly it is named: `*` is 0, `text/*` 1, `text/csv` 2. */
interface Wish {
  readonly quality: number;
  readonly narrowness: number;
}

/**
 * Whether `Accept` wants a form other than JSON, by RFC 9110: the narrowest range that fits a type says how much it is
 * wanted. Where both are wanted as much, JSON is sent unless the other is named.
 */
export function wants(accept: string | undefined, type: string): boolean {
  const [other, json] = [wishFor(accept ?? '', type), wishFor(accept ?? '', 'application/json')];
  return (
    other.quality > json.quality || (other.quality > 0 && other.quality === json.quality && other.narrowness === 2)
  );
}

function wishFor(accept: string, type: string): Wish {
  const [main = ''] = type.split('/', 1);
  let wish: Wish = { quality: 0, narrowness: -1 };
  for (const each of accept.split(',')) {
    const [range = '', ...parameters] = each.split(';').map((part) => part.trim().toLowerCase());
    const narrowness = ['*/*', `${main}/*`, type].indexOf(range);
    if (narrowness <= wish.narrowness) continue;
    const [, quality = '1'] =
      parameters.map((one) => /^q=([01](?:\.\d{0,3})?)$/.exec(one)).find((one) => one !== null) ?? [];
    wish = { quality: Number(quality), narrowness };
  }
  return wish;
}
