import { HeadwaterError } from '../data/errors.ts';
import { byteOf } from './csv/options.ts';
import type { FormatDescriptor, OptionSpec } from '../planner/connector.ts';

const flag = (description: string): OptionSpec => ({ default: 'false', description, validate: oneOf('true', 'false') });

/** Options come without the prefix of the format's name. */
const FORMATS: readonly FormatDescriptor[] = [
  {
    name: 'avro-confluent',
    options: {
      url: { required: true, description: "schema registry: http(s)://host:port, or 'embedded'" },
      subject: {
        description: 'subject that a written schema is registered under; default <topic>-value or <topic>-key',
      },
      schema: {
        description:
          "the reader's schema: its defaults and aliases hold for writers that lack a field; fits the columns",
      },
      ...registryOptions(),
      'ignore-parse-errors': flag('count undecodable records and leave them out instead of failing'),
    },
  },
  {
    name: 'json',
    options: {
      'fail-on-missing-field': flag('a field that is missing is an error rather than NULL'),
      'ignore-parse-errors': flag('bad fields are NULL, and bad records are counted and left out, instead of failing'),
      'timestamp-format.standard': {
        default: 'SQL',
        description: "how timestamps are written: SQL '2024-02-29 12:00:00', ISO-8601 '2024-02-29T12:00:00'",
        validate: oneOf('SQL', 'ISO-8601'),
      },
      'encode.decimal-as-plain-number': flag('decimals are written without an exponent'),
      'encode.ignore-null-fields': flag('fields that are NULL are not written'),
    },
  },
  {
    name: 'csv',
    options: {
      'field-delimiter': { default: ',', description: 'between fields', validate: character('field-delimiter') },
      'quote-character': { description: 'around fields that hold special characters; unset: "' },
      'disable-quote-character': flag('no character quotes fields'),
      'escape-character': {
        description: 'takes the meaning from the next one',
        validate: character('escape-character'),
      },
      'array-element-delimiter': { default: ';', description: 'between the elements of an ARRAY' },
      'null-literal': { description: 'text that stands for NULL' },
      'allow-comments': flag('lines that begin with # are left out'),
      'ignore-parse-errors': flag('bad fields are NULL, and rows that are too long are counted and left out'),
    },
  },
  { name: 'parquet', options: {} },
];

export const formatDescriptors: ReadonlyMap<string, FormatDescriptor> = new Map(
  FORMATS.map((format) => [format.name, format]),
);

function character(option: string): (value: string) => void {
  return (value) => void byteOf(`csv.${option}`, value);
}

function oneOf(...accepted: readonly string[]): (value: string) => void {
  return (value) => {
    if (accepted.includes(value)) return;
    throw new HeadwaterError('invalid-option', `'${value}' is not accepted; expected one of: ${accepted.join(', ')}`);
  };
}

/** How to be let in by a registry; each also under its name in Confluent's client, as `properties.<name>`. */
function registryOptions(): Record<string, OptionSpec> {
  const options: Record<string, readonly [description: string, client: string]> = {
    'basic-auth.credentials-source': [
      'where the login is: USER_INFO (in basic-auth.user-info), URL, SASL_INHERIT (that of the brokers)',
      'basic.auth.credentials.source',
    ],
    'basic-auth.user-info': ['login of the registry, user:password. A secret', 'basic.auth.user.info'],
    'bearer-auth.credentials-source': ['where the token is: STATIC_TOKEN', 'bearer.auth.credentials.source'],
    'bearer-auth.token': ['token for the registry. A secret', 'bearer.auth.token'],
    'ssl.truststore.location': ['PEM file of authorities to trust', 'schema.registry.ssl.truststore.location'],
    'ssl.truststore.password': ['refused: PEM files have none', 'schema.registry.ssl.truststore.password'],
    'ssl.keystore.location': ['PEM file of a certificate and its key', 'schema.registry.ssl.keystore.location'],
    'ssl.keystore.password': ["password of the keystore's key. A secret", 'schema.registry.ssl.keystore.password'],
  };
  return Object.fromEntries(
    Object.entries(options).flatMap(([name, [description, client]]) => [
      [name, { description }],
      [`properties.${client}`, { description: `the same as ${name}` }],
    ]),
  );
}
