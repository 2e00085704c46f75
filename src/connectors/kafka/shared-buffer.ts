/** A response's buffer, which several partitions' runs refer to. */
export class SharedBuffer {
  private holders = 1;
  private readonly free: () => void;

  constructor(free: () => void) {
    this.free = free;
  }

  retain(): void {
    this.holders++;
  }

  release(): void {
    if (--this.holders === 0) this.free();
  }
}
