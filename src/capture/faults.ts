import { keepRows } from './batch.js';
import type { CaptureStats, FrameBatch, FrameSource } from './source.js';

export interface FaultOptions {
  seed: number;
  /** Chance, per frame, of each mishap: 0 to 1. */
  drop?: number;
  truncate?: number;
  flip?: number;
}

/**
 * A source that spoils another's frames, the same way for the same seed: frames are lost, cut short, or get one bit
 * flipped (single bits are the hardest to notice). What it did is counted, so that a test can balance its books.
 */
export class FaultySource implements FrameSource {
  readonly name: string;
  dropped = 0;
  truncated = 0;
  flipped = 0;
  readonly #inner: FrameSource;
  readonly #drop: number;
  readonly #truncate: number;
  readonly #flip: number;
  readonly #random: () => number;
  #keep = new Uint8Array(0);

  constructor(inner: FrameSource, options: FaultOptions) {
    this.name = `${inner.name} with faults (seed ${options.seed})`;
    this.#inner = inner;
    this.#drop = options.drop ?? 0;
    this.#truncate = options.truncate ?? 0;
    this.#flip = options.flip ?? 0;
    this.#random = seeded(options.seed);
  }

  get batch(): FrameBatch {
    return this.#inner.batch;
  }

  read(): 'frames' | 'idle' | 'end' {
    for (;;) {
      const got = this.#inner.read();
      if (got !== 'frames') return got;
      this.#spoil(this.#inner.batch);
      if (this.#inner.batch.count > 0) return 'frames';
    }
  }

  #spoil(batch: FrameBatch): void {
    const { start, capLen, arena, count } = batch;
    const random = this.#random;
    if (this.#keep.length < count) this.#keep = new Uint8Array(start.length);
    for (let i = 0; i < count; i++) {
      const lost = random() < this.#drop;
      this.#keep[i] = lost ? 0 : 1;
      if (lost) {
        this.dropped++;
        continue;
      }
      if (random() < this.#truncate) {
        capLen[i] = Math.floor(random() * capLen[i]!);
        this.truncated++;
      }
      if (random() < this.#flip && capLen[i]! > 0) {
        const bit = Math.floor(random() * capLen[i]! * 8);
        arena[start[i]! + (bit >> 3)]! ^= 1 << (bit & 7);
        this.flipped++;
      }
    }
    keepRows(batch, this.#keep);
  }

  ready(timeoutMs: number): Promise<void> {
    return this.#inner.ready(timeoutMs);
  }

  /** As the inner source counts, less what was dropped here; a dropped frame's bytes stay in wireBytes. */
  stats(): CaptureStats {
    const s = this.#inner.stats();
    return { ...s, frames: s.frames - this.dropped };
  }

  fault(): string | null {
    return this.#inner.fault();
  }

  progress(): { done: number; total: number } | null {
    return this.#inner.progress();
  }

  close(): void {
    this.#inner.close();
  }
}

/** Mulberry32 (T. Ettinger, public domain): enough for faults, and the same everywhere. */
export function seeded(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 0x1_0000_0000;
  };
}
