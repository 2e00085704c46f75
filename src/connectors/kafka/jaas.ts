import { HeadwaterError } from '../../data/errors.ts';

/**
 * User and password of a JAAS line as Kafka's Java client takes it:
 * `org.apache.kafka.common.security.plain.PlainLoginModule required username="u" password="p";`.
 * The message of the error never holds the value, which is a secret.
 */
export function parseJaas(config: string): { username: string; password: string } {
  const values = new Map<string, string>();
  for (const match of config.matchAll(/(\w+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)')/g)) {
    values.set(match[1], (match[2] ?? match[3]).replace(/\\(.)/g, '$1'));
  }
  const username = values.get('username');
  const password = values.get('password');
  if (username === undefined || password === undefined) {
    throw new HeadwaterError(
      'invalid-option',
      `'properties.sasl.jaas.config' needs username="..." and password="..." of a PlainLoginModule or ScramLoginModule`,
    );
  }
  return { username, password };
}
