/** The address of a PostgreSQL server. */
export interface ServerAddress {
  /** As messages name it: without password and settings. */
  readonly shown: string;
}

const UNREADABLE =
  `it must be an address such as 'postgres://user@host:5432/name'; within a password '@', '/', '?', '#' and '%' are written ` +
  '%40, %2F, %3F, %23 and %25';

/** The address in `text`; `null` when it is none: `serverAddressFault` says why. */
export function readServerAddress(text: string): ServerAddress | null {
  return serverAddressFault(text) === null ? { shown: shownOf(new URL(text)) } : null;
}

/**
 * What is wrong with the address of a PostgreSQL server, in words that quote nothing of it; `null`: nothing. The
 * driver would take some wrong ones for others: where a password holds an `@`, a `/`, a `#` or a `?` as it is, a part
 * of it would become host, name or setting.
 */
export function serverAddressFault(text: string): string | null {
  if (!/^postgres(?:ql)?:\/\//.test(text)) return `it must be an address such as 'postgres://user@host:5432/name'`;
  if (/[\s\p{Cc}]/u.test(text))
    return 'it holds a blank or a control character, which must be written as %20 and the like';
  const url = URL.parse(text);
  if (url === null) return `${UNREADABLE}, and its port must be a number from 1 to 65535`;
  const { username, password, pathname, search, hash, port } = url;
  if (hash !== '' || /[@:/]/.test(pathname.slice(1)) || search.includes('@') || /[@/?#]/.test(password + username)) {
    return UNREADABLE;
  }
  if (![username, password, pathname, search].every(isDecodable))
    return `a '%' in it does not begin two hexadecimal digits`;
  const ports = [port, ...url.searchParams.getAll('port')].filter((each) => each !== '');
  if (!ports.every((each) => /^\d{1,5}$/.test(each) && Number(each) > 0 && Number(each) < 65_536)) {
    return 'its port must be a number from 1 to 65535';
  }
  return null;
}

function isDecodable(text: string): boolean {
  try {
    return decodeURIComponent(text) !== '' || text === '';
  } catch {
    return false;
  }
}

/** The host may be a folder of sockets, given as a setting. */
function shownOf({ protocol, username, host, pathname, searchParams }: URL): string {
  const shownHost = host === '' ? (searchParams.get('host') ?? '') : host;
  return `${protocol}//${username === '' ? '' : `${username}@`}${shownHost}${pathname}`;
}
