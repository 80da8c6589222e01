const HIDDEN = '…';
/**
 * `scheme://user:PASSWORD@`, to the last `@`: a password may hold blanks, quotes and `@` where somebody forgot to
 * encode them.
 */
const IN_ADDRESS = /([a-z][\w+.-]*:\/\/[^\s:@/]*):.*@/gi;
/** An address without `@` where the password would end: what follows the user and is no port. */
const IN_BROKEN_ADDRESS = /([a-z][\w+.-]*:\/\/[^\s:@/]*):(?!\d{1,5}(?:[/\s'",)]|$))(?!…@)[^\s'"]+/gi;
/** `password=…`, `sasl.password = '…'`, `PGPASSWORD=…`. */
const AS_PAIR = /([\w.-]*(?:pass(?:word|wd|phrase)?|pwd|secret|token)\s*=\s*)('[^']*'?|"[^"]*"?|[^\s'"&;,]+)/gi;
/** `"password": "…"`. */
const AS_JSON = /("[\w.-]*(?:pass(?:word|wd|phrase)?|pwd|secret|token)[\w.-]*"\s*:\s*)("(?:[^"\\]|\\.)*"?|[^\s,}]+)/gi;
const PRIVATE_KEY = /-----BEGIN [^-]*PRIVATE KEY-----[\s\S]*/g;

/**
 * Text for stderr or a log with what looks like a password or a key left out: in addresses, `name=value` pairs, JSON,
 * PEM. It is the last resort: what reads secrets never quotes them.
 */
export function withoutSecrets(text: string): string {
  return text
    .replace(PRIVATE_KEY, `-----BEGIN ${HIDDEN}`)
    .replace(IN_ADDRESS, `$1:${HIDDEN}@`)
    .replace(IN_BROKEN_ADDRESS, `$1:${HIDDEN}`)
    .replace(AS_PAIR, `$1${HIDDEN}`)
    .replace(AS_JSON, `$1"${HIDDEN}"`);
}
