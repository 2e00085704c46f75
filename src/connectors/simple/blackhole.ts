import type { Batch } from '../../data/batch.ts';
import type { SinkConnector } from '../contracts.ts';

/** Swallows rows and counts them (`rows`). */
export const blackholeConnector: SinkConnector = {
  descriptor: {
    name: 'blackhole',
    source: undefined,
    sink: { formats: [], accepts: 'upsert', requiresPrimaryKey: false },
    options: {},
  },
  open: (_table, context) => ({
    write: (batch: Batch) => context.count('rows', batch.selectedCount),
    flush: () => undefined,
    close: () => undefined,
  }),
};
