import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, join } from 'node:path';
import { HeadwaterError } from '../../data/errors.ts';
import { INT } from '../../data/types.ts';
import { seededRandom } from '../../runtime/connector-context.ts';
import type { ProduceOptions } from './arguments.ts';
import { DataSet } from './data-set.ts';
import type { EventSource } from './event-source.ts';
import { UserActivity } from './user-activity.ts';

/** Errors: `bad-arguments`, `data-set-missing`, `bad-record`. */
export async function openSource(options: ProduceOptions): Promise<EventSource> {
  const { what, users, skew, disorder, late, lateness, seed } = options;
  if (what === 'user-activity') {
    return new UserActivity({ users, skew, disorder, late, lateness, random: seededRandom(seed) });
  }
  const { openDataFile } = await import('./data-files.ts');
  if (what === 'flights') {
    const path = flightsFile();
    const types = { delay: INT, distance: INT };
    const { eventTime = 'date', key = 'origin' } = options;
    return new DataSet(await openDataFile(path), { name: 'flights', path, eventTime, key, types });
  }
  if (options.eventTime === undefined) {
    throw new HeadwaterError('bad-arguments', `${what}: expected --event-time COLUMN, the column with each row's time`);
  }
  const name = basename(what)
    .replace(/\.[^.]*$/, '')
    .replace(/[^A-Za-z0-9._-]/g, '-');
  return new DataSet(await openDataFile(what), { name, path: what, eventTime: options.eventTime, key: options.key });
}

function flightsFile(): string {
  const folders = createRequire(import.meta.url).resolve.paths('vega-datasets') ?? [];
  const files = folders.map((folder) => join(folder, 'vega-datasets/data/flights-3m.parquet'));
  const found = files.find((file) => existsSync(file));
  if (found !== undefined) return found;
  throw new HeadwaterError(
    'data-set-missing',
    'the flights are in the npm package vega-datasets, which is not installed here: npm install vega-datasets@3.2.1, ' +
      'or give a file: headwater produce FILE --event-time COLUMN',
  );
}
