import { HeadwaterError } from '../../data/errors.ts';
import type { TableImage } from '../../store/table-image.ts';
import type { ServerPlatform } from '../platform.ts';

/** A path segment that names something. Throws `bad-request` for broken %-escapes. */
export function decodeName(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw new HeadwaterError('bad-request', `'${segment}' is not %-escaped UTF-8: expected a name`);
  }
}

/** The image of a table by its path segment. Throws `table-not-found`. */
export function imageOf(platform: ServerPlatform, segment: string): { table: string; image: TableImage } {
  const table = decodeName(segment);
  const image = platform.image(table);
  if (image !== undefined) return { table, image };
  const names = platform.tableNames();
  throw new HeadwaterError(
    'table-not-found',
    `there is no table '${table}': expected ${names.length === 0 ? 'a job that writes one' : `one of ${names.join(', ')}`}`,
  );
}
