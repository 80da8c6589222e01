import {
  CALLING_FIELDS,
  DIVERSION_FIELDS,
  FIRST_CALLED_FIELDS,
  HISTORY_FIELDS,
  LINE_FIELDS,
  NUMBER_FIELDS,
  type ProxyOptions,
  REFERRER_FIELDS,
  SOURCE_IP_FIELDS,
  TALKED_FIELDS,
  USER_AGENT_FIELDS,
} from './proxy-call.ts';

/** In which columns of a row in a flat file each party may stand, in the order in which they are asked. */
export interface AccColumns {
  readonly line: readonly number[];
  readonly number: readonly number[];
  readonly calling: readonly number[];
  readonly userAgent: readonly number[];
  readonly sourceIp: readonly number[];
  /** Who was called first. */
  readonly called: readonly number[];
  /** Columns that say nothing of an ordinary call. */
  readonly empty: readonly number[];
}

/** The columns that every row has. */
const FIXED_COLUMNS = 7;
/** Names of columns that all rows have besides those that the script adds. */
const TAGS = ['from_tag', 'to_tag'];

/** Where the fields stand that `decodeTransaction` asks; `null` where the settings change numbers, or name tags. */
export function accColumns(options: ProxyOptions): AccColumns | null {
  const { extraColumns = [], dialPrefixes = [], isExtension, lineFrom = LINE_FIELDS } = options;
  const { numberFrom = NUMBER_FIELDS, userAgentFrom = USER_AGENT_FIELDS, sourceIpFrom = SOURCE_IP_FIELDS } = options;
  if (dialPrefixes.length > 0 || isExtension !== undefined) return null;
  const asked = [...extraColumns, ...lineFrom, ...numberFrom, ...userAgentFrom, ...sourceIpFrom];
  if (asked.some((name) => TAGS.includes(name)) || new Set(extraColumns).size < extraColumns.length) return null;
  const columnsOf = (names: readonly string[]): readonly number[] =>
    names.flatMap((name) => (extraColumns.includes(name) ? [FIXED_COLUMNS + extraColumns.indexOf(name)] : []));
  const headers = [DIVERSION_FIELDS, HISTORY_FIELDS, REFERRER_FIELDS].flatMap((header) => [...header.in(extraColumns)]);
  return {
    line: columnsOf(lineFrom),
    number: columnsOf(numberFrom),
    calling: columnsOf(CALLING_FIELDS),
    userAgent: columnsOf(userAgentFrom),
    sourceIp: columnsOf(sourceIpFrom),
    called: columnsOf(FIRST_CALLED_FIELDS),
    empty: columnsOf(['direction', ...TALKED_FIELDS, ...headers]),
  };
}
