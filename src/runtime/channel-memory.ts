import type { Room } from '../data/room.ts';

/** Bytes that a channel may have on their way before its sender's source pauses. */
export const CHANNEL_CREDIT = 1 << 20;
const BLOCK_BYTES = 128 << 10;
/** Blocks of a channel at most: for what it may have on its way, and as much again for what goes beyond it. */
const MAX_BLOCKS = (2 * CHANNEL_CREDIT) / BLOCK_BYTES;

export interface Block {
  readonly number: number;
  readonly memory: SharedArrayBuffer;
  /** Bytes given, from its beginning. */
  used: number;
  /** Messages with rows in it that were not processed yet. */
  unread: number;
}

/**
 * Memory of the rows that are on their way in one channel, shared with the thread that reads them: the sender writes
 * where the receiver reads, and a block is written again once all messages in it were processed, the last one freed
 * first, while the caches still hold it. Where there is no room left, rows get memory of their own.
 */
export class ChannelMemory {
  private readonly blocks: Block[] = [];
  private readonly free: Block[] = [];
  private open: Block | undefined;
  private ofMessage: Block[] = [];
  /** Fills what is freed, so that whoever still reads it is found out. */
  private readonly poison: boolean;

  constructor(poison: boolean) {
    this.poison = poison;
  }

  /** Memory held, in bytes. */
  bytes(): number {
    return this.blocks.length * BLOCK_BYTES;
  }

  readonly room: Room = (bytes) => {
    const size = (bytes + 7) & ~7;
    if (this.open === undefined || BLOCK_BYTES - this.open.used < size) {
      const next = size > BLOCK_BYTES ? undefined : this.nextBlock();
      if (next === undefined) return new Uint8Array(bytes);
      this.open = next;
    }
    const { open } = this;
    if (this.ofMessage.at(-1) !== open) {
      this.ofMessage.push(open);
      open.unread += 1;
    }
    const at = open.used;
    open.used += size;
    return new Uint8Array(open.memory, at, bytes);
  };

  /** The open block is left as it is, for smaller arrays, when there is no other. */
  private nextBlock(): Block | undefined {
    const free = this.free.pop();
    if (free !== undefined || this.blocks.length === MAX_BLOCKS) return free;
    const block = { number: this.blocks.length, memory: new SharedArrayBuffer(BLOCK_BYTES), used: 0, unread: 0 };
    this.blocks.push(block);
    return block;
  }

  /** What was taken since the last call belongs to one message: its blocks. */
  seal(): readonly Block[] {
    const blocks = this.ofMessage;
    this.ofMessage = [];
    return blocks;
  }

  /** A message with rows in these blocks was processed. */
  release(numbers: readonly number[]): void {
    for (const number of numbers) {
      const block = this.blocks[number];
      block.unread -= 1;
      if (block.unread > 0) continue;
      if (this.poison) new Uint8Array(block.memory, 0, block.used).fill(0xa5);
      block.used = 0;
      if (block !== this.open) this.free.push(block);
    }
  }
}
