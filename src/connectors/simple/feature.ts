import type { ConnectorDescriptor } from '../../planner/connector.ts';

/**
 * The embedded feature store: rows go to the table's committed log and image by primary key, and are served over
 * HTTP. The runtime writes it itself (it is part of the epoch's transaction), so there is only a descriptor.
 */
export const featureDescriptor: ConnectorDescriptor = {
  name: 'feature',
  source: undefined,
  sink: { formats: [], accepts: 'upsert', requiresPrimaryKey: true },
  options: {},
};
