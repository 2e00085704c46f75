import { HeadwaterError } from '../data/errors.ts';
import type { FormatDescriptor, OptionSpec } from '../planner/connector.ts';

const flag = (description: string): OptionSpec => ({ default: 'false', description, validate: oneOf('true', 'false') });

/** Options come without the prefix of the format's name. */
const FORMATS: readonly FormatDescriptor[] = [
  {
    name: 'avro-confluent',
    options: {
      url: { required: true, description: "schema registry: http(s)://host:port, or 'embedded'" },
      'basic-auth.credentials-source': {
        description: 'where the login is; USER_INFO: in basic-auth.user-info',
        validate: oneOf('USER_INFO'),
      },
      'basic-auth.user-info': { description: 'login of the registry, user:password', validate: userInfo },
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
    },
  },
];

export const formatDescriptors: ReadonlyMap<string, FormatDescriptor> = new Map(
  FORMATS.map((format) => [format.name, format]),
);

function oneOf(...accepted: readonly string[]): (value: string) => void {
  return (value) => {
    if (accepted.includes(value)) return;
    throw new HeadwaterError('invalid-option', `'${value}' is not accepted; expected one of: ${accepted.join(', ')}`);
  };
}

function userInfo(value: string): void {
  if (!/^[^:]+:/.test(value)) throw new HeadwaterError('invalid-option', 'the login is not of the form user:password');
}
