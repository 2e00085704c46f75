import { join } from 'node:path';
import { HeadwaterError, runtimeError } from '../../data/errors.ts';
import type { RegistryClient } from '../registry/client.ts';
import { logFolder, openForReading, openForWriting, reading, type Sqlite } from './files.ts';

const FORMAT = 1;
const TABLES = `
  CREATE TABLE schemas (id INTEGER PRIMARY KEY AUTOINCREMENT, text TEXT NOT NULL UNIQUE);
  CREATE TABLE versions (
    subject TEXT NOT NULL, version INTEGER NOT NULL, schema_id INTEGER NOT NULL REFERENCES schemas (id),
    PRIMARY KEY (subject, version)
  ) WITHOUT ROWID;
`;

export interface SubjectVersion {
  readonly subject: string;
  readonly version: number;
  readonly id: number;
  readonly schema: string;
}

/** The registry of the embedded log, `<data-dir>/log/registry.db`: subjects, versions, ids, schema texts. */
export class EmbeddedRegistry implements RegistryClient {
  private readonly folder: string;
  private readonly file: string;

  constructor(dataDir: string) {
    this.folder = logFolder(dataDir);
    this.file = join(this.folder, 'registry.db');
  }

  async schemaById(id: number): Promise<string> {
    const db = openForReading(this.file, FORMAT);
    try {
      const find = (): { text: string } | undefined =>
        db?.prepare<[number], { text: string }>('SELECT text FROM schemas WHERE id = ?').get(id);
      const row = reading(this.file, find);
      if (row !== undefined && db !== undefined) {
        checkText(db, id, row.text, this.file);
        return row.text;
      }
    } finally {
      db?.close();
    }
    throw runtimeError('unknown-schema-id', `schema id ${id} is not in the embedded registry (${this.file})`);
  }

  async register(subject: string, schemaText: string): Promise<number> {
    const text = canonical(schemaText);
    const db = openForWriting(this.file, this.folder, FORMAT, TABLES);
    try {
      const register = db.transaction((): number => {
        db.prepare('INSERT OR IGNORE INTO schemas (text) VALUES (?)').run(text);
        const found = db.prepare<[string], { id: number }>('SELECT id FROM schemas WHERE text = ?').get(text);
        if (found === undefined) throw new Error('a schema just written is not there');
        const { id } = found;
        const known = db.prepare('SELECT 1 FROM versions WHERE subject = ? AND schema_id = ?').get(subject, id);
        if (known === undefined) {
          db.prepare(
            `INSERT INTO versions (subject, version, schema_id)
             SELECT ?, COALESCE(MAX(version), 0) + 1, ? FROM versions WHERE subject = ?`,
          ).run(subject, id, subject);
        }
        return id;
      });
      return register.immediate();
    } finally {
      db.close();
    }
  }

  /** All versions of a subject, oldest first. */
  versions(subject: string): SubjectVersion[] {
    const db = openForReading(this.file, FORMAT);
    try {
      const sql = `SELECT v.subject, v.version, s.id, s.text AS schema
                   FROM versions v JOIN schemas s ON s.id = v.schema_id WHERE v.subject = ? ORDER BY v.version`;
      return db?.prepare<[string], SubjectVersion>(sql).all(subject) ?? [];
    } finally {
      db?.close();
    }
  }

  subjects(): string[] {
    const db = openForReading(this.file, FORMAT);
    try {
      const sql = 'SELECT DISTINCT subject FROM versions ORDER BY subject';
      return (
        db
          ?.prepare<[], { subject: string }>(sql)
          .all()
          .map((row) => row.subject) ?? []
      );
    } finally {
      db?.close();
    }
  }

  async check(): Promise<void> {
    openForReading(this.file, FORMAT)?.close();
  }

  close(): void {
    // Connections are opened per call: registrations and first sights of a schema are rare.
  }
}

/** The unique index holds every text a second time: a text that it does not find was changed by nobody who may. */
function checkText(db: Sqlite, id: number, text: string, file: string): void {
  const found = reading(file, () =>
    db.prepare<[string], { id: number }>('SELECT id FROM schemas WHERE text = ?').get(text),
  );
  if (found?.id === id) return;
  throw runtimeError('log-file-corrupt', `${file} is damaged: the text of schema id ${id} is not what was registered`);
}

/** One text for schemas that differ in white space only. */
function canonical(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text));
  } catch {
    // A bare primitive name such as `string` is a schema too.
    if (/^[A-Za-z]+$/.test(text.trim())) return JSON.stringify(text.trim());
    throw new HeadwaterError('schema-refused', 'the schema is not JSON');
  }
}
