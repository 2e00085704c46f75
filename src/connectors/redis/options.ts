import { HeadwaterError } from '../../data/errors.ts';
import { parseDuration } from '../../planner/duration.ts';
import type { ConnectorTable } from '../../planner/connector.ts';
import { parseKeyTemplate, type KeyTemplate } from './key-template.ts';

/** How to reach a Redis. */
export interface RedisAddress {
  readonly host: string;
  readonly port: number;
  readonly db: number;
  readonly tls: boolean;
  /** File with the certificates (PEM) that the server's is checked against; undefined: the system's. */
  readonly caFile: string | undefined;
  readonly username: string | undefined;
  readonly password: string | undefined;
}

/** `hash`: one field a column; `json`: one string with the row as a JSON object. */
export type ValueMode = 'hash' | 'json';

export interface RedisOptions {
  /** Undefined for `embedded`: the table image alone. */
  readonly address: RedisAddress | undefined;
  readonly keys: KeyTemplate;
  readonly mode: ValueMode;
  /** Milliseconds from the commit of the epoch to the expiry of the key; undefined: keys stay. */
  readonly ttlMs: number | undefined;
}

type Options = Readonly<Record<string, string>>;

const MODES: readonly ValueMode[] = ['hash', 'json'];

/** Options of a redis table, checked. Errors: `invalid-option`, `key-not-unique`. */
export function parseRedisOptions(table: ConnectorTable): RedisOptions {
  const { options } = table;
  return {
    address: parseAddress(options),
    keys: parseKeyTemplate(
      options['key.prefix'] ?? '',
      options['key.template'] ?? defaultTemplate(table),
      table.name,
      table.primaryKey,
    ),
    mode: parseMode(options.mode),
    ttlMs: options.ttl === undefined ? undefined : parseTtl(options.ttl),
  };
}

/** `redis://host:port/db`: for messages, without user and password. */
export function describeAddress({ tls, host, port, db }: RedisAddress): string {
  const shown = host.includes(':') ? `[${host}]` : host;
  return `${tls ? 'rediss' : 'redis'}://${shown}:${port}/${db}`;
}

/** Whether the options name the table image alone. */
export function isEmbedded(options: Options): boolean {
  return options.url === 'embedded';
}

function defaultTemplate(table: ConnectorTable): string {
  return `${table.name}:${table.primaryKey.map((column) => `{${column}}`).join(':')}`;
}

function parseAddress(options: Options): RedisAddress | undefined {
  const { url } = options;
  if (url === 'embedded') {
    for (const key of ['username', 'password', 'db', 'tls.ca-file']) {
      if (options[key] !== undefined)
        throw invalid(`'${key}' is set, and 'url' is 'embedded': expected one of the two`);
    }
    return undefined;
  }
  const parsed = parseUrl(url);
  const tls = parsed.protocol === 'rediss:';
  if (options['tls.ca-file'] !== undefined && !tls) {
    throw invalid("'tls.ca-file' is set, and 'url' does not begin with 'rediss://': expected both or neither");
  }
  return {
    host: parsed.hostname.replace(/^\[|\]$/g, ''),
    port: parsed.port === '' ? 6379 : Number(parsed.port),
    db: parseDb(options.db, parsed.pathname),
    tls,
    caFile: options['tls.ca-file'],
    username: once('username', options.username, parsed.username),
    password: once('password', options.password, parsed.password),
  };
}

/** Messages must not show the URL as it was given: it may hold a password. */
function parseUrl(url: string): URL {
  const expected = "expected redis://[user:password@]host[:port][/db], rediss://... (TLS), or 'embedded'";
  if (!URL.canParse(url)) throw invalid(`'url' is not a URL: ${expected}`);
  const parsed = new URL(url);
  if (!['redis:', 'rediss:'].includes(parsed.protocol)) {
    throw invalid(`'url' begins with '${parsed.protocol}//': ${expected}`);
  }
  if (parsed.hostname === '') throw invalid(`'url' has no host: ${expected}`);
  if (parsed.search !== '' || parsed.hash !== '') throw invalid(`'url' has a query or a fragment: ${expected}`);
  return parsed;
}

function parseDb(option: string | undefined, path: string): number {
  const inUrl = path.replace(/^\/|\/$/g, '');
  if (option !== undefined && inUrl !== '' && option !== inUrl) {
    throw invalid(`'db' is '${option}', and 'url' names database '${inUrl}': expected one of the two`);
  }
  const text = option ?? inUrl;
  if (text === '') return 0;
  if (!/^\d{1,5}$/.test(text)) throw invalid(`the database is '${text}': expected its number`);
  return Number(text);
}

function once(name: string, option: string | undefined, inUrl: string): string | undefined {
  if (inUrl === '') return option;
  if (option !== undefined) throw invalid(`'${name}' is given as an option and in 'url': expected one of the two`);
  return decodeURIComponent(inUrl);
}

function parseMode(text: string | undefined): ValueMode {
  const mode = MODES.find((candidate) => candidate === (text ?? 'hash'));
  if (mode === undefined) throw invalid(`'mode' is '${text}'; expected one of: ${MODES.join(', ')}`);
  return mode;
}

function parseTtl(text: string): number {
  const ttl = parseDuration(text, "'ttl'");
  if (ttl <= 0) throw invalid(`'ttl' is '${text}'; expected a duration above 0`);
  return ttl;
}

function invalid(message: string): HeadwaterError {
  return new HeadwaterError('invalid-option', message);
}
