import type { ConnectorDescriptor, OptionSpec } from '../../planner/connector.ts';
import { parseRedisOptions } from './options.ts';

const OPTIONS: Readonly<Record<string, OptionSpec>> = {
  url: {
    required: true,
    description:
      "redis://[user:password@]host[:port][/db], rediss://... with TLS, or 'embedded': the table image alone.",
  },
  username: { description: 'User of the ACL; default: the default user.' },
  password: { description: 'A secret.' },
  db: { description: 'Number of the database; default 0.' },
  'tls.ca-file': { description: "File with the CA's certificates (PEM); default: the system's." },
  'key.prefix': { description: 'Text in front of every key.' },
  'key.template': { description: 'Form of a key; default <table>:{first key column}:{second key column}...' },
  mode: { default: 'hash', description: 'hash (a field a column) or json (a string with an object).' },
  ttl: { description: 'A key expires this long after the commit of its last change.' },
};

/**
 * A feature table that is also kept in Redis. The runtime writes its committed log as for `feature`, and a follower
 * applies the log to Redis (follower.ts).
 */
export const redisDescriptor: ConnectorDescriptor = {
  name: 'redis',
  source: undefined,
  sink: { formats: [], accepts: 'upsert', requiresPrimaryKey: true },
  options: OPTIONS,
  validate: (table) => void parseRedisOptions(table),
};
