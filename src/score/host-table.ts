import { addressText } from '../base/address.js';

/** Mixes four words of an address; the constants are those of MurmurHash3's 32-bit mixer. */
export function hashWords(a: Uint32Array, at: number, n: number): number {
  let h = 0x2c1b3c6d;
  for (let i = 0; i < n; i++) {
    let k = Math.imul(a[at + i]!, 0xcc9e2d51);
    k = (k << 15) | (k >>> 17);
    h ^= Math.imul(k, 0x1b873593);
    h = (h << 13) | (h >>> 19);
    h = (Math.imul(h, 5) + 0xe6546b64) | 0;
  }
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/**
 * Hosts by address, as dense numbers. When it is full a new host gets -1; the owner makes room with retain() between
 * windows, so that no number changes its meaning within one.
 */
export class HostTable {
  static readonly BYTES_PER_HOST = 4 * 4 + 2 * 4 + 4 + 64;
  readonly capacity: number;
  count = 0;
  #addr: Uint32Array;
  #text: (string | undefined)[] = [];
  readonly #index: Int32Array;
  readonly #mask: number;

  constructor(capacity: number) {
    this.capacity = capacity;
    this.#addr = new Uint32Array(capacity * 4);
    let size = 16;
    while (size < capacity * 2) size *= 2;
    this.#index = new Int32Array(size).fill(-1);
    this.#mask = size - 1;
  }

  /** Number of the address at `at`, given one if it is new; -1 when it is new and the table is full. */
  add(a: Uint32Array, at: number): number {
    const index = this.#index;
    const addr = this.#addr;
    let i = hashWords(a, at, 4) & this.#mask;
    for (;;) {
      const host = index[i]!;
      if (host < 0) break;
      const h = host * 4;
      if (addr[h + 3] === a[at + 3] && addr[h + 2] === a[at + 2] && addr[h + 1] === a[at + 1] && addr[h] === a[at]) {
        return host;
      }
      i = (i + 1) & this.#mask;
    }
    if (this.count >= this.capacity) return -1;
    const host = this.count++;
    for (let w = 0; w < 4; w++) addr[host * 4 + w] = a[at + w]!;
    this.#text[host] = undefined;
    index[i] = host;
    return host;
  }

  text(host: number): string {
    return (this.#text[host] ??= addressText(this.#addr, host * 4));
  }

  /** Drops every host for which `keep` is 0; returns the new number of each old one, or -1. */
  retain(keep: Uint8Array): Int32Array {
    const moved = new Int32Array(this.count).fill(-1);
    const addr = this.#addr;
    const text = this.#text;
    const before = this.count;
    this.#addr = new Uint32Array(this.capacity * 4);
    this.#text = [];
    this.#index.fill(-1);
    this.count = 0;
    for (let host = 0; host < before; host++) {
      if (keep[host] === 0) continue;
      const now = this.add(addr, host * 4);
      this.#text[now] = text[host];
      moved[host] = now;
    }
    return moved;
  }
}
