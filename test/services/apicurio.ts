import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { apicurioFolder } from './artifacts.ts';
import { endService, type Place } from './place.ts';
import { poll } from './poll.ts';
import { freePorts } from './ports.ts';
import { ServiceProcess } from './service-process.ts';

export interface RegistryService {
  /** The Confluent-compatible API; it has a path. */
  readonly url: string;
  stop(): Promise<void>;
}

/** Starts a real Apicurio 3.0.9 registry on 127.0.0.1; in memory, unless settings in `env` say otherwise. */
export async function startApicurio(
  place?: Place & { readonly env: Readonly<Record<string, string>> },
): Promise<RegistryService> {
  const folder = await apicurioFolder();
  const jar = readdirSync(folder).find((name) => name.endsWith('-runner.jar'));
  if (jar === undefined) throw new Error(`no runner jar in ${folder}`);
  const port = place?.port ?? (await freePorts(1))[0];
  const args = [
    '-Xmx512m',
    '-XX:TieredStopAtLevel=1',
    '-Dquarkus.http.host=127.0.0.1',
    `-Dquarkus.http.port=${port}`,
    '-jar',
    join(folder, jar),
  ];
  const started = new ServiceProcess('apicurio', 'java', args, {
    cwd: folder,
    env: { ...process.env, ...place?.env },
    detached: place !== undefined,
  });
  const url = `http://127.0.0.1:${port}/apis/ccompat/v7`;
  await poll('apicurio to answer', 90_000, async () => {
    started.assertRunning();
    const response = await fetch(`${url}/subjects`);
    return response.ok;
  });
  return { url, stop: () => endService(started, place) };
}
