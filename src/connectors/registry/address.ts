import { HeadwaterError } from '../../data/errors.ts';
import type { RegistryAuth } from './access.ts';

export interface RegistryAddress {
  /** Without a login and without slashes at the end; `embedded` is the registry inside the data directory. */
  readonly address: string;
  /** Given in the URL as `user:password@`. */
  readonly login: RegistryAuth | undefined;
}

/** Throws HeadwaterError `invalid-option`; its message holds nothing of a login. */
export function registryAddress(url: string): RegistryAddress {
  if (url === 'embedded') return { address: url, login: undefined };
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed === undefined) {
    throw new HeadwaterError(
      'invalid-option',
      `'${withoutLogin(url)}' is not a registry URL; expected http(s)://host:port[/path] or 'embedded'`,
    );
  }
  if (parsed.protocol !== 'http:' && parsed.protocol !== 'https:') {
    throw new HeadwaterError(
      'invalid-option',
      `registry URL '${withoutLogin(url)}' has protocol ${parsed.protocol}; expected http or https`,
    );
  }
  const { username, password } = parsed;
  parsed.username = '';
  parsed.password = '';
  const login =
    username === '' ? undefined : { username: decodeURIComponent(username), password: decodeURIComponent(password) };
  return { address: parsed.toString().replace(/\/+$/, ''), login };
}

const withoutLogin = (url: string): string => url.replace(/^([^@]*\/\/)?.*@/, '$1');
