import type { Readable } from 'node:stream';
import type { ByteInput } from './input.js';

export interface StreamEnd {
  /** Settles, with what went wrong or null, once the stream has ended and whatever fed it has too. */
  outcome: Promise<string | null>;
  progress?: () => { done: number; total: number } | null;
  close?: () => void;
}

/**
 * A Node stream as bytes to pull. The stream keeps its own bound (highWaterMark) on what it holds while nobody pulls,
 * so memory is bounded whatever the compression ratio.
 */
export class StreamInput implements ByteInput {
  readonly #stream: Readable;
  readonly #end: StreamEnd;
  #chunk: Uint8Array | null = null;
  #used = 0;
  #over = false;
  #fault: string | null = null;
  #wake: (() => void) | null = null;

  constructor(stream: Readable, end: StreamEnd) {
    this.#stream = stream;
    this.#end = end;
    const wake = () => this.#awaken();
    stream.on('readable', wake);
    end.outcome.then((fault) => {
      this.#over = true;
      this.#fault = fault;
      this.#awaken();
    }, wake);
  }

  pull(into: Uint8Array, at: number): number {
    if (this.#chunk === null) {
      // A stream that failed still hands over what it held before it did.
      this.#chunk = this.#stream.read() as Uint8Array | null;
      this.#used = 0;
      if (this.#chunk === null) return this.#over ? 0 : -1;
    }
    const n = Math.min(this.#chunk.length - this.#used, into.length - at);
    into.set(this.#chunk.subarray(this.#used, this.#used + n), at);
    this.#used += n;
    if (this.#used === this.#chunk.length) this.#chunk = null;
    return n;
  }

  ready(): Promise<void> {
    if (this.#chunk !== null || this.#over || this.#stream.readableLength > 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  #awaken(): void {
    const wake = this.#wake;
    this.#wake = null;
    wake?.();
  }

  fault(): string | null {
    return this.#fault;
  }

  progress(): { done: number; total: number } | null {
    return this.#end.progress?.() ?? null;
  }

  close(): void {
    this.#stream.destroy();
    this.#end.close?.();
  }
}
