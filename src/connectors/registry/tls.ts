import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Agent as HttpsAgent } from 'node:https';
import { createSecureContext } from 'node:tls';
import { HeadwaterError } from '../../data/errors.ts';
import type { RegistryTls } from './access.ts';

/** Connections over TLS with the certificates of PEM files. Throws HeadwaterError `invalid-option`, naming the file. */
export function tlsAgent(tls: RegistryTls | undefined): HttpsAgent {
  if (tls === undefined) return new HttpsAgent();
  const ca = tls.truststore === undefined ? undefined : readPem('ssl.truststore.location', tls.truststore);
  const keystore = tls.keystore === undefined ? undefined : readPem('ssl.keystore.location', tls.keystore);
  const settings = { ca, cert: keystore, key: keystore, passphrase: tls.keystorePassword };
  try {
    // The context takes authorities that are none without a word.
    if (ca !== undefined) new X509Certificate(ca);
    createSecureContext(settings);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const files = [tls.truststore, tls.keystore].filter((file) => file !== undefined).join(', ');
    throw invalid(`the certificates of ${files} cannot be used: ${reason}`);
  }
  return new HttpsAgent(settings);
}

const JKS_MAGIC = 'feedfeed';

function readPem(option: string, file: string): string {
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    throw invalid(`'avro-confluent.${option}': ${error instanceof Error ? error.message : String(error)}`);
  }
  const text = bytes.toString('latin1');
  if (text.includes('-----BEGIN ')) return text;
  const kind = bytes.subarray(0, 4).toString('hex') === JKS_MAGIC ? 'a Java key store (JKS)' : 'no PEM text';
  throw invalid(
    `'avro-confluent.${option}': ${file} is ${kind}; expected PEM. Convert with: keytool -importkeystore -srckeystore ` +
      'FILE -destkeystore store.p12 -deststoretype PKCS12, then openssl pkcs12 -in store.p12 -out store.pem',
  );
}

function invalid(message: string): HeadwaterError {
  return new HeadwaterError('invalid-option', message);
}
