import { Exit, OperatorError } from '../base/errors.js';
import { BATCH_ROWS, newBatch, wireBytesOf } from './batch.js';
import type { ByteInput } from './input.js';
import { nameOf, openBytes, sizeOf } from './open.js';
import { FILE_ARENA_BYTES, HEADER_BYTES, type RecordReader, readerFor } from './reader.js';
import { Sift, type SiftOptions } from './sift.js';
import type { CaptureStats, FrameBatch, FrameSource } from './source.js';

export type CaptureOptions = SiftOptions;

/**
 * Chunks read in one read() while every frame in them belongs to others: then the caller gets its turn of the event
 * loop back ('idle', with ready() settling at once).
 */
const CHUNKS_PER_READ = 8;

/**
 * Opens one capture file ('-': standard input). Throws an OperatorError when there is none (66), when it is no
 * capture (65), when it needs a program that is not installed (69), or when the filter is not understood (64).
 */
export function openCapture(path: string, options: CaptureOptions = {}): FrameSource {
  return openWith(path, new Sift(options), newBatch(BATCH_ROWS, FILE_ARENA_BYTES));
}

/** As openCapture(), into a batch and through a sift that several files share one after the other. */
export function openWith(path: string, sift: Sift, batch: FrameBatch): CaptureFile {
  const name = nameOf(path);
  if (sift.shards > 1 && Number.isNaN(sizeOf(path))) {
    const why = `${name} can be read only once, so not by ${sift.shards} shards. Use one shard, or save it to a file first.`;
    throw new OperatorError('capture.not-shareable', Exit.usage, why);
  }
  return new CaptureFile(name, openBytes(path), sift, batch);
}

/** Frames of one capture file, in place in the chunk they were read in. */
export class CaptureFile implements FrameSource {
  readonly name: string;
  readonly batch: FrameBatch;
  readonly #input: ByteInput;
  readonly #sift: Sift;
  readonly #stats = { frames: 0, wireBytes: 0 };
  /** Null until the file's header has come. */
  #reader: RecordReader | null = null;
  /** Bytes of the arena not yet turned into rows. */
  #at = 0;
  #end = 0;
  #ended = false;
  #busy = false;
  #fault: string | null = null;

  constructor(name: string, input: ByteInput, sift: Sift, batch: FrameBatch) {
    this.name = name;
    this.batch = batch;
    this.#input = input;
    this.#sift = sift;
  }

  read(): 'frames' | 'idle' | 'end' {
    const { batch } = this;
    batch.count = 0;
    this.#busy = false;
    for (let chunks = 0; !this.#ended && chunks < CHUNKS_PER_READ; ) {
      const reader = this.#reader;
      if (reader !== null) this.#at = reader.scan(batch, this.#at, this.#end);
      if (batch.count > 0) {
        this.#sift.apply(batch);
        if (batch.count > 0) {
          this.#stats.frames += batch.count;
          this.#stats.wireBytes += wireBytesOf(batch);
          return 'frames';
        }
        chunks++;
      } else if (reader !== null && reader.damage !== null) {
        this.#finish(reader.damage);
      } else {
        const n = this.#fill();
        if (n < 0) return 'idle';
        if (reader === null) this.#begin(n === 0);
        else if (n === 0) this.#finish(this.#cut(reader));
        chunks += reader === null ? 0 : Number(reader.skip > 0);
      }
    }
    if (this.#ended) return 'end';
    this.#busy = true;
    return 'idle';
  }

  /** Chooses the reader once the header is there. A regular file's was looked at before; a pipe's is news. */
  #begin(over: boolean): void {
    if (this.#end < HEADER_BYTES && !over) return;
    try {
      const { reader, at } = readerFor(this.batch.arena.subarray(0, this.#end), this.name);
      this.#reader = reader;
      this.#at = at;
    } catch (error) {
      if (!(error instanceof OperatorError)) throw error;
      this.#finish(this.#input.fault() === null ? error.message : null);
    }
  }

  /** Moves what is left of the last chunk to the front and reads behind it. */
  #fill(): number {
    const { arena } = this.batch;
    const reader = this.#reader;
    const left = this.#end - this.#at;
    arena.copyWithin(0, this.#at, this.#end);
    if (reader !== null) reader.base += this.#at;
    this.#at = 0;
    this.#end = left;
    let got = 0;
    while (this.#end < arena.length) {
      const n = this.#input.pull(arena, this.#end);
      if (n <= 0) {
        if (got === 0) return n;
        break;
      }
      got += n;
      this.#end += n;
      if (reader !== null && reader.skip > 0) {
        // A block that nobody wants goes as it comes; while it lasts, nothing else is in the arena.
        const unwanted = Math.min(reader.skip, n);
        reader.skip -= unwanted;
        reader.base += unwanted;
        arena.copyWithin(0, unwanted, this.#end);
        this.#end -= unwanted;
        if (got >= arena.length) break;
      }
    }
    return got;
  }

  /** Whether the input ended in the middle of something. */
  #cut(reader: RecordReader): string | null {
    const where = `at byte ${reader.base + this.#end}`;
    if (reader.skip > 0) return `it is cut short in a block after frame ${reader.frames}, ${where}`;
    if (this.#end === 0) return null;
    return `it is cut short in the middle of frame ${reader.frames + 1}, ${where}`;
  }

  #finish(fault: string | null): void {
    this.#ended = true;
    const faults = [this.#input.fault(), fault].filter((f) => f !== null);
    if (faults.length === 0) return;
    const text = faults.join('; ');
    this.#fault = text.startsWith(this.name) ? text : `${this.name}: ${text}`;
  }

  async ready(timeoutMs: number): Promise<void> {
    if (this.#busy || this.#ended) return new Promise((resolve) => setImmediate(resolve));
    await within(this.#input.ready(), timeoutMs);
  }

  stats(): CaptureStats {
    const { otherShard, filtered } = this.#sift;
    const droppedRing = this.#reader?.droppedRing ?? Number.NaN;
    const droppedInterface = this.#reader?.droppedInterface ?? Number.NaN;
    return { ...this.#stats, droppedRing, droppedInterface, otherShard, filtered };
  }

  fault(): string | null {
    const faults = [this.#fault, this.#sift.fault()].filter((f) => f !== null);
    return faults.length === 0 ? null : faults.join('; ');
  }

  /** The fault of the file itself, without that of the sift it may share. */
  ownFault(): string | null {
    return this.#fault;
  }

  progress(): { done: number; total: number } | null {
    return this.#input.progress();
  }

  close(): void {
    this.#ended = true;
    this.#input.close();
  }
}

/** Settles with the promise, or after `ms`. */
export async function within(promise: Promise<void>, ms: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([promise, timeout]);
  clearTimeout(timer);
}
