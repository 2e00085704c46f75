import { checkMaterial, readPem } from '../pem.ts';
import { invalid, oneOf, type Options } from './option-values.ts';

/** TLS to brokers: files of PEM text, or the text itself. Without authorities the system's are trusted. */
export interface BrokerTls {
  readonly truststore: PemSource | undefined;
  /** The client's certificate. */
  readonly certificate: PemSource | undefined;
  /** Its private key. */
  readonly key: PemSource | undefined;
  readonly keyPassword: string | undefined;
  /** The certificate must be of the host that was connected to. */
  readonly checkHost: boolean;
}

export interface PemSource {
  readonly option: string;
  readonly file?: string;
  readonly text?: string;
}

const SSL = 'properties.ssl.';
const TRUSTSTORE = `${SSL}truststore.location`;
const KEYSTORE = `${SSL}keystore.location`;

/** The options of Kafka's own clients, for stores of PEM. Throws HeadwaterError `invalid-option`. */
export function brokerTls(options: Options): BrokerTls {
  for (const store of ['truststore', 'keystore']) {
    // Kafka's default is JKS: a file without a type is looked at when it is read.
    oneOf(options, `${SSL}${store}.type`, ['PEM']);
    if (options[`${SSL}${store}.password`] === undefined) continue;
    throw invalid(
      `'${SSL}${store}.password' is given; a ${store} of PEM text has none (that of its key is '${SSL}key.password')`,
    );
  }
  const keystore = sourceOf(options, KEYSTORE);
  const certificate = sourceOf(options, `${SSL}keystore.certificate.chain`) ?? keystore;
  const key = sourceOf(options, `${SSL}keystore.key`) ?? keystore;
  if ((certificate === undefined) !== (key === undefined)) {
    throw invalid(`expected '${SSL}keystore.key' and '${SSL}keystore.certificate.chain' together, or '${KEYSTORE}'`);
  }
  return {
    truststore: sourceOf(options, TRUSTSTORE) ?? sourceOf(options, `${SSL}truststore.certificates`),
    certificate,
    key,
    keyPassword: options[`${SSL}key.password`],
    checkHost: oneOf(options, `${SSL}endpoint.identification.algorithm`, ['https', '']) === 'https',
  };
}

function sourceOf(options: Options, option: string): PemSource | undefined {
  const value = options[option];
  if (value === undefined) return undefined;
  return option.endsWith('.location') ? { option, file: value } : { option, text: value };
}

/** For `tls.connect`. Throws HeadwaterError `invalid-option`, naming the file. */
export function tlsOptions(tls: BrokerTls): object {
  const { truststore, certificate, key, keyPassword: passphrase, checkHost } = tls;
  const material = { ca: pemOf(truststore), cert: pemOf(certificate), key: pemOf(key), passphrase };
  const sources = [truststore, certificate, key].flatMap((source) => source?.file ?? source?.option ?? []);
  checkMaterial(material, [...new Set(sources)].join(', '));
  return checkHost ? material : { ...material, checkServerIdentity: () => undefined };
}

function pemOf(source: PemSource | undefined): string | undefined {
  if (source?.file !== undefined) return readPem(source.option, source.file);
  return source?.text;
}
