import Negotiator from 'negotiator';

/**
 * Whether `Accept` wants a form other than JSON, by RFC 9110. Where both are wanted as much, the one that is named is
 * sent, or the one that is named first; JSON where neither is.
 */
export function wants(accept: string | undefined, type: string): boolean {
  return new Negotiator({ headers: { accept } }).mediaType(['application/json', type]) === type;
}

/** Whether a header `Accept-Encoding` names gzip, or everything, and not as what is unwelcome (`q=0`). */
export function takesGzip(acceptEncoding: string | string[] | undefined): boolean {
  // Two names of one coding.
  const said = [acceptEncoding ?? []]
    .flat()
    .join(',')
    .replace(/\bx-gzip\b/gi, 'gzip');
  return new Negotiator({ headers: { 'accept-encoding': said } }).encodings(['gzip']).length > 0;
}
