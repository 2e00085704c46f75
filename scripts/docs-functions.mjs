import { writeFileSync } from 'node:fs';
import { build } from 'esbuild';
import { format, resolveConfig } from 'prettier';

/** Writes docs/functions.md from the function registry. */
const file = 'docs/functions.md';
const { outputFiles } = await build({
  entryPoints: ['src/expressions/functions/document.ts'],
  bundle: true,
  platform: 'node',
  format: 'esm',
  write: false,
});
const source = Buffer.from(outputFiles[0].contents).toString('base64');
const { renderFunctions } = await import(`data:text/javascript;base64,${source}`);
writeFileSync(file, await format(renderFunctions(), { ...(await resolveConfig(file)), filepath: file }));
