import { EmbeddedLog } from '../connectors/embedded/index.ts';
import { HeadwaterError } from '../data/errors.ts';
import { parseAssignments, parseWords } from './command-line.ts';

export const TOPICS_USAGE = `headwater topics [list|create|alter|trim] [NAME] [options]: topics of the embedded log

  list                     partitions, offsets and options of each topic (default)
  create NAME              with --partitions N (default 4) and --config
  alter NAME               --partitions N gives it more, --config changes options
  trim NAME                deletes now what the options say; otherwise it is deleted when the topic is written

  --config NAME=VALUE      retention.ms: how long records are kept; retention.bytes: how many bytes a partition keeps;
                           -1 keeps everything (default). The newest record batch of a partition always stays
  --data-dir DIR           of the embedded log (default .headwater)
  --json                   for machines

Topics of a cluster are Kafka's own business: kafka-topics.sh.`;

const DEFAULT_PARTITIONS = 4;
const OPTIONS = {
  partitions: { type: 'string' },
  config: { type: 'string', multiple: true },
  'data-dir': { type: 'string' },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

/** Errors: `bad-arguments`, and those of the log. */
export function topicsCommand(argv: readonly string[], write: (text: string) => void): void {
  const { values, positionals } = parseWords(argv, OPTIONS, TOPICS_USAGE);
  if (values.help === true) return write(`${TOPICS_USAGE}\n`);
  const [action = 'list', name, ...more] = positionals;
  if (more.length > 0) throw bad(`'${more[0]}' is one argument too many`);
  const log = new EmbeddedLog(values['data-dir'] ?? '.headwater');
  try {
    if (action === 'list') return list(log, name, values.json === true, write);
    if (name === undefined) throw bad(`${action} needs the name of a topic`);
    const config = Object.fromEntries(parseAssignments('--config', values.config ?? []));
    const partitions = values.partitions === undefined ? undefined : Number(values.partitions);
    switch (action) {
      case 'create':
        log.createTopic(name, partitions ?? DEFAULT_PARTITIONS, config);
        break;
      case 'alter':
        if (partitions !== undefined) log.addPartitions(name, partitions);
        log.configure(name, config);
        break;
      case 'trim':
        log.trim(name);
        break;
      default:
        throw bad(`there is no '${action}'`);
    }
    list(log, name, values.json === true, write);
  } finally {
    log.close();
  }
}

function list(log: EmbeddedLog, only: string | undefined, json: boolean, write: (text: string) => void): void {
  const names = only === undefined ? log.listTopics() : [only];
  const topics = names.map((topic) => {
    const { partitions, retention } = log.describe(topic);
    return {
      topic,
      partitions,
      config: { 'retention.ms': retention.ms ?? -1, 'retention.bytes': retention.bytes ?? -1 },
    };
  });
  if (json) return write(`${JSON.stringify({ topics })}\n`);
  for (const { topic, partitions, config } of topics) {
    const records = partitions.reduce((sum, { start, end }) => sum + end - start, 0);
    const options = Object.entries(config).map(([name, value]) => (value === -1 ? '' : `, ${name}=${value}`));
    write(`${topic}: ${partitions.length} partitions, ${records} offsets${options.join('')}\n`);
  }
}

function bad(reason: string): HeadwaterError {
  return new HeadwaterError('bad-arguments', `${reason}\n\n${TOPICS_USAGE}`);
}
