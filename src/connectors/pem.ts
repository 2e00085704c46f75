import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import { HeadwaterError } from '../data/errors.ts';

/** Certificates and keys as PEM text, in Node's names. */
export interface TlsMaterial {
  readonly ca: string | undefined;
  readonly cert: string | undefined;
  readonly key: string | undefined;
  readonly passphrase: string | undefined;
}

/** Throws HeadwaterError `invalid-option` when a connection could not use them; `where` names the files or options. */
export function checkMaterial(material: TlsMaterial, where: string): void {
  try {
    // The context takes authorities that are none without a word.
    if (material.ca !== undefined) new X509Certificate(material.ca);
    createSecureContext(material);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw invalid(`the certificates of ${where} cannot be used: ${reason}`);
  }
}

const JKS_MAGIC = 'feedfeed';

/** The text of a PEM file that an option names. Throws HeadwaterError `invalid-option`. */
export function readPem(option: string, file: string): string {
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    throw invalid(`'${option}': ${error instanceof Error ? error.message : String(error)}`);
  }
  const text = bytes.toString('latin1');
  if (text.includes('-----BEGIN ')) return text;
  const kind = bytes.subarray(0, 4).toString('hex') === JKS_MAGIC ? 'a Java key store (JKS)' : 'no PEM text';
  throw invalid(
    `'${option}': ${file} is ${kind}; expected PEM. Convert with: keytool -importkeystore -srckeystore ` +
      'FILE -destkeystore store.p12 -deststoretype PKCS12, then openssl pkcs12 -in store.p12 -out store.pem',
  );
}

function invalid(message: string): HeadwaterError {
  return new HeadwaterError('invalid-option', message);
}
