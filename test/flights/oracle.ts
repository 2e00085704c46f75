import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { FLIGHTS_FILE } from './flights-data.ts';

/** What an independent engine makes of the same parquet file: `key -> values`, as text. */
export type Answers = ReadonlyMap<string, string>;

export interface Oracle {
  readonly airportHours: Answers;
  readonly routeDays: Answers;
  /** Rows that are late for a window of an hour, and of a day. */
  readonly lateHours: number;
  readonly lateDays: number;
}

const MEASURES = `count(*), avg(delay::DOUBLE), max(delay)::INT,
  (count(*) FILTER (delay > 15))::DOUBLE / count(*)::DOUBLE`;

/** The answers over all rows, in any order. */
export async function oracleInOrder(): Promise<Oracle> {
  return withDuckDb(async (db) => {
    await db.run(
      `CREATE VIEW flights AS SELECT *, false AS late_hour, false AS late_day FROM read_parquet('${FLIGHTS_FILE}')`,
    );
    return answers(db);
  });
}

/**
 * The answers when rows arrive in the given order under a watermark that trails the largest time by `delayMinutes`: a
 * row is late for a window when the watermark made by the rows before it has reached the window's last millisecond.
 */
export async function oracleShuffled(order: Int32Array, delayMinutes: number): Promise<Oracle> {
  return withDuckDb(async (db) => {
    await db.run('CREATE TABLE arrival (row_number INTEGER, position INTEGER)');
    const appender = await db.createAppender('arrival');
    order.forEach((row, position) => {
      appender.appendInteger(row);
      appender.appendInteger(position);
      appender.endRow();
    });
    appender.closeSync();
    await db.run(`
      CREATE TABLE flights AS
      WITH arrived AS (
        SELECT f.*, max(f.date) OVER (ORDER BY a.position ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
                    - INTERVAL ${delayMinutes} MINUTE AS watermark
        FROM read_parquet('${FLIGHTS_FILE}', file_row_number = true) f JOIN arrival a ON a.row_number = f.file_row_number)
      SELECT *,
        coalesce(watermark >= date_trunc('hour', date) + INTERVAL 1 HOUR - INTERVAL 1 MILLISECOND, false) AS late_hour,
        coalesce(watermark >= date_trunc('day', date) + INTERVAL 1 DAY - INTERVAL 1 MILLISECOND, false) AS late_day
      FROM arrived`);
    return answers(db);
  });
}

async function answers(db: DuckDBConnection): Promise<Oracle> {
  const airportHours = await collect(
    db,
    `SELECT origin, epoch_ms(date_trunc('hour', date)), ${MEASURES}, count(DISTINCT destination)
     FROM flights WHERE NOT late_hour GROUP BY origin, date_trunc('hour', date)`,
    2,
  );
  const routeDays = await collect(
    db,
    `SELECT origin, destination, epoch_ms(date_trunc('day', date)), ${MEASURES}
     FROM flights WHERE NOT late_day GROUP BY origin, destination, date_trunc('day', date)`,
    3,
  );
  const late = await db.runAndReadAll('SELECT count(*) FILTER (late_hour), count(*) FILTER (late_day) FROM flights');
  const [lateHours, lateDays] = late.getRows()[0].map(Number);
  return { airportHours, routeDays, lateHours, lateDays };
}

async function collect(db: DuckDBConnection, sql: string, keys: number): Promise<Answers> {
  const result = await db.stream(sql);
  const found = new Map<string, string>();
  for (;;) {
    const chunk = await result.fetchChunk();
    if (chunk === null || chunk.rowCount === 0) return found;
    for (const row of chunk.getRows()) {
      const texts = row.map(String);
      found.set(texts.slice(0, keys).join('|'), texts.slice(keys).join('|'));
    }
  }
}

async function withDuckDb(run: (db: DuckDBConnection) => Promise<Oracle>): Promise<Oracle> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  try {
    return await run(connection);
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}
