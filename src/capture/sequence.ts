import { OperatorError } from '../base/errors.js';
import { type CaptureFile, openWith } from './file.js';
import { nameOf } from './open.js';
import type { Sift } from './sift.js';
import type { CaptureStats, FrameBatch, FrameSource } from './source.js';

/** More faults than this are counted, not told: a folder of ten thousand damaged files must still fit a message. */
const FAULTS_TOLD = 5;

/** Several capture files, one after the other, as one source: one batch and one sift serve them all. */
export class CaptureSequence implements FrameSource {
  readonly name: string;
  readonly batch: FrameBatch;
  readonly #paths: readonly string[];
  readonly #sizes: readonly number[];
  readonly #sift: Sift;
  #current: CaptureFile | null;
  #index = 0;
  #doneBytes = 0;
  readonly #stats = { frames: 0, wireBytes: 0, droppedRing: Number.NaN, droppedInterface: Number.NaN };
  readonly #faults: string[] = [];
  #faultCount = 0;

  /** `sizes` of the files as they lie on the disk; `first` is the first of them, open. */
  constructor(paths: readonly string[], sizes: readonly number[], first: CaptureFile, sift: Sift) {
    this.name = `${paths.length} capture files`;
    this.batch = first.batch;
    this.#paths = paths;
    this.#sizes = sizes;
    this.#current = first;
    this.#sift = sift;
  }

  read(): 'frames' | 'idle' | 'end' {
    this.batch.count = 0;
    while (this.#index < this.#paths.length) {
      this.#current ??= this.#open(this.#paths[this.#index]!);
      const got = this.#current?.read() ?? 'end';
      if (got !== 'end') return got;
      this.#leave();
    }
    return 'end';
  }

  #open(path: string): CaptureFile | null {
    try {
      return openWith(path, this.#sift, this.batch);
    } catch (error) {
      // The world may change under a long run: a file removed, a disk gone. The rest is still worth reading.
      this.#blame(error instanceof OperatorError ? error.message : `${nameOf(path)}: ${(error as Error).message}`);
      return null;
    }
  }

  /** Adds a finished file to the totals. */
  #leave(): void {
    const file = this.#current;
    if (file !== null) {
      const s = file.stats();
      this.#stats.frames += s.frames;
      this.#stats.wireBytes += s.wireBytes;
      this.#stats.droppedRing = addKnown(this.#stats.droppedRing, s.droppedRing);
      this.#stats.droppedInterface = addKnown(this.#stats.droppedInterface, s.droppedInterface);
      this.#blame(file.ownFault());
      file.close();
    }
    this.#doneBytes += this.#sizes[this.#index]!;
    this.#index++;
    this.#current = null;
  }

  #blame(fault: string | null): void {
    if (fault === null) return;
    this.#faultCount++;
    if (this.#faults.length < FAULTS_TOLD) this.#faults.push(fault);
  }

  async ready(timeoutMs: number): Promise<void> {
    await this.#current?.ready(timeoutMs);
  }

  stats(): CaptureStats {
    const now = this.#current?.stats();
    const { frames, wireBytes, droppedRing, droppedInterface } = this.#stats;
    return {
      frames: frames + (now?.frames ?? 0),
      wireBytes: wireBytes + (now?.wireBytes ?? 0),
      droppedRing: addKnown(droppedRing, now?.droppedRing ?? Number.NaN),
      droppedInterface: addKnown(droppedInterface, now?.droppedInterface ?? Number.NaN),
      otherShard: this.#sift.otherShard,
      filtered: this.#sift.filtered,
    };
  }

  fault(): string | null {
    const told = [...this.#faults];
    if (this.#faultCount > told.length) told.push(`and ${this.#faultCount - told.length} more files`);
    const filter = this.#sift.fault();
    if (filter !== null) told.push(filter);
    return told.length === 0 ? null : told.join('; ');
  }

  progress(): { done: number; total: number } | null {
    const total = this.#sizes.reduce((sum, n) => sum + n, 0);
    if (Number.isNaN(total)) return null;
    const done = this.#doneBytes + (this.#current?.progress()?.done ?? 0);
    return { done: Math.min(done, total), total };
  }

  close(): void {
    this.#index = this.#paths.length;
    this.#current?.close();
  }
}

/** A sum in which "unknown" (NaN) adds nothing, but stays unknown when nothing is known. */
function addKnown(a: number, b: number): number {
  return Number.isNaN(a) ? b : Number.isNaN(b) ? a : a + b;
}
