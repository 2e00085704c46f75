import { appendFileSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';

const MAX_LINES = 1000;

/** What was typed in earlier sessions, newest first, and where to add to it. A history that cannot be kept is none. */
export class History {
  readonly lines: string[];
  private readonly path: string;

  constructor(path: string) {
    this.path = path;
    this.lines = read(path);
  }

  add(line: string): void {
    try {
      mkdirSync(dirname(this.path), { recursive: true, mode: 0o700 });
      // Statements may hold passwords.
      appendFileSync(this.path, `${line}\n`, { mode: 0o600 });
    } catch {
      // A home directory that cannot be written is no reason to refuse SQL.
    }
  }
}

function read(path: string): string[] {
  try {
    return readFileSync(path, 'utf8').split('\n').filter(Boolean).slice(-MAX_LINES).reverse();
  } catch {
    return [];
  }
}
