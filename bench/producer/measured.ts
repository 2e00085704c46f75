import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';

export interface MeasuredProcess {
  /** The JSON of its last line. */
  readonly totals: { readonly events: number; readonly seconds: number; readonly schemaIds: readonly number[] };
  /** Of the whole process, start and end included. */
  readonly cpuSeconds: number;
}

/** `times` of the shell: its own, then those of what it ran. */
const TIMES = /(\d+)m(\d+(?:\.\d+)?)s (\d+)m(\d+(?:\.\d+)?)s\s*$/;
const TASKSET = '/usr/bin/taskset';

/** Runs Node on one core (where Linux can) to its end. */
export async function runMeasured(args: readonly string[]): Promise<MeasuredProcess> {
  const pinned = existsSync(TASKSET) ? [TASKSET, '-c', '0'] : [];
  const child = spawn('sh', ['-c', '"$@" && times', 'sh', ...pinned, process.execPath, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  const times = TIMES.exec(output);
  const line = output.split('\n').find((one) => one.startsWith('{"'));
  if (code !== 0 || times === null || line === undefined)
    throw new Error(`${args.join(' ')} ended with ${code}: ${output}`);
  const [userMinutes, userSeconds, systemMinutes, systemSeconds] = times.slice(1).map(Number);
  return {
    totals: JSON.parse(line) as MeasuredProcess['totals'],
    cpuSeconds: (userMinutes + systemMinutes) * 60 + userSeconds + systemSeconds,
  };
}
