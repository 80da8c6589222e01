/**
 * A failure of the operating system, such as a folder where a file should be, in a sentence: `Cannot open 'x': it is a
 * folder`; `null` for any other error. By its code, never by its message, which may quote anything.
 */
export function systemFault(error: unknown): string | null {
  if (!(error instanceof Error)) return null;
  const [code, call, path] = ['code', 'syscall', 'path'].map((field): unknown => Reflect.get(error, field));
  if (code === 'ERR_INVALID_ARG_VALUE' && /null bytes/.test(error.message)) {
    return 'Cannot use a file name that holds the character NUL';
  }
  if (typeof code !== 'string' || typeof call !== 'string' || !/^[a-z]+$/i.test(call)) return null;
  const what = typeof path === 'string' ? ` '${path}'` : '';
  return `Cannot ${call}${what}: ${whyOf(error)}`;
}

/** Why a file could not be read or written, in words; the code of the system where there are none. */
export function whyOf(error: unknown): string {
  const code: unknown = error instanceof Error ? Reflect.get(error, 'code') : undefined;
  if (typeof code !== 'string') return 'it failed';
  return REASONS.get(code) ?? `the system says ${code}`;
}

const REASONS: ReadonlyMap<string, string> = new Map([
  ['ENOENT', 'there is no such file'],
  ['EISDIR', 'it is a folder'],
  ['ENOTDIR', 'a part of its path is a file, not a folder'],
  ['EEXIST', 'it exists already'],
  ['ENOTEMPTY', 'it is not empty'],
  ['EACCES', 'it is not allowed'],
  ['EPERM', 'it is not allowed'],
  ['EROFS', 'nothing can be written there'],
  ['ENOSPC', 'the disk is full'],
  ['EDQUOT', 'the disk quota is used up'],
  ['EFBIG', 'it would become too large'],
  ['EIO', 'the disk failed'],
  ['EMFILE', 'too many files are open'],
  ['ENFILE', 'too many files are open'],
  ['ENAMETOOLONG', 'the name is too long'],
  ['ELOOP', 'its links lead in a circle'],
  ['ENXIO', 'there is no such device'],
  ['ERR_ENCODING_INVALID_ENCODED_DATA', 'it is not UTF-8'],
  ['ERR_INVALID_ARG_VALUE', 'its name holds the character NUL'],
  ['ERR_STRING_TOO_LONG', 'it is too long'],
  ['ERR_FS_FILE_TOO_LARGE', 'it is too long'],
]);
