import { join } from 'node:path';
import type { SpoolFs } from './fs.js';

/** One file of the spool and what is in it, oldest first. */
export class Segment {
  readonly number: number;
  /** Bytes of the file, whatever they hold. */
  bytes = 0;
  /** Bodies it holds that are neither acknowledged nor corrupt. */
  readonly #sequences: number[] = [];
  readonly #starts: number[] = [];
  readonly #ends: number[] = [];
  readonly #times: number[] = [];
  /** Rows before this one are acknowledged. */
  #from = 0;

  constructor(number: number) {
    this.number = number;
  }

  add(sequence: number, start: number, end: number, atMs: number): void {
    this.#sequences.push(sequence);
    this.#starts.push(start);
    this.#ends.push(end);
    this.#times.push(atMs);
  }

  get count(): number {
    return this.#sequences.length - this.#from;
  }

  /** Of the body that has waited longest; NaN when there is none. */
  get oldestMs(): number {
    return this.#times[this.#from] ?? Number.NaN;
  }

  get oldest(): number {
    return this.#sequences[this.#from] ?? Number.NaN;
  }

  get newest(): number {
    return this.count === 0 ? Number.NaN : this.#sequences.at(-1)!;
  }

  /** Lets go of everything up to `sequence`; gives how many bodies that was. */
  acknowledge(sequence: number): number {
    const before = this.#from;
    while (this.#from < this.#sequences.length && this.#sequences[this.#from]! <= sequence) this.#from++;
    return this.#from - before;
  }

  /** The first body at or after `sequence`, with the sequence of the one before it here (0: none); null if none. */
  find(sequence: number): { sequence: number; before: number; start: number; end: number } | null {
    let low = this.#from;
    let high = this.#sequences.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#sequences[middle]! < sequence) low = middle + 1;
      else high = middle;
    }
    if (low === this.#sequences.length) return null;
    return {
      sequence: this.#sequences[low]!,
      before: low > this.#from ? this.#sequences[low - 1]! : 0,
      start: this.#starts[low]!,
      end: this.#ends[low]!,
    };
  }

  /** Forgets one body, found to be corrupt. */
  remove(sequence: number): void {
    const row = this.#sequences.indexOf(sequence, this.#from);
    if (row < 0) return;
    for (const column of [this.#sequences, this.#starts, this.#ends, this.#times]) column.splice(row, 1);
  }
}

const NAME = /^(\d{10})\.seg$/;
export const segmentName = (number: number): string => `${String(number).padStart(10, '0')}.seg`;

/** Numbers of the segments in a directory, oldest first. */
export async function segmentNumbers(fs: SpoolFs, dir: string): Promise<number[]> {
  const numbers: number[] = [];
  for (const name of await fs.readdir(dir)) {
    const match = NAME.exec(name);
    if (match !== null) numbers.push(Number(match[1]));
  }
  return numbers.sort((a, b) => a - b);
}

/** The bytes of a segment, up to `max`: a spool never writes longer ones. */
export async function readSegment(fs: SpoolFs, dir: string, number: number, max: number): Promise<Buffer> {
  const file = await fs.open(join(dir, segmentName(number)), 'read');
  try {
    const buffer = Buffer.alloc(Math.min(await file.size(), max));
    let at = 0;
    while (at < buffer.length) {
      const n = await file.read(buffer.subarray(at), at);
      if (n === 0) break;
      at += n;
    }
    return buffer.subarray(0, at);
  } finally {
    await file.close();
  }
}
