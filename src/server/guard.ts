import { isIP } from 'node:net';
import { HeadwaterError } from '../data/errors.ts';
import type { ApiKeys } from './api-keys.ts';
import type { HttpRequest } from './http.ts';

const LOOPBACK: Readonly<Record<string, string>> = { '127.0.0.1': '127.0.0.1', localhost: '127.0.0.1', '::1': '::1' };

/** Who may use a route: everybody, who may read, or who may change things. */
export type Access = 'open' | 'read' | 'all';

/**
 * The address to listen on. Beyond loopback only with API keys: throws `bind-refused`. Errors: `bad-host` for what is no
 * address.
 */
export function bindAddress(host: string, keys: ApiKeys | undefined): string {
  const address = Object.hasOwn(LOOPBACK, host) ? LOOPBACK[host] : undefined;
  if (address !== undefined) return address;
  if (keys === undefined) {
    throw new HeadwaterError(
      'bind-refused',
      `Headwater does not listen on '${host}' without API keys: whoever reaches it may read features and submit SQL; ` +
        `expected 127.0.0.1, or keys in HEADWATER_API_KEYS or HEADWATER_API_KEYS_FILE`,
    );
  }
  if (isIP(host) !== 0) return host;
  throw new HeadwaterError(
    'bad-host',
    `Headwater does not listen on '${host}': expected an IP address such as 127.0.0.1, or 0.0.0.0 for all`,
  );
}

/**
 * Refuses what a page in somebody's browser could send here: another site's name that resolves to this address (DNS
 * rebinding) gives itself away by Host, a cross-site request by Origin. With keys any Host will do: such a page has none.
 */
export function checkCaller({ host, origin }: HttpRequest, keys: ApiKeys | undefined): void {
  if (keys === undefined && (host === undefined || !isLoopbackHost(host))) {
    throw new HeadwaterError(
      'host-refused',
      `the Host header is '${host ?? ''}': expected localhost, 127.0.0.1 or [::1], with or without a port`,
    );
  }
  if (origin === undefined) return;
  const site = origin.replace(/^https?:\/\//, '');
  if (!isLoopbackHost(site) && (keys === undefined || site !== host)) {
    throw new HeadwaterError(
      'origin-refused',
      `requests of pages from '${origin}' are refused: expected a page from this server`,
    );
  }
}

/** Checks the caller's key, where keys are asked for. Throws `unauthenticated`, `forbidden`. */
export function checkAccess(request: HttpRequest, access: Access, keys: ApiKeys | undefined): void {
  if (keys === undefined || access === 'open') return;
  const key = request.apiKey ?? bearerOf(request.authorization);
  const scope = key === undefined ? undefined : keys.scopeOf(key);
  if (scope === undefined) {
    throw new HeadwaterError(
      'unauthenticated',
      `${key === undefined ? 'there is no API key' : 'the API key is not known'}: ` +
        `expected one as 'authorization: Bearer KEY' or 'x-api-key: KEY'`,
    );
  }
  if (access === 'all' && scope === 'read') {
    throw new HeadwaterError(
      'forbidden',
      `the API key may read only: expected one without 'read:' for ${request.method} here`,
    );
  }
}

function bearerOf(authorization: string | undefined): string | undefined {
  return authorization === undefined ? undefined : /^Bearer +(\S+) *$/i.exec(authorization)?.[1];
}

function isLoopbackHost(host: string): boolean {
  return /^(localhost|127\.0\.0\.1|\[::1\])(:\d{1,5})?$/i.test(host);
}
