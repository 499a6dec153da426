/** The most one stream may have waiting: what a field of two bytes can announce, and the field itself. */
export const WINDOW_BYTES = 2 + 65_535;
/** Pieces beyond a hole that one stream may have waiting. */
const PIECES_MAX = 8;
const SIZES = [2048, 16_384, WINDOW_BYTES] as const;

/**
 * Bytes of one stream that wait: `have` of them without a gap from offset 0, and up to eight pieces further on.
 *
 *   |■■■■■■ have|   hole   |■■■ piece 0 ■■■|  |■ piece 1 ■|
 */
export class Buffered {
  bytes: Uint8Array;
  view: DataView;
  have = 0;
  /** Pieces in use; each has a hole before it. */
  holes = 0;
  readonly #from = new Int32Array(PIECES_MAX + 1);
  readonly #to = new Int32Array(PIECES_MAX + 1);

  constructor(size: number) {
    this.bytes = new Uint8Array(size);
    this.view = new DataView(this.bytes.buffer);
  }

  /** Where the first piece beyond a hole begins. */
  get pieceStart(): number {
    return this.#from[0]!;
  }

  /** Where the last piece ends. */
  get extent(): number {
    return this.holes > 0 ? this.#to[this.holes - 1]! : this.have;
  }

  /**
   * Puts `n` bytes at `offset`, where they fit. Bytes that are there already stay: what came first counts.
   * Returns how many were new, or -1 when there is no room to note one more piece.
   */
  place(offset: number, source: Uint8Array, at: number, n: number): number {
    const end = offset + n;
    let cursor = Math.max(offset, this.have);
    let news = 0;
    let piece = 0;
    while (cursor < end) {
      while (piece < this.holes && this.#to[piece]! <= cursor) piece++;
      const stop = piece < this.holes ? Math.min(end, Math.max(cursor, this.#from[piece]!)) : end;
      for (let i = cursor; i < stop; i++) this.bytes[i] = source[at + i - offset]!;
      news += stop - cursor;
      cursor = piece < this.holes && stop < end ? this.#to[piece]! : stop;
    }
    if (news === 0) return 0;
    if (offset <= this.have) this.have = Math.max(this.have, end);
    else if (!this.#note(offset, end)) return -1;
    while (this.holes > 0 && this.#from[0]! <= this.have) {
      this.have = Math.max(this.have, this.#to[0]!);
      this.#remove(0);
    }
    return news;
  }

  /** Forgets the first `n` bytes. */
  drop(n: number): void {
    if (n === 0) return;
    const last = this.holes > 0 ? this.#to[this.holes - 1]! : this.have;
    this.bytes.copyWithin(0, n, last);
    this.have = Math.max(0, this.have - n);
    for (let i = 0; i < this.holes; i++) {
      this.#from[i] = this.#from[i]! - n;
      this.#to[i] = this.#to[i]! - n;
    }
    while (this.holes > 0 && this.#from[0]! <= this.have) {
      this.have = Math.max(this.have, this.#to[0]!);
      this.#remove(0);
    }
  }

  reset(): void {
    this.have = this.holes = 0;
  }

  /** Adds [from, to) to the pieces, joined with those it touches. */
  #note(from: number, to: number): boolean {
    let i = 0;
    while (i < this.holes && this.#to[i]! < from) i++;
    while (i < this.holes && this.#from[i]! <= to) {
      from = Math.min(from, this.#from[i]!);
      to = Math.max(to, this.#to[i]!);
      this.#remove(i);
    }
    if (this.holes === PIECES_MAX) return false;
    for (let k = this.holes; k > i; k--) {
      this.#from[k] = this.#from[k - 1]!;
      this.#to[k] = this.#to[k - 1]!;
    }
    this.#from[i] = from;
    this.#to[i] = to;
    this.holes++;
    return true;
  }

  #remove(i: number): void {
    this.holes--;
    for (let k = i; k < this.holes; k++) {
      this.#from[k] = this.#from[k + 1]!;
      this.#to[k] = this.#to[k + 1]!;
    }
  }
}

/** Buffers in three sizes, at most so many bytes in all; those given back are used again. */
export class BufferPool {
  readonly #free: Buffered[][] = SIZES.map(() => []);
  #left: number;

  constructor(bytes: number) {
    this.#left = bytes;
  }

  /** A buffer of at least `size` bytes, or null when the budget is spent. */
  take(size: number): Buffered | null {
    const kind = SIZES.findIndex((s) => s >= size);
    // A larger one that lies idle is better than new memory: strangers could have us zero 64 KiB for every segment.
    for (let larger = kind; larger < SIZES.length; larger++) {
      const free = this.#free[larger]!.pop();
      if (free !== undefined) return free;
    }
    if (this.#left < SIZES[kind]! && !this.#melt(SIZES[kind]!)) return null;
    this.#left -= SIZES[kind]!;
    return new Buffered(SIZES[kind]!);
  }

  give(buffer: Buffered): void {
    buffer.reset();
    this.#free[SIZES.indexOf(buffer.bytes.length as (typeof SIZES)[number])]!.push(buffer);
  }

  /** Gives `buffer` room for `size` bytes by exchanging its memory; false when the budget is spent. */
  widen(buffer: Buffered, size: number): boolean {
    if (size <= buffer.bytes.length) return true;
    const other = this.take(size);
    if (other === null) return false;
    other.bytes.set(buffer.bytes);
    const { bytes, view } = buffer;
    buffer.bytes = other.bytes;
    buffer.view = other.view;
    other.bytes = bytes;
    other.view = view;
    this.give(other);
    return true;
  }

  /** Lets unused buffers of other sizes go until `size` bytes are free. */
  #melt(size: number): boolean {
    for (const [kind, free] of this.#free.entries()) {
      while (this.#left < size && free.pop() !== undefined) this.#left += SIZES[kind]!;
    }
    return this.#left >= size;
  }
}
