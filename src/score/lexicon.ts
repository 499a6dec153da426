/**
 * Words by their two-number key, as dense numbers; the text of a word is made once. When it is full a new word gets
 * -1 and is scored as unseen; the owner makes room with retain() between windows.
 */
export class Lexicon {
  static readonly BYTES_PER_WORD = 2 * 4 + 2 * 4 + 80;
  readonly capacity: number;
  count = 0;
  #key: Uint32Array;
  #text: string[] = [];
  readonly #spell: (a: number, b: number) => string;
  readonly #index: Int32Array;
  readonly #mask: number;

  constructor(capacity: number, spell: (a: number, b: number) => string) {
    this.capacity = capacity;
    this.#spell = spell;
    this.#key = new Uint32Array(capacity * 2);
    let size = 16;
    while (size < capacity * 2) size *= 2;
    this.#index = new Int32Array(size).fill(-1);
    this.#mask = size - 1;
  }

  add(a: number, b: number): number {
    const index = this.#index;
    const key = this.#key;
    let i = mix(a, b) & this.#mask;
    for (;;) {
      const word = index[i]!;
      if (word < 0) break;
      if (key[word * 2] === a && key[word * 2 + 1] === b) return word;
      i = (i + 1) & this.#mask;
    }
    if (this.count >= this.capacity) return -1;
    const word = this.count++;
    key[word * 2] = a;
    key[word * 2 + 1] = b;
    this.#text[word] = this.#spell(a, b);
    index[i] = word;
    return word;
  }

  text(word: number): string {
    return this.#text[word]!;
  }

  /** Drops every word for which `keep` is 0; returns the new number of each old one, or -1. */
  retain(keep: Uint8Array): Int32Array {
    const moved = new Int32Array(this.count).fill(-1);
    const key = this.#key;
    const before = this.count;
    this.#key = new Uint32Array(this.capacity * 2);
    this.#text = [];
    this.#index.fill(-1);
    this.count = 0;
    for (let word = 0; word < before; word++) {
      if (keep[word] !== 0) moved[word] = this.add(key[word * 2]!, key[word * 2 + 1]!);
    }
    return moved;
  }
}

/** Spreads a key over the table; also used for pairs of a host and a word. */
export function mix(a: number, b: number): number {
  let h = Math.imul(a ^ (b << 16) ^ (b >>> 16), 0x9e3779b1) ^ Math.imul(b, 0x85ebca77);
  h = Math.imul(h ^ (h >>> 15), 0xc2b2ae3d);
  return (h ^ (h >>> 13)) >>> 0;
}
