import { Agent as HttpsAgent } from 'node:https';
import { checkMaterial, readPem } from '../pem.ts';
import type { RegistryTls } from './access.ts';

/** Connections over TLS with the certificates of PEM files. Throws HeadwaterError `invalid-option`, naming the file. */
export function tlsAgent(tls: RegistryTls | undefined): HttpsAgent {
  if (tls === undefined) return new HttpsAgent();
  const read = (option: string, file: string | undefined): string | undefined =>
    file === undefined ? undefined : readPem(`avro-confluent.${option}`, file);
  const keystore = read('ssl.keystore.location', tls.keystore);
  const material = {
    ca: read('ssl.truststore.location', tls.truststore),
    cert: keystore,
    key: keystore,
    passphrase: tls.keystorePassword,
  };
  checkMaterial(material, [tls.truststore, tls.keystore].filter((file) => file !== undefined).join(', '));
  return new HttpsAgent(material);
}
