import { newBatch, wireBytesOf } from './batch.js';
import { LinkType } from './linktype.js';
import type { CaptureStats, FrameBatch, FrameSource } from './source.js';

/** One frame as a test writes it down. */
export interface Frame {
  bytes: Uint8Array;
  timeUs: number;
  /** Default: all of it was captured. */
  wireLen?: number;
  /** Default: Ethernet. */
  linkType?: number;
}

/** Frames from an array, `rowsPerBatch` at a time: for tests, and to try a pipeline without a tap. */
export class MemorySource implements FrameSource {
  readonly name = 'memory';
  readonly batch: FrameBatch;
  readonly #frames: readonly Frame[];
  readonly #rows: number;
  readonly #stats = { frames: 0, wireBytes: 0 };
  #next = 0;

  constructor(frames: readonly Frame[], rowsPerBatch = 64) {
    const longest = frames.reduce((n, f) => Math.max(n, f.bytes.length), 0);
    this.batch = newBatch(rowsPerBatch, rowsPerBatch * longest);
    this.#frames = frames;
    this.#rows = rowsPerBatch;
  }

  read(): 'frames' | 'idle' | 'end' {
    const { batch } = this;
    batch.count = 0;
    let used = 0;
    while (batch.count < this.#rows && this.#next < this.#frames.length) {
      const frame = this.#frames[this.#next++]!;
      const row = batch.count++;
      batch.arena.set(frame.bytes, used);
      batch.start[row] = used;
      batch.capLen[row] = frame.bytes.length;
      batch.wireLen[row] = frame.wireLen ?? frame.bytes.length;
      batch.timeUs[row] = frame.timeUs;
      batch.linkType[row] = frame.linkType ?? LinkType.ethernet;
      used += frame.bytes.length;
    }
    this.#stats.frames += batch.count;
    this.#stats.wireBytes += wireBytesOf(batch);
    return batch.count > 0 ? 'frames' : 'end';
  }

  ready(): Promise<void> {
    return Promise.resolve();
  }

  stats(): CaptureStats {
    return { ...this.#stats, droppedRing: 0, droppedInterface: 0, otherShard: 0, filtered: 0 };
  }

  fault(): string | null {
    return null;
  }

  progress(): { done: number; total: number } {
    return { done: this.#next, total: this.#frames.length };
  }

  close(): void {
    this.#next = this.#frames.length;
  }
}
