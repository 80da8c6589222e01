/** Another process moved the source on: we have lost the partition, or an operator has set its position. */
export function isSourceMoved(error: unknown): boolean {
  return codeOf(error) === 'source-moved';
}

/** The database can't be reached, or went away meanwhile. */
export function isDatabaseAway(error: unknown): boolean {
  const code = codeOf(error);
  return code === 'unreachable' || code === 'connection-lost';
}

function codeOf(error: unknown): unknown {
  return error instanceof Error ? Reflect.get(error, 'code') : undefined;
}
