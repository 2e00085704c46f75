import { HeadwaterError } from '../data/errors.ts';

const LOOPBACK: Readonly<Record<string, string>> = { '127.0.0.1': '127.0.0.1', localhost: '127.0.0.1', '::1': '::1' };

/** The address to listen on. Nothing authenticates callers yet, so only loopback is allowed: throws `bind-refused`. */
export function bindAddress(host: string): string {
  const address = Object.hasOwn(LOOPBACK, host) ? LOOPBACK[host] : undefined;
  if (address !== undefined) return address;
  throw new HeadwaterError(
    'bind-refused',
    `Headwater does not listen on '${host}': whoever reaches it may read features and submit SQL; expected 127.0.0.1`,
  );
}

/**
 * Refuses what a page in somebody's browser could send here: another site's name that resolves to this address (DNS
 * rebinding) gives itself away by Host, a cross-site request by Origin. Returns the error, or undefined.
 */
export function checkCaller(host: string | undefined, origin: string | undefined): HeadwaterError | undefined {
  if (host === undefined || !isLoopbackHost(host)) {
    return new HeadwaterError(
      'host-refused',
      `the Host header is '${host ?? ''}': expected localhost, 127.0.0.1 or [::1], with or without a port`,
    );
  }
  if (origin !== undefined && !isLoopbackHost(origin.replace(/^https?:\/\//, ''))) {
    return new HeadwaterError(
      'origin-refused',
      `requests of pages from '${origin}' are refused: expected a page from this server`,
    );
  }
  return undefined;
}

function isLoopbackHost(host: string): boolean {
  return /^(localhost|127\.0\.0\.1|\[::1\])(:\d{1,5})?$/i.test(host);
}
