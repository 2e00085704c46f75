import type { Batch } from '../data/batch.ts';
import type { StageWriter } from '../connectors/filesystem/stage.ts';
import type { SinkOutput, SinkTarget } from './sink-node.ts';

/** A table of files: rows wait in a stage until their epoch is committed. */
export class FileTarget implements SinkTarget {
  private readonly stage: StageWriter;

  constructor(stage: StageWriter) {
    this.stage = stage;
  }
  write(batch: Batch): void {
    this.stage.write(batch);
  }
  /** Nobody waits for rows in files: no epoch is hurried for them. */
  stagedBytes(): number {
    return 0;
  }
  take(epoch: number): SinkOutput {
    this.stage.flush(epoch);
    return { outputs: [], collected: [] };
  }
  close(): void {
    this.stage.close();
  }
}
