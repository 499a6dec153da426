import { hashWords } from './host-table.js';

const WAYS = 8;
/** Uses remembered, and newcomers that cost the others one of them: about two thousand outlive the most used row. */
const HITS_MAX = 255;
const NEWCOMERS_A_HIT = 8;

/**
 * Rows by a key of a few 32-bit words, in fixed memory: a key may live in one of eight neighbouring rows. When all
 * eight are taken, the one least used makes way, and now and then the others pay one use each; so a row that keeps being used
 * outlives a flood of keys that come once. The owner keeps its own columns by row number, and starts them afresh
 * when `fresh` says that a row has a new key.
 */
export class AssocTable {
  readonly capacity: number;
  /** Whether the last row() was newly given to its key. */
  fresh = false;
  evicted = 0;
  readonly key: Uint32Array;
  readonly keyWords: number;
  readonly #hits: Uint8Array;
  readonly #sets: number;

  /** `bytesPerRow` is what the owner's columns take; the table takes its own share beside it. */
  constructor(keyWords: number, memoryBytes: number, bytesPerRow: number) {
    let sets = 16;
    while (sets * 2 * WAYS * (keyWords * 4 + 1 + bytesPerRow) <= memoryBytes && sets < 1 << 17) sets *= 2;
    this.#sets = sets;
    this.capacity = sets * WAYS;
    this.keyWords = keyWords;
    this.key = new Uint32Array(this.capacity * keyWords);
    this.#hits = new Uint8Array(this.capacity);
  }

  /** Row of the key, given one if it is new. */
  row(key: Uint32Array): number {
    const n = this.keyWords;
    const base = (hashWords(key, 0, n) & (this.#sets - 1)) * WAYS;
    const hits = this.#hits;
    let least = base;
    for (let row = base; row < base + WAYS; row++) {
      const h = hits[row]!;
      if (h === 0) {
        if (hits[least] !== 0) least = row;
        continue;
      }
      let w = 0;
      const at = row * n;
      while (w < n && this.key[at + w] === key[w]) w++;
      if (w === n) {
        if (h < HITS_MAX) hits[row] = h + 1;
        this.fresh = false;
        return row;
      }
      if (h < hits[least]!) least = row;
    }
    if (hits[least]! > 0) {
      if (++this.evicted % NEWCOMERS_A_HIT === 0) {
        for (let row = base; row < base + WAYS; row++) if (hits[row]! > 1) hits[row]!--;
      }
    }
    this.key.set(key, least * n);
    hits[least] = 1;
    this.fresh = true;
    return least;
  }

  /** Row of the key, or -1; changes nothing. */
  find(key: Uint32Array): number {
    const n = this.keyWords;
    const base = (hashWords(key, 0, n) & (this.#sets - 1)) * WAYS;
    for (let row = base; row < base + WAYS; row++) {
      if (this.#hits[row] === 0) continue;
      let w = 0;
      while (w < n && this.key[row * n + w] === key[w]) w++;
      if (w === n) return row;
    }
    return -1;
  }
}
