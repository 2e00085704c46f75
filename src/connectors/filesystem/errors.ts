import { HeadwaterError, runtimeError } from '../../data/errors.ts';

/** What the operating system said about a file. */
export function fileError(path: string, verb: 'read' | 'write', error: unknown): HeadwaterError {
  if (error instanceof HeadwaterError) return error;
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  switch (code) {
    case 'ENOENT':
      return runtimeError('file-not-found', `${path} does not exist`, error);
    case 'ENOTDIR':
      return runtimeError(
        'file-access',
        `${path} cannot be ${verb === 'read' ? 'read' : 'written'}: a part of the path is no folder`,
        error,
      );
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return runtimeError(
        'file-access',
        `${path} may not be ${verb === 'read' ? 'read' : 'written'} by this process (${code})`,
        error,
      );
    default:
      return runtimeError(
        'file-access',
        `${path} cannot be ${verb === 'read' ? 'read' : 'written'}: ${error instanceof Error ? error.message : String(error)}`,
        error,
      );
  }
}

/** A row that does not fit its table; `where` is a line, or a row of a row group. */
export function badRow(path: string, where: string, reason: string, cause: unknown): HeadwaterError {
  return runtimeError('undecodable-record', `${path}, ${where}: the row cannot be read: ${reason}`, cause);
}
