import type { Dirent } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join, sep } from 'node:path';
import { fileError } from './errors.ts';
import type { FileOptions } from './options.ts';

export interface FoundFile {
  readonly path: string;
  readonly size: number;
}

/** The files of a table, in the order of their paths. Hidden ones (their names begin with . or _) are none of it.
 *  Errors: `file-not-found`, `file-access`. */
export async function listFiles(options: FileOptions): Promise<FoundFile[]> {
  const { path, pattern } = options;
  const glob = hasGlob(path) ? globPattern(path) : undefined;
  const files: FoundFile[] = [];
  for (const found of await walk(glob === undefined ? path : globRoot(path))) {
    if (glob !== undefined && !glob.test(found)) continue;
    if (pattern !== undefined && !pattern.test(found)) continue;
    files.push({ path: found, size: await sizeOf(found) });
  }
  return files.sort((a, b) => (a.path < b.path ? -1 : 1));
}

async function walk(path: string): Promise<string[]> {
  try {
    if (!(await stat(path)).isDirectory()) return [path];
    const entries = await readdir(path, { withFileTypes: true });
    const nested = await Promise.all(entries.filter(isVisible).map((entry) => walkEntry(path, entry)));
    return nested.flat();
  } catch (error) {
    throw fileError(path, 'read', error);
  }
}

function walkEntry(folder: string, entry: Dirent): Promise<string[]> | string[] {
  const path = join(folder, entry.name);
  return entry.isFile() ? [path] : walk(path);
}

function isVisible({ name }: Dirent): boolean {
  return !name.startsWith('.') && !name.startsWith('_');
}

async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    throw fileError(path, 'read', error);
  }
}

export function hasGlob(path: string): boolean {
  return /[*?[{]/.test(path);
}

/** The deepest folder above the first special character; partition folders are looked for below it. */
export function tableRoot(path: string): string {
  return hasGlob(path) ? globRoot(path) : path;
}

function globRoot(path: string): string {
  let root = path;
  while (hasGlob(root)) root = dirname(root);
  return root;
}

/** `*` and `?` stay within one name, `**` does not; `[a-z]`, `[!a]`, `{a,b}` as in a shell. */
function globPattern(glob: string): RegExp {
  let text = '';
  let braces = 0;
  for (let i = 0; i < glob.length; i++) {
    const char = glob[i];
    const close = char === '[' ? glob.indexOf(']', i + 2) : -1;
    if (char === '*' && glob[i + 1] === '*') {
      text += '.*';
      i += glob[i + 2] === sep ? 2 : 1;
    } else if (char === '*') text += '[^/]*';
    else if (char === '?') text += '[^/]';
    else if (close > 0) {
      text += `[${glob
        .slice(i + 1, close)
        .replace(/^!/, '^')
        .replace(/[\\[]/g, '\\$&')}]`;
      i = close;
    } else if (char === '{') {
      text += '(?:';
      braces++;
    } else if (char === '}' && braces > 0) {
      text += ')';
      braces--;
    } else if (char === ',' && braces > 0) text += '|';
    else text += char.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
  }
  return new RegExp(`^${text}$`);
}

/** The partition values in the folders of a file's path, by column. */
export function partitionValues(root: string, path: string): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  for (let folder = dirname(path); folder.length > root.length; folder = dirname(folder)) {
    const name = basename(folder);
    const equals = name.indexOf('=');
    if (equals > 0) values.set(unescaped(name.slice(0, equals)), unescaped(name.slice(equals + 1)));
  }
  return values;
}

/** Bytes that may not be in a file name are written as %XX. */
function unescaped(text: string): string {
  return text.replace(/(?:%[0-9A-Fa-f]{2})+/g, (run) => Buffer.from(run.replaceAll('%', ''), 'hex').toString('utf8'));
}
