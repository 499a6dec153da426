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
  /** Uses of each row in the low byte; above it some bits of the key's hash, so that other keys need not be read. */
  readonly #hits: Uint16Array;
  readonly #sets: number;

  /** `bytesPerRow` is what the owner's columns take; the table takes its own share beside it. */
  constructor(keyWords: number, memoryBytes: number, bytesPerRow: number) {
    let sets = 16;
    while (sets * 2 * WAYS * (keyWords * 4 + 2 + bytesPerRow) <= memoryBytes && sets < 1 << 17) sets *= 2;
    this.#sets = sets;
    this.capacity = sets * WAYS;
    this.keyWords = keyWords;
    this.key = new Uint32Array(this.capacity * keyWords);
    this.#hits = new Uint16Array(this.capacity);
  }

  /** Row of the key, given one if it is new. */
  row(key: Uint32Array): number {
    const n = this.keyWords;
    const hash = hashKey(key, n);
    const tag = (hash >>> 24) << 8;
    const base = (hash & (this.#sets - 1)) * WAYS;
    const hits = this.#hits;
    const keys = this.key;
    let least = base;
    let fewest = HITS_MAX + 1;
    for (let row = base; row < base + WAYS; row++) {
      const tagged = hits[row]!;
      const h = tagged & 0xff;
      if (h > 0 && (tagged & 0xff00) === tag) {
        let w = n - 1;
        const at = row * n;
        while (w >= 0 && keys[at + w] === key[w]) w--;
        if (w < 0) {
          if (h < HITS_MAX) hits[row] = tagged + 1;
          this.fresh = false;
          return row;
        }
      }
      if (h < fewest) {
        fewest = h;
        least = row;
      }
    }
    if (fewest > 0) {
      if (++this.evicted % NEWCOMERS_A_HIT === 0) {
        for (let row = base; row < base + WAYS; row++) if ((hits[row]! & 0xff) > 1) hits[row]!--;
      }
    }
    // A loop, since set() costs more than a few words do.
    for (let w = 0, at = least * n; w < n; w++) keys[at + w] = key[w]!;
    hits[least] = tag | 1;
    this.fresh = true;
    return least;
  }

  /** Row of the key, or -1; changes nothing. */
  find(key: Uint32Array): number {
    const n = this.keyWords;
    const hash = hashKey(key, n);
    const base = (hash & (this.#sets - 1)) * WAYS;
    for (let row = base; row < base + WAYS; row++) {
      const tagged = this.#hits[row]!;
      if ((tagged & 0xff) === 0 || tagged >>> 8 !== hash >>> 24) continue;
      let w = 0;
      while (w < n && this.key[row * n + w] === key[w]) w++;
      if (w === n) return row;
    }
    return -1;
  }
}

/**
 * One multiplication a word (the constant of Fibonacci hashing, Knuth, The Art of Computer Programming 3, §6.4), and the end of
 * MurmurHash3's mixer: a table is asked several times for each flow.
 */
function hashKey(key: Uint32Array, n: number): number {
  let h = 0x2c1b3c6d;
  for (let i = 0; i < n; i++) {
    h = Math.imul(h ^ key[i]!, 0x9e3779b1);
    h ^= h >>> 15;
  }
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
