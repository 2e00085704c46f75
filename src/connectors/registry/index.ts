import { EmbeddedRegistry } from '../embedded/registry.ts';
import type { RegistryClient } from './client.ts';
import type { RegistryAuth } from './http.ts';

export type { RegistryAuth, RegistryClient };

/** The registry at a URL; `embedded` is the one inside the data directory. The HTTP client is loaded when first needed. */
export async function openRegistry(url: string, dataDir: string, auth?: RegistryAuth): Promise<RegistryClient> {
  if (url === 'embedded') return new EmbeddedRegistry(dataDir);
  const { HttpRegistry } = await import('./http.ts');
  return new HttpRegistry(url, auth);
}

/** Registers an Avro schema (again: the same id); returns its id. `dataDir` is used by the embedded registry. */
export async function registerSchema(
  url: string,
  subject: string,
  schemaText: string,
  dataDir: string,
): Promise<number> {
  const registry = await openRegistry(url, dataDir);
  try {
    return await registry.register(subject, schemaText);
  } finally {
    registry.close();
  }
}

/** The text of a schema. Throws `unknown-schema-id` or `registry-unreachable`. */
export async function schemaById(url: string, id: number, dataDir: string): Promise<string> {
  const registry = await openRegistry(url, dataDir);
  try {
    return await registry.schemaById(id);
  } finally {
    registry.close();
  }
}
