import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Command, headwater, Workspace } from './command.ts';

const KEY = '0123456789abcdef0123';
const SQL = `CREATE TABLE t (k INT) WITH ('connector' = 'datagen', 'rows-per-second' = '10');
CREATE TABLE f (k INT, n BIGINT, PRIMARY KEY (k) NOT ENFORCED) WITH ('connector' = 'feature');
INSERT INTO f SELECT k, COUNT(*) FROM t GROUP BY k;`;

let space: Workspace;
beforeEach(() => (space = new Workspace()));
afterEach(() => space.remove());
const args = (...more: string[]): string[] => [
  'run',
  space.file('f.sql', SQL),
  '--data-dir',
  space.dataDir,
  '--port',
  '0',
  ...more,
];

describe('--host', () => {
  it('beyond loopback is refused without keys', async () => {
    const { code, stderr } = await headwater(args('--host', '0.0.0.0'));
    expect([code, stderr]).toEqual([2, expect.stringContaining('[bind-refused]')]);
  });

  it('serves everybody who shows a key of the environment or of a file', async () => {
    const file = space.file('keys', `# for scrapes\nread:${KEY}\n`);
    const environments: Readonly<Record<string, string>>[] = [
      { HEADWATER_API_KEYS: `read:${KEY}` },
      { HEADWATER_API_KEYS_FILE: file },
    ];
    for (const env of environments) {
      const command = new Command(args('--host', '0.0.0.0'), env);
      const url = (await command.url()).replace('0.0.0.0', '127.0.0.1');
      expect((await fetch(`${url}/health/ready`)).status).not.toBe(401);
      expect((await fetch(`${url}/v1/jobs`)).status).toBe(401);
      expect((await fetch(`${url}/v1/jobs`, { headers: { 'x-api-key': KEY } })).status).toBe(200);
      expect((await command.kill('SIGTERM')).code).toBe(0);
    }
  });

  it.each<[env: Readonly<Record<string, string>>, message: string]>([
    [{ HEADWATER_API_KEYS: 'short' }, 'has 5 characters'],
    [{ HEADWATER_API_KEYS_FILE: '/nowhere/keys' }, 'cannot read /nowhere/keys'],
    [{ HEADWATER_API_KEYS_FILE: '/dev/null' }, '/dev/null has no key'],
    [{ HEADWATER_API_KEYS: KEY, HEADWATER_API_KEYS_FILE: '/dev/null' }, 'are both set'],
  ])('wrong keys are refused: %j', async (env, message) => {
    const { code, stderr } = await headwater(args(), env);
    expect([code, stderr]).toEqual([2, expect.stringContaining(message)]);
  });

  it('keys are no settings of SQL', async () => {
    const sql = `${SQL.replace("'10'", "'${HEADWATER_API_KEYS}'")}`;
    const { code, stderr } = await headwater(['validate', space.file('f.sql', sql)], { HEADWATER_API_KEYS: KEY });
    expect([code, stderr]).toEqual([2, expect.stringContaining('[unset-setting]')]);
  });
});
