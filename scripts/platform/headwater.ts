import { join } from 'node:path';
import { Command, type Ended } from '../../test/cli/command.ts';
import { ROOT } from '../../test/deployment/files.ts';
import type { PlatformOptions } from './options.ts';
import type { Parts } from './parts.ts';
import type { Addresses } from './services.ts';

export interface ApiKeyPair {
  readonly all: string;
  readonly read: string;
}

/** Starts Headwater with queries/user_activity.sql, as the container does; resolves when it is ready. */
export async function startHeadwater(
  { dataDir, ports }: PlatformOptions,
  addresses: Addresses,
  keys: ApiKeyPair,
  parts: Parts,
): Promise<Command> {
  const query = join(ROOT, 'queries/user_activity.sql');
  const args = ['run', query, '--port', String(ports.headwater), '--data-dir', join(dataDir, 'headwater')];
  const headwater = new Command(args, { ...addresses, HEADWATER_API_KEYS: `${keys.all},read:${keys.read}` }, true);
  parts.add('Headwater, with a checkpoint', async () => orderly('headwater', await headwater.kill('SIGTERM')));
  await headwater.until('/health/ready', (answer) => answer.includes('"ready"'), 60_000);
  return headwater;
}

/** Starts the producer of user activity. */
export function startEvents(rate: string, addresses: Addresses, seed: number, parts: Parts): Command {
  const args = ['produce', 'user-activity', '--rate', rate, '--seed', String(seed), '--json'];
  const producer = new Command(args, { ...addresses }, true);
  parts.add('the producer', async () => {
    const ended = await producer.kill('SIGTERM');
    // Its totals, for people and scripts.
    process.stdout.write(ended.stdout);
    orderly('headwater produce', ended);
  });
  return producer;
}

function orderly(name: string, { code, stderr }: Ended): void {
  if (code !== 0) throw new Error(`${name} ended with ${code}: ${stderr}`);
}
