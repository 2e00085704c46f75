import { HeadwaterError } from '../../data/errors.ts';
import type { TableImage } from '../../store/table-image.ts';
import { eventTime } from '../freshness.ts';
import type { HttpReply } from '../http.ts';
import { checkMembers, kindOf, parseJsonObject, stringsMember } from '../json-body.ts';
import type { RemoteTable, ServerPlatform } from '../platform.ts';
import { json } from '../reply.ts';
import type { Route, RoutedRequest } from '../router.ts';
import { imageOf } from './tables.ts';

/** How long `min_epoch` waits, milliseconds. */
const MAX_WAIT_MS = 1000;
/** Keys of one batch lookup, or of one subscription, at most: main answers them in one turn. */
export const MAX_KEYS = 1000;

export interface LookupObserver {
  /** Seconds on the monotonic clock. */
  readonly now: () => number;
  /** Called after each lookup of a key or of a batch. */
  readonly observe: (table: string, keys: number, found: number, seconds: number) => void;
}

/** Lookups of features by key: one entity, or many. Every answer says how fresh it is. */
export function featureRoutes(platform: ServerPlatform, observer: LookupObserver): Route[] {
  return [
    { method: 'GET', path: '/v1/features/:table/:key', handle: (request) => getOne(platform, observer, request) },
    {
      method: 'POST',
      path: '/v1/features/:table',
      access: 'read',
      handle: (request) => getMany(platform, observer, request),
    },
  ];
}

function getOne(
  platform: ServerPlatform,
  observer: LookupObserver,
  request: RoutedRequest,
): HttpReply | Promise<HttpReply> {
  const started = observer.now();
  const { table, image } = imageOf(platform, request.parameters[0]);
  const { columnNames, minEpoch, source } = parseQuery(request.query);
  const columns = image.resolveColumns(columnNames);
  const key = request.parameters[1];
  const remote = remoteOf(platform, table, source);
  const found = (row: boolean): void => observer.observe(table, 1, row ? 1 : 0, observer.now() - started);
  if (remote !== undefined) return getOneRemote(table, key, columns, remote, minEpoch, found);
  return afterEpoch(image, minEpoch, () => {
    const row = image.get(key, columns);
    found(row !== undefined);
    const { epoch, watermark } = image.freshness;
    if (row === undefined) throw noRow(table, key, epoch);
    return json({
      table,
      key,
      features: row.features,
      epoch: row.epoch,
      as_of: epoch,
      ...eventTime(watermark),
    });
  });
}

async function getOneRemote(
  table: string,
  key: string,
  columns: readonly number[],
  remote: RemoteTable,
  minEpoch: number | undefined,
  found: (row: boolean) => void,
): Promise<HttpReply> {
  await remoteEpoch(remote, minEpoch);
  const { rows, asOf } = await remote.get([key], columns);
  found(rows[0] !== undefined);
  if (rows[0] === undefined) throw noRow(table, key, asOf.epoch);
  return json({ table, key, features: rows[0], source: 'redis', as_of: asOf.epoch, ...eventTime(asOf.watermark) });
}

function noRow(table: string, key: string, epoch: number): HeadwaterError {
  return new HeadwaterError('feature-not-found', `table ${table} has no row with key '${key}' as of epoch ${epoch}`);
}

function getMany(
  platform: ServerPlatform,
  observer: LookupObserver,
  request: RoutedRequest,
): HttpReply | Promise<HttpReply> {
  const started = observer.now();
  const { table, image } = imageOf(platform, request.parameters[0]);
  const body = parseJsonObject(request.body);
  checkMembers(body, ['keys', 'columns', 'min_epoch', 'source']);
  const keys = keysMember(body, image);
  const columns = image.resolveColumns(stringsMember(body, 'columns'));
  const minEpoch = epochMember(body.min_epoch);
  const remote = remoteOf(platform, table, parseSource(body.source));
  const found = (rows: number): void => observer.observe(table, keys.length, rows, observer.now() - started);
  if (remote !== undefined) return getManyRemote(table, keys, columns, remote, minEpoch, found);
  return afterEpoch(image, minEpoch, () => {
    const rows = keys.map((key) => ({ key, row: image.get(key, columns) }));
    const epochs = rows.flatMap(({ row }) => (row === undefined ? [] : [row.epoch]));
    found(epochs.length);
    const { epoch, watermark } = image.freshness;
    return json({
      table,
      rows: rows.map(({ key, row }) => (row === undefined ? null : { key, features: row.features, epoch: row.epoch })),
      lowest_epoch: epochs.length === 0 ? null : epochs.reduce((a, b) => Math.min(a, b)),
      highest_epoch: epochs.length === 0 ? null : epochs.reduce((a, b) => Math.max(a, b)),
      as_of: epoch,
      ...eventTime(watermark),
    });
  });
}

function keysMember(body: Readonly<Record<string, unknown>>, image: TableImage): readonly string[] {
  const keys = stringsMember(body, 'keys');
  if (keys === undefined) {
    throw new HeadwaterError(
      'bad-request',
      `'keys' is missing: expected an array of keys such as "${image.keys.pattern}"`,
    );
  }
  if (keys.length > MAX_KEYS) {
    throw new HeadwaterError('too-many-keys', `'keys' has ${keys.length} keys: expected at most ${MAX_KEYS}`);
  }
  return keys;
}

/** Redis keeps no epoch per row: the rows lie between the epochs that were complete before and after they were read. */
async function getManyRemote(
  table: string,
  keys: readonly string[],
  columns: readonly number[],
  remote: RemoteTable,
  minEpoch: number | undefined,
  found: (rows: number) => void,
): Promise<HttpReply> {
  await remoteEpoch(remote, minEpoch);
  const { rows, asOf, highestEpoch } = await remote.get(keys, columns);
  found(rows.filter((row) => row !== undefined).length);
  return json({
    table,
    rows: rows.map((features, i) => (features === undefined ? null : { key: keys[i], features })),
    source: 'redis',
    lowest_epoch: asOf.epoch,
    highest_epoch: highestEpoch,
    as_of: asOf.epoch,
    ...eventTime(asOf.watermark),
  });
}

/** Where a lookup reads: where the table lives, unless the image is asked for. */
function remoteOf(platform: ServerPlatform, table: string, source: Source | undefined): RemoteTable | undefined {
  if (source === 'image') return undefined;
  const remote = platform.remote?.(table);
  if (source === 'redis' && remote === undefined) {
    throw new HeadwaterError(
      'bad-request',
      `source is 'redis', and table ${table} is not kept in Redis: expected 'image'`,
    );
  }
  return remote;
}

async function remoteEpoch(remote: RemoteTable, minEpoch: number | undefined): Promise<void> {
  if (minEpoch === undefined || (await remote.waitForEpoch(minEpoch, MAX_WAIT_MS))) return;
  throw new HeadwaterError(
    'epoch-not-reached',
    `epoch ${minEpoch} could not be read from ${remote.where} within ${MAX_WAIT_MS} ms`,
    { kind: 'runtime' },
  );
}

/** Answers at once where the epoch can be read already; else when it can, within MAX_WAIT_MS. */
function afterEpoch(
  image: TableImage,
  minEpoch: number | undefined,
  answer: () => HttpReply,
): HttpReply | Promise<HttpReply> {
  const reached = minEpoch === undefined ? true : image.waitForEpoch(minEpoch, MAX_WAIT_MS);
  if (reached === true) return answer();
  return reached.then((inTime) => {
    if (inTime) return answer();
    throw new HeadwaterError(
      'epoch-not-reached',
      `epoch ${minEpoch} could not be read within ${MAX_WAIT_MS} ms, the table is at epoch ${image.freshness.epoch}`,
      { kind: 'runtime' },
    );
  });
}

type Source = 'redis' | 'image';

function parseSource(value: unknown): Source | undefined {
  if (value === undefined || value === 'redis' || value === 'image') return value;
  const given = typeof value === 'string' ? `'${value}'` : kindOf(value);
  throw new HeadwaterError('bad-request', `source is ${given}: expected 'redis' or 'image'`);
}

interface Query {
  readonly columnNames: readonly string[] | undefined;
  readonly minEpoch: number | undefined;
  readonly source: Source | undefined;
}

const NO_QUERY: Query = { columnNames: undefined, minEpoch: undefined, source: undefined };

function parseQuery(query: string): Query {
  if (query === '') return NO_QUERY;
  const parameters = new URLSearchParams(query);
  checkMembers(Object.fromEntries(parameters), ['columns', 'min_epoch', 'source']);
  const columns = parameters.get('columns');
  const minEpoch = parameters.get('min_epoch');
  return {
    columnNames: columns === null ? undefined : columns.split(','),
    minEpoch: minEpoch === null ? undefined : parseEpoch(minEpoch),
    source: parseSource(parameters.get('source') ?? undefined),
  };
}

function parseEpoch(text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new HeadwaterError('bad-request', `min_epoch is '${text}': expected the number of an epoch`);
}

function epochMember(value: unknown): number | undefined {
  if (value === undefined) return undefined;
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
  const given = typeof value === 'number' ? String(value) : kindOf(value);
  throw new HeadwaterError('bad-request', `'min_epoch' is ${given}: expected the number of an epoch`);
}
