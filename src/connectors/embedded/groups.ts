import { join } from 'node:path';
import type { GroupOffset } from '../kafka/group-offsets.ts';
import { logFolder, openForReading, openForWriting, reading, type Sqlite } from './files.ts';

const FORMAT = 1;
const TABLES = `
  CREATE TABLE offsets (
    name TEXT NOT NULL, topic TEXT NOT NULL, partition INTEGER NOT NULL, next_offset INTEGER NOT NULL,
    PRIMARY KEY (name, topic, partition)
  ) WITHOUT ROWID;
`;

function fileOf(dataDir: string): string {
  return join(logFolder(dataDir), 'groups.db');
}

/** What consumer groups of the embedded log have read: `<data-dir>/log/groups.db`. For those who watch, and for new jobs. */
export class EmbeddedGroups {
  private readonly db: Sqlite;

  constructor(dataDir: string) {
    this.db = openForWriting(fileOf(dataDir), logFolder(dataDir), FORMAT, TABLES);
    // The next commit makes up for one that a power cut took away.
    this.db.pragma('synchronous = NORMAL');
  }

  /** The offset that a group reads next in a partition; undefined when it has committed none. */
  static committed(dataDir: string, group: string, topic: string, partition: number): number | undefined {
    const file = fileOf(dataDir);
    const db = openForReading(file, FORMAT);
    if (db === undefined) return undefined;
    try {
      const select = 'SELECT next_offset AS offset FROM offsets WHERE name = ? AND topic = ? AND partition = ?';
      return reading(file, () =>
        db.prepare<[string, string, number], { offset: number }>(select).get(group, topic, partition),
      )?.offset;
    } finally {
      db.close();
    }
  }

  commit(group: string, offsets: readonly GroupOffset[]): void {
    const put = this.db.prepare('INSERT OR REPLACE INTO offsets VALUES (?, ?, ?, ?)');
    const commit = this.db.transaction(() => {
      for (const { topic, partition, offset } of offsets) put.run(group, topic, partition, offset);
    });
    commit.immediate();
  }

  close(): void {
    this.db.close();
  }
}
