import { mix } from './lexicon.js';

/**
 * How often a host used a word, for a bounded number of pairs, in the order in which they were first met. A pair that
 * finds no room is not counted, and that is counted.
 */
export class Counts {
  static readonly BYTES_PER_PAIR = 4 + 4 + 8 + 2 * 4;
  readonly capacity: number;
  count = 0;
  host: Uint32Array;
  word: Uint32Array;
  times: Float64Array;
  /** Sum of `times`. */
  mass = 0;
  overflow = 0;
  readonly #index: Int32Array;
  readonly #mask: number;

  constructor(capacity: number) {
    this.capacity = capacity;
    this.host = new Uint32Array(capacity);
    this.word = new Uint32Array(capacity);
    this.times = new Float64Array(capacity);
    let size = 16;
    while (size < capacity * 2) size *= 2;
    this.#index = new Int32Array(size).fill(-1);
    this.#mask = size - 1;
  }

  /** Returns the number of the pair, or -1 when there is no room. */
  add(host: number, word: number, times: number): number {
    const index = this.#index;
    let i = mix(host, word) & this.#mask;
    for (;;) {
      const pair = index[i]!;
      if (pair < 0) break;
      if (this.host[pair] === host && this.word[pair] === word) {
        this.times[pair]! += times;
        this.mass += times;
        return pair;
      }
      i = (i + 1) & this.#mask;
    }
    if (this.count >= this.capacity) {
      this.overflow++;
      return -1;
    }
    const pair = this.count++;
    this.host[pair] = host;
    this.word[pair] = word;
    this.times[pair] = times;
    this.mass += times;
    index[i] = pair;
    return pair;
  }

  clear(): void {
    if (this.count > 0) this.#index.fill(-1);
    this.count = 0;
    this.mass = 0;
  }

  /**
   * Multiplies every count by `factor`, forgets what falls below `least`, and renumbers hosts and words; -1 in a map
   * forgets too. Returns how many pairs were forgotten.
   */
  rebuild(factor: number, least: number, hosts: Int32Array | null, words: Int32Array | null): number {
    const { host, word, times, count } = this;
    this.host = new Uint32Array(this.capacity);
    this.word = new Uint32Array(this.capacity);
    this.times = new Float64Array(this.capacity);
    this.clear();
    this.#index.fill(-1);
    let forgotten = 0;
    for (let i = 0; i < count; i++) {
      const h = hosts === null ? host[i]! : hosts[host[i]!]!;
      const w = words === null ? word[i]! : words[word[i]!]!;
      const n = times[i]! * factor;
      if (h < 0 || w < 0 || n < least) forgotten++;
      else this.add(h, w, n);
    }
    return forgotten;
  }

  /** The count that about `share` of the pairs do not exceed. */
  quantile(share: number): number {
    const sorted = this.times.slice(0, this.count).sort();
    return sorted[Math.floor(this.count * share)] ?? 0;
  }
}
