import { HeadwaterError } from '../../src/data/errors.ts';
import type { ConnectorDescriptor, ConnectorRegistry, FormatDescriptor } from '../../src/planner/connector.ts';
import { explainPlan, planScript, type ScriptPlan } from '../../src/planner/index.ts';
import type { PhysicalPlan } from '../../src/planner/physical.ts';
import { parseScript } from '../../src/sql/index.ts';

/** Connectors with every ability that the planner asks for; they are descriptions only. */
const connectors: readonly ConnectorDescriptor[] = [
  {
    name: 'kafka',
    source: {
      formats: ['json', 'avro-confluent'],
      mode: 'append',
      projectionPushDown: true,
      filterPushDown: true,
      bounded: (options) => options['scan.bounded.mode'] === 'latest-offset',
    },
    sink: { formats: ['json'], accepts: 'append', requiresPrimaryKey: false },
    options: {
      topic: { required: true, description: 'topic' },
      'properties.*': { description: 'client properties' },
      'scan.bounded.mode': { description: 'where to end' },
      'scan.startup.mode': {
        description: 'where to start',
        default: 'earliest-offset',
        validate: (value) => {
          if (!['earliest-offset', 'latest-offset'].includes(value)) {
            throw new HeadwaterError('invalid-option', `scan.startup.mode is '${value}'`);
          }
        },
      },
    },
  },
  {
    name: 'rows',
    source: { formats: [], mode: 'append', projectionPushDown: false, filterPushDown: false, bounded: () => true },
    sink: undefined,
    options: {},
  },
  {
    name: 'cdc',
    source: { formats: [], mode: 'retract', projectionPushDown: true, filterPushDown: false, bounded: () => true },
    sink: undefined,
    options: {},
  },
  {
    name: 'feature',
    source: undefined,
    sink: { formats: [], accepts: 'upsert', requiresPrimaryKey: true },
    options: {},
  },
  {
    name: 'blackhole',
    source: undefined,
    sink: { formats: [], accepts: 'upsert', requiresPrimaryKey: false },
    options: {},
  },
  {
    name: 'print',
    source: undefined,
    sink: { formats: [], accepts: 'retract', requiresPrimaryKey: false },
    options: {},
  },
];

const formats: readonly FormatDescriptor[] = [
  { name: 'json', options: { 'ignore-parse-errors': { description: 'skip' } } },
  { name: 'avro-confluent', options: { url: { required: true, description: 'registry' } } },
];

export const registry: ConnectorRegistry = {
  connectors: new Map(connectors.map((connector) => [connector.name, connector])),
  formats: new Map(formats.map((format) => [format.name, format])),
};

export const TABLES = `
CREATE TABLE events (
  user_id STRING, kind STRING, amount DECIMAL(10, 2), clicks INT, big BIGINT, ratio DOUBLE, ok BOOLEAN, birth DATE,
  ts TIMESTAMP(3), plain TIMESTAMP(3),
  WATERMARK FOR ts AS ts - INTERVAL '5' SECOND
) WITH ('connector' = 'kafka', 'topic' = 'events', 'format' = 'json');
CREATE TABLE facts (id BIGINT NOT NULL, name STRING, n INT, d DECIMAL(10, 2), x DOUBLE)
  WITH ('connector' = 'kafka', 'topic' = 'facts', 'format' = 'json');
CREATE TABLE changes (id BIGINT, name STRING, n INT, PRIMARY KEY (id) NOT ENFORCED) WITH ('connector' = 'cdc');
`;

export function script(sql: string, settings: Readonly<Record<string, string>> = {}): ScriptPlan {
  return planScript(parseScript(sql), {
    registry,
    settings: new Map(Object.entries(settings)),
    defaultName: 'test',
  });
}

/** The plan of the INSERTs, or of the only SELECT, over the tables above. */
export function plan(sql: string): PhysicalPlan {
  const { plan: job, queries } = script(`${TABLES}${sql}`);
  const found = job ?? queries[0];
  if (found === undefined) throw new Error('nothing was planned');
  return found;
}

export function explain(sql: string): string {
  return explainPlan(plan(sql));
}

export interface Failure {
  readonly code: string;
  readonly message: string;
  /** The text at the error's position, to the end of the line. */
  readonly at: string;
}

/** Plans a wrong script over the tables above; fails when it is accepted. */
export function failure(sql: string, settings: Readonly<Record<string, string>> = {}): Failure {
  const text = `${TABLES}${sql}`;
  try {
    script(text, settings);
  } catch (error) {
    if (!(error instanceof HeadwaterError)) throw error;
    const { code, message, position } = error;
    const line = position === undefined ? '' : text.split('\n')[position.line - 1];
    return { code, message, at: position === undefined ? 'no position' : line.slice(position.column - 1) };
  }
  throw new Error(`accepted: ${sql}`);
}
