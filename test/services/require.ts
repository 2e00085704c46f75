import { apicurioFolder, kafkaJars, programProblem } from './artifacts.ts';

export type ServiceName = 'kafka' | 'apicurio' | 'redis' | 'prometheus';

/**
 * Whether the services can be started here; fetches what is missing. With REQUIRE_SERVICES=1 a missing one is a
 * failure, else the reason is printed and the caller skips: `describe.skipIf(!(await requireServices('kafka')))(...)`.
 */
export async function requireServices(...names: readonly ServiceName[]): Promise<boolean> {
  for (const name of names) {
    const problem = await problemOf(name);
    if (problem === undefined) continue;
    const message = `real ${name} is not available: ${problem}`;
    if (process.env.REQUIRE_SERVICES === '1') throw new Error(`${message} (REQUIRE_SERVICES=1)`);
    process.stderr.write(
      `\n*** SKIPPED, NOT TESTED: ${message}. Set REQUIRE_SERVICES=1 to make this a failure. ***\n\n`,
    );
    return false;
  }
  return true;
}

async function problemOf(name: ServiceName): Promise<string | undefined> {
  if (name === 'redis') return programProblem('redis-server', ['--version']);
  if (name === 'prometheus') {
    return (await programProblem('prometheus', ['--version'])) ?? programProblem('promtool', ['--version']);
  }
  const java = await programProblem('java', ['-version']);
  if (java !== undefined) return java;
  try {
    await (name === 'kafka' ? kafkaJars() : apicurioFolder());
    return undefined;
  } catch (error) {
    return `its jars cannot be fetched with maven (${error instanceof Error ? error.message : String(error)})`;
  }
}
