/**
 * The steps of the protocol that Redis does as one: a script is atomic in memory, in the AOF and in replication. Redis
 * does not roll a script back, so the marker comes last, and what a script writes may be written again.
 *
 * The fence is a hash: lineage, owner, state (following, rebuilding), pos, chain, encoding, epoch (the last one that
 * is applied in full).
 */
export interface Scripts {
  readonly acquire: string;
  readonly apply: string;
  readonly begin: string;
  readonly sweep: string;
  readonly finish: string;
}

/**
 * Becomes the owner and tells what is there. KEYS: fence. ARGV: lineage, generation, owner, superseded lineages
 * (comma before and after each), force (1 or 0), encoding.
 */
const ACQUIRE = `
local kind = redis.call('TYPE', KEYS[1]).ok
if kind ~= 'none' and kind ~= 'hash' then return {'POISON', KEYS[1], 'the fence is a ' .. kind} end
local f = redis.call('HMGET', KEYS[1], 'lineage', 'owner', 'state', 'pos', 'chain', 'encoding')
if not f[1] then
  redis.call('HSET', KEYS[1], 'lineage', ARGV[1], 'owner', ARGV[3], 'state', 'rebuilding', 'pos', '', 'chain', '',
    'encoding', ARGV[6], 'epoch', '0')
  return {'NEW'}
end
local known = f[1] == ARGV[1] or string.find(ARGV[4], ',' .. f[1] .. ',', 1, true)
if ARGV[5] ~= '1' then
  if not known then return {'FOREIGN', f[1], f[2], f[3], f[4], f[5], f[6]} end
  local theirs = tonumber(string.match(f[2] or '', '^(%d+):')) or 0
  local mine = tonumber(ARGV[2])
  if theirs > mine or (theirs == mine and f[2] ~= ARGV[3]) then return {'FENCED', f[2]} end
end
redis.call('HSET', KEYS[1], 'owner', ARGV[3])
return {'OWNED', f[1], f[2] or '', f[3] or '', f[4] or '', f[5] or '', f[6] or ''}
`;

const CHECK_OWNER = `
local f = redis.call('HMGET', KEYS[1], 'owner', 'pos')
if f[1] ~= ARGV[1] then return {'FENCED', f[1] or ''} end
`;

/**
 * Applies a part of a chunk. KEYS: fence. ARGV: owner, position before, position after, chain, epoch that is
 * complete with this part ('' when none is), mode (hash, json), replace (1: nothing of a key's old value stays), names
 * of the fields, rows. Rows are a flat array: key, false (delete) or true (upsert) or a time (upsert, expires then),
 * and for an upsert the values.
 */
const APPLY = `${CHECK_OWNER}
if f[2] == ARGV[3] then return {'SKIP'} end
if f[2] ~= ARGV[2] then return {'GAP', f[2] or ''} end
local hash, replace = ARGV[6] == 'hash', ARGV[7] == '1'
local names, rows = cmsgpack.unpack(ARGV[8]), cmsgpack.unpack(ARGV[9])
local total, width = rows[1], #names
local args, gone = {}, {}
local at = 2
for _ = 1, total do
  local key, kind = rows[at], rows[at + 1]
  at = at + 2
  local reply
  if kind == false then
    reply = redis.pcall('DEL', key)
  elseif hash then
    args[1], gone[1] = key, key
    local n, g = 1, 1
    for c = 1, width do
      local value = rows[at]
      at = at + 1
      if value then
        args[n + 1], args[n + 2] = names[c], value
        n = n + 2
      else
        g = g + 1
        gone[g] = names[c]
      end
    end
    if replace then redis.call('DEL', key) end
    reply = redis.pcall('HSET', unpack(args, 1, n))
    if g > 1 and not replace and not (type(reply) == 'table') then reply = redis.pcall('HDEL', unpack(gone, 1, g)) end
  else
    reply = redis.pcall('SET', key, rows[at])
    at = at + 1
  end
  if type(reply) == 'table' and reply.err then return {'POISON', key, reply.err} end
  if kind and kind ~= true then redis.call('PEXPIREAT', key, kind) end
end
if ARGV[5] == '' then
  redis.call('HSET', KEYS[1], 'pos', ARGV[3], 'chain', ARGV[4])
else
  redis.call('HSET', KEYS[1], 'pos', ARGV[3], 'chain', ARGV[4], 'epoch', ARGV[5])
end
return {'DONE'}
`;

/** Begins a rebuild: from here on what Redis holds is not the table. ARGV: owner, lineage, encoding, position. */
const BEGIN = `${CHECK_OWNER}
redis.call('HSET', KEYS[1], 'lineage', ARGV[2], 'state', 'rebuilding', 'pos', ARGV[4], 'chain', '', 'encoding', ARGV[3],
  'epoch', '0')
return {'DONE'}
`;

/** Removes keys that the image does not have. KEYS: fence, keys. ARGV: owner. */
const SWEEP = `${CHECK_OWNER}
for i = 2, #KEYS do redis.call('UNLINK', KEYS[i]) end
return {'DONE'}
`;

/** Ends a rebuild. ARGV: owner, position of the last part, position that the image stands for, chain, epoch. */
const FINISH = `${CHECK_OWNER}
if f[2] ~= ARGV[2] then return {'GAP', f[2] or ''} end
redis.call('HSET', KEYS[1], 'state', 'following', 'pos', ARGV[3], 'chain', ARGV[4], 'epoch', ARGV[5])
return {'DONE'}
`;

export const SCRIPTS: Scripts = { acquire: ACQUIRE, apply: APPLY, begin: BEGIN, sweep: SWEEP, finish: FINISH };
