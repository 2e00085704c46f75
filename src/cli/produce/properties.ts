import { readFileSync } from 'node:fs';
import { HeadwaterError } from '../../data/errors.ts';

/** What a client of a cluster may be told; the rest belongs to the producer itself. */
const CLIENT = /^(security\.protocol|client\.id|sasl\.(mechanism|jaas\.config)|ssl\..+)$/;

/**
 * A file of `name=value` lines, as Kafka's command line tools take it; a line that ends in a backslash goes on in the
 * next one. Errors: `bad-arguments`, which never holds a value.
 */
export function readProperties(file: string): Readonly<Record<string, string>> {
  const properties: Record<string, string> = {};
  for (const line of logicalLines(textOf(file))) {
    const match = /^([^\s=:]+)\s*[=:]?\s*(.*)$/.exec(line);
    const name = match?.[1] ?? '';
    if (match === null || !CLIENT.test(name)) {
      throw bad(
        `${file} has '${name}'; expected security.protocol, client.id, sasl.mechanism, sasl.jaas.config, ssl.*`,
      );
    }
    properties[`properties.${name}`] = match[2].replace(/\\(.)/g, (_, escaped: string) =>
      escaped === 'n' ? '\n' : escaped,
    );
  }
  return properties;
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw bad(`--command-config ${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function logicalLines(text: string): string[] {
  return text
    .replace(/\\\r?\n[ \t]*/g, '')
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '' && !/^[#!]/.test(line));
}

function bad(message: string): HeadwaterError {
  return new HeadwaterError('bad-arguments', message);
}
