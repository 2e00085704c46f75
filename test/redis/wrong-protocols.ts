import { chunkExpiry } from '../../src/connectors/redis/expiry.ts';
import { type FollowerProtocol, PROTOCOL } from '../../src/connectors/redis/follower-protocol.ts';
import { decideCatchUp, formatPosition } from '../../src/connectors/redis/protocol.ts';
import { imagePosition } from '../../src/connectors/redis/rebuild.ts';
import { SCRIPTS, type Scripts } from '../../src/connectors/redis/scripts.ts';

/** Protocols with one mistake each, which the fault tests have to notice. */
export const WRONG: Readonly<Record<string, Partial<FollowerProtocol>>> = {
  'marker before data': {
    scripts: patched('apply', [
      'local hash, replace',
      "redis.call('HSET', KEYS[1], 'pos', ARGV[3], 'chain', ARGV[4])\nlocal hash, replace",
    ]),
  },
  'no fence': {
    scripts: patched('apply', ["if f[1] ~= ARGV[1] then return {'FENCED', f[1] or ''} end", '']),
  },
  'no look at the position before': {
    scripts: patched('apply', ["if f[2] ~= ARGV[2] then return {'GAP', f[2] or ''} end", '']),
  },
  'a key that cannot be written is skipped': {
    scripts: patched('apply', ["return {'POISON', key, reply.err}", 'reply = nil']),
  },
  'time to live instead of a time': {
    scripts: patched('apply', [
      "redis.call('PEXPIREAT', key, kind)",
      "redis.call('PEXPIRE', key, kind - redis.call('TIME')[1] * 1000)",
    ]),
  },
  'fields that became NULL stay': { scripts: patched('apply', ["redis.pcall('HDEL'", "redis.pcall('HSTRLEN'"]) },
  'deleted rows stay': { scripts: patched('apply', ["redis.pcall('DEL', key)", "redis.pcall('EXISTS', key)"]) },
  'a rebuild that writes nothing': {
    rebuild: async (session, _table, image, encoding) => {
      await session.begin(image.state.lineage, encoding, 'rebuild:0');
      const { position, chain, epoch } = imagePosition(image);
      await session.finish('rebuild:0', formatPosition(position), chain, epoch);
    },
  },
  'a rebuild that leaves other keys': { scripts: patched('sweep', ["redis.call('UNLINK', KEYS[i])", '']) },
  'a begun chunk counts as applied': {
    decide: (...given) => {
      const decision = decideCatchUp(...given);
      return decision.action === 'replay' ? { ...decision, row: 'all' } : decision;
    },
  },
  'the log is taken to be complete': {
    decide: (fence, log, ...more) => {
      const decision = decideCatchUp(fence, log, ...more);
      if (decision.action !== 'rebuild' || fence === undefined) return decision;
      return { action: 'replay', place: { epoch: log.baseEpoch, index: 9e15, chain: log.baseChain }, row: 'all' };
    },
  },
  'any history will do': {
    decide: (fence, log, chain, ...more) =>
      decideCatchUp(
        fence === undefined ? undefined : { ...fence, lineage: log.lineage, chain: chain ?? log.baseChain },
        log,
        chain,
        ...more,
      ),
  },
  'expiry from the time of writing': {
    expiry: (chunk, ttlMs) => chunkExpiry({ ...chunk, committedAt: Date.now() }, ttlMs),
  },
};

function patched(script: keyof Scripts, [from, to]: readonly [string, string]): Scripts {
  if (!SCRIPTS[script].includes(from)) throw new Error(`script ${script} has no ${from}`);
  return { ...SCRIPTS, [script]: SCRIPTS[script].replace(from, () => to) };
}

/** The real protocol, or one with a mistake. */
export function protocolOf(wrong: string | undefined): FollowerProtocol {
  if (wrong === undefined || wrong === 'synchronous = NORMAL') return PROTOCOL;
  if (!Object.hasOwn(WRONG, wrong)) throw new Error(`there is no wrong protocol '${wrong}'`);
  return { ...PROTOCOL, ...WRONG[wrong] };
}
