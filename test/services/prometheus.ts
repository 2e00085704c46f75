import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { endService, type Place } from './place.ts';
import { poll } from './poll.ts';
import { ServiceProcess } from './service-process.ts';

export interface PrometheusService {
  readonly url: string;
  stop(): Promise<void>;
}

export interface PrometheusPlace extends Place {
  /** The folder with prometheus.yml and what it names. */
  readonly config: string;
  /** What is scraped, host:port, and the key that it asks for. */
  readonly target: string;
  readonly readKey: string;
}

/** Starts a real Prometheus on 127.0.0.1 with a copy of a configuration, of which only target and key are replaced. */
export async function startPrometheus(place: PrometheusPlace): Promise<PrometheusService> {
  const { port, folder, config, target, readKey } = place;
  const copy = join(folder, 'config');
  mkdirSync(copy, { recursive: true });
  cpSync(config, copy, { recursive: true });
  writeFileSync(join(copy, 'targets/headwater.yml'), `- targets: ['${target}']\n`);
  writeFileSync(join(copy, 'headwater_read_key'), readKey, { mode: 0o600 });
  const args = [
    `--config.file=${join(copy, 'prometheus.yml')}`,
    `--storage.tsdb.path=${join(folder, 'data')}`,
    `--web.listen-address=127.0.0.1:${port}`,
  ];
  const started = new ServiceProcess('prometheus', 'prometheus', args, { detached: true });
  const url = `http://127.0.0.1:${port}`;
  await poll('prometheus to be ready', 60_000, async () => {
    started.assertRunning();
    return (await fetch(`${url}/-/ready`)).ok;
  });
  return { url, stop: () => endService(started, place) };
}
