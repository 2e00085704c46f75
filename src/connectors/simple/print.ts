import type { ConnectorDescriptor } from '../../planner/connector.ts';

/** Rows on standard output, once their epoch is committed, as Flink's print connector formats them. */
export const printDescriptor: ConnectorDescriptor = {
  name: 'print',
  source: undefined,
  sink: { formats: [], accepts: 'retract', requiresPrimaryKey: false },
  options: { 'print-identifier': { description: 'text in front of each row, followed by "> "' } },
};

/** The sink of a SELECT: its rows go to whoever asked. */
export const collectDescriptor: ConnectorDescriptor = {
  name: 'collect',
  source: undefined,
  sink: { formats: [], accepts: 'retract', requiresPrimaryKey: false },
  options: {},
};
