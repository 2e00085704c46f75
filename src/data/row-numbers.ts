let numbers: Int32Array = new Int32Array(0);

/** 0, 1, 2, ... at least `count` of them. Shared and read-only: never transfer it to another thread. */
export function rowNumbers(count: number): Int32Array {
  if (numbers.length < count) {
    numbers = new Int32Array(Math.max(1024, count * 2));
    for (let i = 0; i < numbers.length; i++) numbers[i] = i;
  }
  return numbers;
}

/** Row numbers of a batch in order, `selectedCount` of them (more may follow): its selection, or 0, 1, 2, ... */
export function selectedRows(batch: { selection: Int32Array | undefined; selectedCount: number }): Int32Array {
  return batch.selection ?? rowNumbers(batch.selectedCount);
}
