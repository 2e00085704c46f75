import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { MeasureSpec } from './measure.ts';
import type { Measurement } from './measurement.ts';

const MEASURE = fileURLToPath(new URL('./measure.js', import.meta.url));

/** Settings of the C library that the Dockerfile has too: what was freed goes back to the system. */
const MALLOC = { MALLOC_MMAP_THRESHOLD_: '262144', MALLOC_TRIM_THRESHOLD_: '1048576' };

/** Measures in a fresh process, so that nothing compiled or allocated for one peer is there for the other. */
export async function measureInChild(spec: MeasureSpec): Promise<Measurement> {
  const child = spawn(process.execPath, [MEASURE, JSON.stringify(spec)], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...MALLOC },
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  if (code !== 0) throw new Error(`measuring ${spec.peer} ended with code ${code}`);
  return JSON.parse(output.trim().split('\n').at(-1) ?? '') as Measurement;
}
