import { EmbeddedRegistry } from '../embedded/registry.ts';
import type { RegistryClient } from './client.ts';
import type { RegistryAccess, RegistryAuth } from './access.ts';

export { registryAccess } from './access.ts';
export { registryAddress } from './address.ts';
export type { RegistryAccess, RegistryAuth, RegistryClient };

/** The registry at a URL; `embedded` is the one inside the data directory. The HTTP client is loaded when first needed. */
export async function openRegistry(url: string, dataDir: string, access?: RegistryAccess): Promise<RegistryClient> {
  if (url === 'embedded') return new EmbeddedRegistry(dataDir);
  const { HttpRegistry } = await import('./http.ts');
  return new HttpRegistry(url, access);
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
