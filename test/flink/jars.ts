import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cached } from '../services/artifacts.ts';

const run = promisify(execFile);
export const FLINK_VERSION = '2.3.0';

/** The folder with Flink's jars, fetched once per machine with pip (the distribution's jars are a Python package). */
export async function flinkJars(): Promise<string> {
  const folder = await cached(`flink-${FLINK_VERSION}`, async (target) => {
    const name = `apache-flink-libraries==${FLINK_VERSION}`;
    await run('pip', ['install', '--quiet', '--no-deps', '--no-compile', '--target', target, name]);
    const jars = readdirSync(join(target, 'pyflink', 'lib')).filter((file) => file.endsWith('.jar'));
    if (jars.length === 0) throw new Error(`${name} holds no jars in pyflink/lib`);
  });
  return join(folder, 'pyflink', 'lib');
}
