const SEED = 42;

/** MurmurHash3 as Flink hashes the bytes of its texts: the bytes behind the last whole word each as a word. Signed. */
export function murmurHash(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const aligned = bytes.length & ~3;
  let hash = SEED;
  for (let i = 0; i < aligned; i += 4) hash = mixed(hash, view.getInt32(i, true));
  for (let i = aligned; i < bytes.length; i++) hash = mixed(hash, view.getInt8(i));
  hash ^= bytes.length;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}

function mixed(hash: number, word: number): number {
  const scrambled = Math.imul(rotated(Math.imul(word, 0xcc9e2d51), 15), 0x1b873593);
  return (Math.imul(rotated(hash ^ scrambled, 13), 5) + 0xe6546b64) | 0;
}

function rotated(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits));
}
