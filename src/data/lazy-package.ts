import { createRequire } from 'node:module';

const load = createRequire(import.meta.url);

/**
 * A CommonJS package that is loaded when it is first used. What most runs never need would otherwise be read and run at
 * every start, in main and in every thread.
 */
export function lazyPackage<T>(name: string): () => T {
  let loaded: T | undefined;
  return () => (loaded ??= load(name) as T);
}
