import { HeadwaterError } from '../data/errors.ts';
import { type CliOptions, parseCommandLine, USAGE } from './arguments.ts';

/** Entry of the `headwater` command. Heavy parts load with the command that needs them. */
async function main(argv: readonly string[]): Promise<number> {
  let cli: CliOptions | undefined;
  try {
    // Has options of its own.
    if (argv[0] === 'produce') {
      await (await import('./produce/command.ts')).produceCommand(argv.slice(1), write);
      return 0;
    }
    if (argv[0] === 'topics') {
      (await import('./topics.ts')).topicsCommand(argv.slice(1), write);
      return 0;
    }
    cli = parseCommandLine(argv);
    // Has errors of its own, all at once.
    if (cli.command === 'validate') {
      return (await import('./validate.ts')).validateCommand(cli, write, (text) => process.stderr.write(text));
    }
    return (await dispatch(cli)) ?? 0;
  } catch (error) {
    return report(error, cli?.output === 'changelog' || argv.includes('--json'));
  }
}

/** Returns an exit code where it is not 0 and nothing failed. */
async function dispatch(cli: CliOptions): Promise<number | void> {
  switch (cli.command) {
    case 'run':
      return (await import('./run.ts')).runCommand(cli, write);
    case 'backfill':
      return (await import('./backfill/command.ts')).backfillCommand(cli, write);
    case 'jobs':
      return (await import('./jobs.ts')).jobsCommand(cli, write);
    case 'sql':
      return (await import('./sql.ts')).sqlCommand(cli, write);
    case 'demo':
      return (await import('./demo.ts')).demoCommand(cli, write);
    case 'audit':
      return (await import('./audit.ts')).auditCommand(cli, write);
    case 'explain':
      return (await import('./explain.ts')).explainCommand(cli, write);
    case 'help':
      write(`${USAGE}\n`);
      return;
    default:
      throw new HeadwaterError('bad-arguments', `headwater has no command '${cli.command}'\n\n${USAGE}`);
  }
}

function write(text: string): void {
  process.stdout.write(text);
}

/** 2 when the input was wrong, 1 when it failed while running. */
function report(error: unknown, forMachines: boolean): number {
  const known = error instanceof HeadwaterError ? error : undefined;
  const code = known?.code ?? 'internal-error';
  const message = known?.message ?? (error instanceof Error ? (error.stack ?? error.message) : String(error));
  if (forMachines) {
    const position = known?.position === undefined ? undefined : [known.position.line, known.position.column];
    write(`${JSON.stringify({ error: { code, message, position } })}\n`);
  } else {
    process.stderr.write(`error [${code}] ${message}\n`);
  }
  return known?.kind === 'input' ? 2 : 1;
}

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
});
const exitCode = await main(process.argv.slice(2));
// Output may still be on its way to a pipe. A connection that hangs must not keep the process.
process.exitCode = exitCode;
process.stdout.write('', () => process.stderr.write('', () => process.exit(exitCode)));
setTimeout(() => process.exit(exitCode), 3000).unref();
