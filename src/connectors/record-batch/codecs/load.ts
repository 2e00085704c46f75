import { createRequire } from 'node:module';

const load = createRequire(import.meta.url);

/** A package that is loaded with the first batch that needs it: at once, since batches are unpacked within a poll. */
export function loadOnce<T>(name: string): () => T {
  let loaded: T | undefined;
  return () => (loaded ??= load(name) as T);
}

/** Where a package's main file is. */
export function resolvePackage(name: string): string {
  return load.resolve(name);
}
