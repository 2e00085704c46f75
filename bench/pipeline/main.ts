import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brokerFigures } from './broker-figures.ts';
import type { FigureContext } from './figure.ts';
import { latencyFigure } from './latency-figure.ts';
import { Logs } from './logs.ts';
import { limitFigure, threadsFigure } from './memory-figures.ts';
import { parseOptions } from './options.ts';
import { formatRow, machine, type Row } from './report.ts';
import { startUpFigure } from './start-up-figure.ts';

/** `npm run bench -- pipeline`: every figure is a ratio within this run; each side is measured in a fresh process. */
async function main(): Promise<void> {
  const options = parseOptions(process.argv.slice(2));
  const folder = mkdtempSync(join(tmpdir(), 'headwater-bench-'));
  const begun = Date.now();
  const rows: Row[] = [];
  const context: FigureContext = {
    options,
    logs: new Logs(folder),
    folder,
    say: (row) => {
      rows.push(row);
      process.stdout.write(formatRow(row));
    },
    note: (text) => process.stdout.write(`\n-- ${text}\n`),
  };
  process.stdout.write(
    `headwater bench pipeline, ${new Date(begun).toISOString()}\n${machine()}\n` +
      `${options.warmSeconds} s of warm-up and ${options.seconds} s measured in each process\n`,
  );
  try {
    const { only } = options;
    if (only.has('limit')) await limitFigure(context);
    if (only.has('threads')) await threadsFigure(context);
    if (only.has('start-up')) await startUpFigure(context);
    if (only.has('broker') || only.has('latency') || only.has('flink')) await brokerFigures(context, latencyFigure);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  process.stdout.write(`\nran for ${((Date.now() - begun) / 1000).toFixed(0)} s\n`);
  if (options.json) {
    process.stdout.write(
      `${JSON.stringify({ date: new Date(begun), machine: machine(), options: { ...options, only: [...options.only] }, rows })}\n`,
    );
  }
}

await main();
process.exit(0);
