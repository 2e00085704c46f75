import { HeadwaterError } from '../../data/errors.ts';
import { parseJaas } from '../kafka/jaas.ts';

export interface RegistryAuth {
  readonly username: string;
  readonly password: string;
}

/** Files of PEM text. */
export interface RegistryTls {
  /** Certificates of authorities to trust instead of the system's. */
  readonly truststore: string | undefined;
  /** The client's certificate and private key. */
  readonly keystore: string | undefined;
  /** Of the private key in the keystore. */
  readonly keystorePassword: string | undefined;
}

/** How to be let in by a registry. Holds secrets: it goes to the HTTP client and nowhere else. */
export interface RegistryAccess {
  readonly login?: RegistryAuth | undefined;
  /** For `Authorization: Bearer`. */
  readonly token?: string | undefined;
  readonly tls?: RegistryTls | undefined;
}

type Options = Readonly<Record<string, string>>;

const PREFIX = 'avro-confluent.';

/** Names of the same settings in Confluent's client, which Flink takes under `avro-confluent.properties.`. */
const CLIENT_NAMES: Readonly<Record<string, string>> = {
  'basic-auth.credentials-source': 'basic.auth.credentials.source',
  'basic-auth.user-info': 'basic.auth.user.info',
  'bearer-auth.credentials-source': 'bearer.auth.credentials.source',
  'bearer-auth.token': 'bearer.auth.token',
  'ssl.truststore.location': 'schema.registry.ssl.truststore.location',
  'ssl.truststore.password': 'schema.registry.ssl.truststore.password',
  'ssl.keystore.location': 'schema.registry.ssl.keystore.location',
  'ssl.keystore.password': 'schema.registry.ssl.keystore.password',
};

/** Of a table's options; the explicit one wins over the client's name. Throws HeadwaterError `invalid-option`. */
export function registryAccess(options: Options): RegistryAccess {
  const get = (name: string): string | undefined =>
    options[PREFIX + name] ?? options[`${PREFIX}properties.${CLIENT_NAMES[name]}`];
  const login = loginOf(get, options);
  const token = tokenOf(get);
  if (login !== undefined && token !== undefined) {
    throw invalid(`'${PREFIX}basic-auth' and '${PREFIX}bearer-auth' are both given; a registry takes one of them`);
  }
  return { login, token, tls: tlsOf(get) };
}

type Get = (name: string) => string | undefined;

function loginOf(get: Get, options: Options): RegistryAuth | undefined {
  const info = get('basic-auth.user-info');
  const source = get('basic-auth.credentials-source') ?? (info === undefined ? 'URL' : 'USER_INFO');
  if (source !== 'USER_INFO' && info !== undefined) {
    throw invalid(
      `'${PREFIX}basic-auth.user-info' is given, and the credentials source is ${source}; expected USER_INFO`,
    );
  }
  switch (source) {
    case 'URL':
      return undefined;
    case 'USER_INFO':
      if (info === undefined) throw needs('basic-auth.user-info', 'credentials source USER_INFO');
      return splitLogin(info);
    case 'SASL_INHERIT': {
      const jaas = options['properties.sasl.jaas.config'];
      if (jaas === undefined) {
        throw invalid(`credentials source SASL_INHERIT needs 'properties.sasl.jaas.config', which is not given`);
      }
      return parseJaas(jaas);
    }
    default:
      throw invalid(
        `'${PREFIX}basic-auth.credentials-source' is '${source}'; expected one of: USER_INFO, URL, SASL_INHERIT`,
      );
  }
}

function splitLogin(info: string): RegistryAuth {
  const colon = info.indexOf(':');
  if (colon < 1) throw invalid(`'${PREFIX}basic-auth.user-info' is not of the form user:password`);
  return { username: info.slice(0, colon), password: info.slice(colon + 1) };
}

function tokenOf(get: Get): string | undefined {
  const token = get('bearer-auth.token');
  const source = get('bearer-auth.credentials-source');
  if (source !== undefined && source !== 'STATIC_TOKEN') {
    throw invalid(`'${PREFIX}bearer-auth.credentials-source' is '${source}'; expected STATIC_TOKEN`);
  }
  if (source !== undefined && token === undefined) throw needs('bearer-auth.token', 'credentials source STATIC_TOKEN');
  if (token !== undefined && !/^[\x21-\x7e]+$/.test(token)) {
    throw invalid(`'${PREFIX}bearer-auth.token' has characters that no HTTP header can hold`);
  }
  return token;
}

function tlsOf(get: Get): RegistryTls | undefined {
  const truststore = get('ssl.truststore.location');
  const keystore = get('ssl.keystore.location');
  if (get('ssl.truststore.password') !== undefined) {
    throw invalid(`'${PREFIX}ssl.truststore.password' is given; a truststore of PEM text has no password`);
  }
  const keystorePassword = get('ssl.keystore.password');
  if (keystorePassword !== undefined && keystore === undefined) {
    throw needs('ssl.keystore.location', `'${PREFIX}ssl.keystore.password'`);
  }
  if (truststore === undefined && keystore === undefined) return undefined;
  return { truststore, keystore, keystorePassword };
}

function needs(option: string, what: string): HeadwaterError {
  return invalid(`${what} needs '${PREFIX}${option}', which is not given`);
}

function invalid(message: string): HeadwaterError {
  return new HeadwaterError('invalid-option', message);
}
