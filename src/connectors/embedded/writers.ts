import { runtimeError } from '../../data/errors.ts';
import type { Sqlite } from './files.ts';

/** Who writes a topic exactly once, and how far each has come; made with the first of them. */
const TABLE =
  'CREATE TABLE IF NOT EXISTS writers (name TEXT PRIMARY KEY, owner TEXT NOT NULL, progress TEXT) WITHOUT ROWID';

/** A writer that comes back, and the process that it is now. */
export interface TopicWriter {
  readonly name: string;
  readonly owner: string;
}

/** Takes the place of an earlier process; gives the progress that it noted last. Inside a transaction. */
export function takeWriter(db: Sqlite, { name, owner }: TopicWriter): string | undefined {
  db.exec(TABLE);
  db.prepare('INSERT INTO writers VALUES (?, ?, NULL) ON CONFLICT (name) DO UPDATE SET owner = excluded.owner').run(
    name,
    owner,
  );
  const select = db.prepare<[string], { progress: string | null }>('SELECT progress FROM writers WHERE name = ?');
  return select.get(name)?.progress ?? undefined;
}

/** Notes progress together with what it is about. Inside the transaction of the append. Errors: `producer-fenced`. */
export function noteProgress(db: Sqlite, { name, owner }: TopicWriter, progress: string): void {
  const { changes } = db
    .prepare('UPDATE writers SET progress = ? WHERE name = ? AND owner = ?')
    .run(progress, name, owner);
  if (changes === 1) return;
  throw runtimeError(
    'producer-fenced',
    `another process writes as ${name} to this topic of the embedded log: this one may not write any more`,
  );
}
