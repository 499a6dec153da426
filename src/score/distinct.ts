/**
 * How many different things each row has seen: linear counting (Whang, Vander-Zanden and Taylor 1990) in a few words
 * of bits. Within some percent up to about twice as many things as there are bits; beyond that it is a floor.
 */
export class Distinct {
  readonly bits: number;
  readonly #words: number;
  readonly #map: Uint32Array;
  readonly #ones: Uint16Array;

  /** `bits` is a power of two, 32 to 32768. */
  constructor(rows: number, bits: number) {
    this.bits = bits;
    this.#words = bits / 32;
    this.#map = new Uint32Array(rows * this.#words);
    this.#ones = new Uint16Array(rows);
  }

  clear(row: number): void {
    // Rows are mostly given up with little in them, and a loop over a few words is cheaper than fill().
    if (this.#ones[row] === 0) return;
    const map = this.#map;
    for (let at = row * this.#words, end = at + this.#words; at < end; at++) map[at] = 0;
    this.#ones[row] = 0;
  }

  /** Adds a hashed thing; true when it was surely not there before. */
  add(row: number, hash: number): boolean {
    const bit = (hash >>> 7) & (this.bits - 1);
    const at = row * this.#words + (bit >>> 5);
    const mask = 1 << (bit & 31);
    if ((this.#map[at]! & mask) !== 0) return false;
    this.#map[at]! |= mask;
    this.#ones[row]!++;
    return true;
  }

  /** Estimated number of different things. */
  estimate(row: number): number {
    const zeros = Math.max(1, this.bits - this.#ones[row]!);
    return Math.round(this.bits * Math.log(this.bits / zeros));
  }

  /** Share of bits in use: above 0.9 the estimate is coarse. */
  load(row: number): number {
    return this.#ones[row]! / this.bits;
  }
}
