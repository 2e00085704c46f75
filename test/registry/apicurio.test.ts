import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EmbeddedRegistry } from '../../src/connectors/embedded/registry.ts';
import { startHttpServer, type HttpServer } from '../../src/server/http.ts';
import { routeRequests } from '../../src/server/router.ts';
import { registryRoutes } from '../../src/server/routes/registry.ts';
import { type RegistryService, requireServices, startApicurio } from '../services/index.ts';
import { type Question, QUESTIONS } from './questions.ts';

/** Where Apicurio does not answer as Confluent's registry is documented to, and this one does. */
const DIFFERENT: Readonly<Record<string, string>> = {
  'white space: versions': 'Confluent takes schemas that differ in white space as one; Apicurio makes a second version',
  'version that is no number': 'Confluent: 42202; Apicurio looks for a version of that name',
  'level that is none': 'Confluent: 42203; Apicurio fails with status 500',
  mode: 'Apicurio has no modes',
};

interface Answer {
  readonly status: number;
  readonly said: unknown;
}

const available = await requireServices('apicurio');

describe.skipIf(!available)('the embedded registry and Apicurio', () => {
  let folder = '';
  let server: HttpServer;
  let apicurio: RegistryService;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'headwater-registry-'));
    const handler = routeRequests(registryRoutes(new EmbeddedRegistry(folder)), (_level, message) => {
      throw new Error(message);
    });
    server = await startHttpServer(handler, { host: '127.0.0.1', port: 0 });
    apicurio = await startApicurio();
  });
  afterAll(async () => {
    await server.close();
    await apicurio.stop();
    rmSync(folder, { recursive: true });
  });

  it(`give the same answers to ${QUESTIONS.length} questions`, async () => {
    expect(QUESTIONS.length).toBeGreaterThanOrEqual(300);
    const differences: string[] = [];
    const positive = { yes: 0, no: 0 };
    for (const question of QUESTIONS) {
      const ours = await answer(`http://127.0.0.1:${server.port}/registry`, question);
      const theirs = await answer(apicurio.url, question);
      if (ours.status === 200) positive.yes++;
      else positive.no++;
      const same = JSON.stringify(ours) === JSON.stringify(theirs);
      if (same === question.name in DIFFERENT) {
        differences.push(`${question.name}: ours ${JSON.stringify(ours)}, Apicurio's ${JSON.stringify(theirs)}`);
      }
    }
    expect(differences).toEqual([]);
    expect(positive.yes).toBeGreaterThan(300);
    expect(positive.no).toBeGreaterThan(20);
  }, 120_000);
});

async function answer(base: string, { method, path, body, compare }: Question): Promise<Answer> {
  const response = await fetch(base + path, {
    method,
    headers: { 'content-type': 'application/vnd.schemaregistry.v1+json' },
    body: body === undefined ? null : JSON.stringify(body),
  });
  const said: unknown = await response.json().catch(() => ({ error_code: 'no JSON' }));
  if (response.status === 200) return { status: 200, said: compare(said) };
  return { status: response.status, said: (said as { error_code: unknown }).error_code };
}
