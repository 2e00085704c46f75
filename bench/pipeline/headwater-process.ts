import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const COMMAND = fileURLToPath(new URL('../../bin/headwater.js', import.meta.url));

/** Starts the real command. */
export function startHeadwater(
  args: readonly string[],
): ChildProcess & { readonly stdout: NonNullable<ChildProcess['stdout']> } {
  const child = spawn(process.execPath, [COMMAND, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  child.stdout.setEncoding('utf8');
  return child;
}

/** Resolves with the first output that matches; rejects when the process ends before. */
export function firstOutput(child: ReturnType<typeof startHeadwater>, pattern: RegExp): Promise<RegExpExecArray> {
  return new Promise((resolve, reject) => {
    let seen = '';
    child.stdout.on('data', (text: string) => {
      seen += text;
      const match = pattern.exec(seen);
      if (match !== null) resolve(match);
    });
    child.once('exit', (code) => reject(new Error(`headwater ended with code ${code} and said: ${seen}`)));
  });
}

export async function stopHeadwater(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  await ended;
}
