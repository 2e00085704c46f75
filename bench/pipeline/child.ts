import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { MeasureSpec } from './measure.ts';
import type { Measurement } from './measurement.ts';

const MEASURE = fileURLToPath(new URL('./measure.js', import.meta.url));

/** Measures in a fresh process, so that nothing compiled or allocated for one peer is there for the other. */
export async function measureInChild(spec: MeasureSpec): Promise<Measurement> {
  const child = spawn(process.execPath, [MEASURE, JSON.stringify(spec)], { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  if (code !== 0) throw new Error(`measuring ${spec.peer} ended with code ${code}`);
  return JSON.parse(output.trim().split('\n').at(-1) ?? '') as Measurement;
}
