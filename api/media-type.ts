/** The media type that a body is sent as, in small letters; or, in words, why it is not taken. */
export type ReadMediaType = { readonly type: string } | { readonly notTaken: string };

/** All text here is UTF-8, of which ASCII is a part: another encoding would come out as other letters. */
const CHARSETS: ReadonlySet<string> = new Set(['utf-8', 'utf8', 'us-ascii', 'ascii']);

/**
 * Reads the header `Content-Type`, of which one of `taken` is expected, with no `charset` but UTF-8.
 */
export function readMediaType(header: string | undefined, taken: readonly string[]): ReadMediaType {
  const [essence = '', ...parameters] = (header ?? '').split(';');
  const type = essence.trim().toLowerCase();
  const sent = header === undefined ? 'a body without Content-Type' : `Content-Type '${type}'`;
  if (!taken.includes(type)) return { notTaken: `Cannot take ${sent}: send one of ${taken.join(', ')}` };
  const [, charset = 'utf-8'] = parameters.map((each) => /^\s*charset="?([^"]*)"?\s*$/i.exec(each)).find(Boolean) ?? [];
  if (CHARSETS.has(charset.trim().toLowerCase())) return { type };
  return { notTaken: `Cannot take charset '${charset}' of Content-Type: send UTF-8` };
}

/** The codings in `Content-Encoding`, in small letters, but for `identity`, which changes nothing. */
export function contentCodings(header: string | undefined): string[] {
  const codings = (header ?? '').split(',').map((each) => each.trim().toLowerCase());
  return codings.filter((each) => each !== '' && each !== 'identity');
}
