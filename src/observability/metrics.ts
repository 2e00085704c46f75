import type { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { MIN_WATERMARK } from '../data/batch.ts';

/** What a scrape reads: totals since the process started, and present values. */
export interface MetricsSample {
  readonly jobs: readonly JobSample[];
  readonly tables: readonly TableSample[];
  readonly sinks?: readonly SinkSample[];
}

/** A table that is kept in another store. */
export interface SinkSample {
  readonly table: string;
  readonly job: string;
  readonly state: string;
  /** Committed epochs that the store does not hold yet. */
  readonly lagEpochs: number;
  /** Of the committed log that is kept for it. */
  readonly logBytes: number;
  readonly chunks: number;
  readonly rows: number;
  readonly replays: number;
  readonly rebuilds: number;
  readonly alarms: number;
}

export interface JobSample {
  readonly name: string;
  readonly status: string;
  readonly rowsIn: number;
  readonly bytesIn: number;
  readonly lateRowsDropped: number;
  readonly recordsSkipped: number;
  readonly registryRetries: number;
  readonly epochsCommitted: number;
  readonly bytesWritten: number;
  readonly restarts: number;
  readonly epoch: number;
  readonly watermark: number;
  readonly stateBytes: number;
  readonly lag: number | undefined;
}

export interface TableSample {
  readonly name: string;
  readonly rows: number;
  readonly bytes: number;
  readonly epoch: number;
  readonly subscriptions: number;
  /** To subscribers. */
  readonly changesSent: number;
}

/** From 10 us to 1 s. */
const LOOKUP_BUCKETS = [0.00001, 0.000025, 0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.05, 0.25, 1];

interface Lookup {
  readonly table: string;
  readonly keys: number;
  readonly found: number;
  readonly seconds: number;
}

/** Lookups noted before the library is there; later ones of that time are not counted. */
const MAX_EARLY = 10_000;

/**
 * Metrics in Prometheus form. prom-client is loaded when `start` is called and not awaited: start-up does not wait for
 * it. Values of jobs and tables are read at each scrape, so that counting costs the hot paths nothing.
 */
export class Metrics {
  private readonly sample: () => MetricsSample;
  private early: Lookup[] = [];
  private loaded: Instruments | undefined;
  private loading: Promise<Instruments> | undefined;

  constructor(sample: () => MetricsSample) {
    this.sample = sample;
  }

  /** Begins to load the library. */
  start(): void {
    void this.load().catch(() => undefined);
  }

  observeLookup(table: string, keys: number, found: number, seconds: number): void {
    if (this.loaded !== undefined) this.loaded.lookup({ table, keys, found, seconds });
    else if (this.early.length < MAX_EARLY) this.early.push({ table, keys, found, seconds });
  }

  /** The exposition text. */
  async scrape(): Promise<{ contentType: string; body: string }> {
    const instruments = await this.load();
    return instruments.scrape(this.sample());
  }

  private load(): Promise<Instruments> {
    this.loading ??= import('prom-client').then((library) => {
      const instruments = new Instruments(library);
      for (const lookup of this.early) instruments.lookup(lookup);
      this.early = [];
      this.loaded = instruments;
      return instruments;
    });
    return this.loading;
  }
}

type Library = typeof import('prom-client');
type JobLabel = 'job';
type TableLabel = 'table';
type SinkLabel = 'table' | 'job';

class Instruments {
  private readonly registry: Registry;
  private readonly jobCounters: readonly (readonly [Counter<JobLabel>, (job: JobSample) => number])[];
  private readonly jobGauges: readonly (readonly [Gauge<JobLabel>, (job: JobSample) => number | undefined])[];
  private readonly tableGauges: readonly (readonly [Gauge<TableLabel>, (table: TableSample) => number])[];
  private readonly changesSent: Counter<TableLabel>;
  private readonly sinkCounters: readonly (readonly [Counter<SinkLabel>, (sink: SinkSample) => number])[];
  private readonly sinkLag: Gauge<SinkLabel>;
  private readonly sinkLogBytes: Gauge<SinkLabel>;
  private readonly sinkState: Gauge<SinkLabel | 'state'>;
  private readonly status: Gauge<'job' | 'status'>;
  private readonly lookupSeconds: Histogram;
  private readonly lookedUp: Counter<TableLabel>;
  private readonly missed: Counter<TableLabel>;

  constructor(library: Library) {
    const registry = new library.Registry();
    this.registry = registry;
    library.collectDefaultMetrics({ register: registry });
    const registers = [registry];
    const counter = <L extends string>(name: string, help: string, ...labelNames: L[]): Counter<L> =>
      new library.Counter({ name: `headwater_${name}`, help, labelNames, registers });
    const gauge = <L extends string>(name: string, help: string, ...labelNames: L[]): Gauge<L> =>
      new library.Gauge({ name: `headwater_${name}`, help, labelNames, registers });
    this.jobCounters = [
      [counter('job_rows_total', 'Rows read by the sources of the job', 'job'), (job) => job.rowsIn],
      [counter('job_bytes_read_total', 'Bytes read by the sources of the job', 'job'), (job) => job.bytesIn],
      [counter('job_late_rows_dropped_total', 'Rows dropped because they were late', 'job'), (j) => j.lateRowsDropped],
      [counter('job_records_skipped_total', 'Records that could not be decoded', 'job'), (job) => job.recordsSkipped],
      [
        counter('job_registry_retries_total', 'Attempts to reach a registry that did not answer', 'job'),
        (job) => job.registryRetries,
      ],
      [counter('job_epochs_total', 'Epochs committed', 'job'), (job) => job.epochsCommitted],
      [counter('job_bytes_written_total', 'Bytes of state and output committed', 'job'), (job) => job.bytesWritten],
      [counter('job_restarts_total', 'Restarts after a dead engine thread', 'job'), (job) => job.restarts],
    ];
    this.jobGauges = [
      [gauge('job_epoch', 'Last committed epoch', 'job'), (job) => job.epoch],
      [gauge('job_watermark_seconds', 'Watermark of the last epoch, seconds since 1970', 'job'), watermarkSeconds],
      [gauge('job_state_bytes', 'Bytes of operator state', 'job'), (job) => job.stateBytes],
      [gauge('job_lag_records', 'Records not read yet', 'job'), (job) => job.lag],
    ];
    this.tableGauges = [
      [gauge('table_rows', 'Rows of the table image', 'table'), (table) => table.rows],
      [gauge('table_bytes', 'Memory of the table image', 'table'), (table) => table.bytes],
      [gauge('table_epoch', 'Last epoch that can be read', 'table'), (table) => table.epoch],
      [gauge('table_subscriptions', 'Subscriptions to the table', 'table'), (table) => table.subscriptions],
    ];
    this.changesSent = counter('table_changes_sent_total', 'Changes sent to subscribers', 'table');
    const sinkCounter = (name: string, help: string): Counter<SinkLabel> =>
      counter(`sink_${name}`, help, 'table', 'job');
    this.sinkCounters = [
      [sinkCounter('chunks_total', 'Parts of the committed log that the store acknowledged'), (sink) => sink.chunks],
      [sinkCounter('rows_total', 'Rows in them'), (sink) => sink.rows],
      [sinkCounter('replays_total', 'Times that the store had lost what it acknowledged'), (sink) => sink.replays],
      [sinkCounter('rebuilds_total', 'Times that the store was written anew from the image'), (sink) => sink.rebuilds],
      [sinkCounter('alarms_total', 'Tries that failed'), (sink) => sink.alarms],
    ];
    this.sinkLag = gauge('sink_lag_epochs', 'Committed epochs that the store does not hold yet', 'table', 'job');
    this.sinkLogBytes = gauge('sink_log_bytes', 'Bytes of the log that are kept for the store', 'table', 'job');
    this.sinkState = gauge('sink_state', '1 for the state that the sink has', 'table', 'job', 'state');
    this.status = gauge('job_status', '1 for the status that the job has', 'job', 'status');
    this.lookedUp = counter('lookup_keys_total', 'Keys looked up', 'table');
    this.missed = counter('lookup_misses_total', 'Keys looked up and not found', 'table');
    this.lookupSeconds = new library.Histogram({
      name: 'headwater_lookup_seconds',
      help: 'Time of a lookup request within the process',
      buckets: LOOKUP_BUCKETS,
      registers,
    });
  }

  lookup({ table, keys, found, seconds }: Lookup): void {
    this.lookupSeconds.observe(seconds);
    this.lookedUp.inc({ table }, keys);
    if (found < keys) this.missed.inc({ table }, keys - found);
  }

  async scrape(sample: MetricsSample): Promise<{ contentType: string; body: string }> {
    for (const [metric, value] of this.jobCounters) {
      metric.reset();
      for (const job of sample.jobs) metric.inc({ job: job.name }, value(job));
    }
    for (const [metric, value] of this.jobGauges) {
      metric.reset();
      for (const job of sample.jobs) {
        const present = value(job);
        if (present !== undefined) metric.set({ job: job.name }, present);
      }
    }
    for (const [metric, value] of this.tableGauges) {
      metric.reset();
      for (const table of sample.tables) metric.set({ table: table.name }, value(table));
    }
    this.changesSent.reset();
    for (const table of sample.tables) this.changesSent.inc({ table: table.name }, table.changesSent);
    this.setSinks(sample.sinks ?? []);
    this.status.reset();
    for (const job of sample.jobs) this.status.set({ job: job.name, status: job.status }, 1);
    return { contentType: this.registry.contentType, body: await this.registry.metrics() };
  }

  private setSinks(sinks: readonly SinkSample[]): void {
    for (const [metric, value] of this.sinkCounters) {
      metric.reset();
      for (const sink of sinks) metric.inc({ table: sink.table, job: sink.job }, value(sink));
    }
    this.sinkLag.reset();
    this.sinkLogBytes.reset();
    this.sinkState.reset();
    for (const { table, job, state, lagEpochs, logBytes } of sinks) {
      this.sinkLag.set({ table, job }, lagEpochs);
      this.sinkLogBytes.set({ table, job }, logBytes);
      this.sinkState.set({ table, job, state }, 1);
    }
  }
}

function watermarkSeconds(job: JobSample): number | undefined {
  return job.watermark === MIN_WATERMARK ? undefined : job.watermark / 1000;
}
