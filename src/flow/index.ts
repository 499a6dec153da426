import { WordHash } from '../base/hash.js';
import {
  IS_V4,
  P_BUCKET,
  P_MARKS,
  P_PORTS,
  P_TAGS,
  PACKET_WORDS,
  PACKETS_MAX,
  type Packets,
} from '../decode/packets.js';
import {
  C_WHEEL_NEXT,
  COLD_WORDS,
  type FlowRows,
  ROW_V4,
  ROW_WORDS,
  W_ADDR,
  W_ADDR_UPPER,
  W_CHAIN,
  W_PORTS,
  W_SEEN,
  W_TAGS,
} from './layout.js';

const NONE = -1;

/**
 * Finds rows by the key of a packet, in either direction, and knows which rows are free.
 *
 *   hash(ends in order, protocol, VLANs) ──▶ heads[bucket] ──▶ row ──▶ row
 *
 * As many buckets as rows, so a chain is one or two rows long however full the table is.
 */
export class FlowIndex {
  static readonly BYTES_PER_ROW = 4;
  /** Rows in use. */
  live = 0;
  readonly #rows: FlowRows;
  readonly #heads: Int32Array;
  readonly #hash: WordHash;
  /** Each packet's bucket, and the first row in it when it was touched. */
  readonly #buckets = new Int32Array(PACKETS_MAX);
  readonly #first = new Int32Array(PACKETS_MAX);
  /** Ends in order, ports, tags: equal for a packet and its reply. */
  readonly #key = new Uint32Array(10);
  /** Released rows, linked through C_WHEEL_NEXT; rows from `unused` on were never taken. */
  #free = NONE;
  #unused = 0;
  /** Buckets for one value of the hash. */
  readonly #scale: number;
  /** What touching memory read; kept so that no compiler takes it for useless. */
  touched = 0;

  constructor(rows: FlowRows, seed: number) {
    this.#rows = rows;
    this.#heads = new Int32Array(rows.capacity).fill(NONE);
    this.#hash = new WordHash(seed);
    this.#scale = rows.capacity / 0x100000000;
  }

  get isFull(): boolean {
    return this.live === this.#rows.capacity;
  }

  /**
   * Works out the bucket of every packet, for find() and take(), and touches the memory that they will read. Each
   * read alone would wait for memory; reads that do not wait for each other wait together.
   */
  locate(packets: Packets): void {
    const { words, count } = packets;
    const buckets = this.#buckets;
    const hash = this.#hash;
    const scale = this.#scale;
    for (let i = 0; i < count; i++) {
      const p = i * PACKET_WORDS;
      const ports = words[p + P_PORTS]!;
      if ((words[p + P_MARKS]! & IS_V4) !== 0) {
        const h = hashV4(hash, words[p + 3]! | 0, words[p + 7]! | 0, ports | 0, words[p + P_TAGS]! | 0);
        words[p + P_BUCKET] = buckets[i] = Math.floor((h >>> 0) * scale);
      } else {
        words[p + P_BUCKET] = buckets[i] = this.#bucketOfLong(words, p, p + 3, p + 4, p + 7, ports, words[p + P_TAGS]!);
      }
    }
    this.#touch(count);
  }

  /**
   * A processor waits for as many reads at once as it finds among the few hundred instructions that it looks ahead,
   * so these loops do nothing else, four at a time; entries past the last packet are left from other runs, and sound.
   */
  #touch(count: number): void {
    const heads = this.#heads;
    const buckets = this.#buckets;
    const first = this.#first;
    for (let i = 0; i < count; i += 4) {
      first[i] = heads[buckets[i]!]!;
      first[i + 1] = heads[buckets[i + 1]!]!;
      first[i + 2] = heads[buckets[i + 2]!]!;
      first[i + 3] = heads[buckets[i + 3]!]!;
    }
    const words = this.#rows.words;
    let touched = 0;
    for (let i = 0; i < count; i += 4) {
      // NONE becomes row 0, which is as good as any.
      const a = Math.max(first[i]!, 0) * ROW_WORDS;
      const b = Math.max(first[i + 1]!, 0) * ROW_WORDS;
      const c = Math.max(first[i + 2]!, 0) * ROW_WORDS;
      const d = Math.max(first[i + 3]!, 0) * ROW_WORDS;
      touched |= words[a]! | words[b]! | words[c]! | words[d]!;
      touched |= words[a + 16]! | words[b + 16]! | words[c + 16]! | words[d + 16]!;
    }
    this.touched = touched;
  }

  /** The row of the flow of packet `i` times two, plus one if it comes from the row's responder; or -1. */
  find(packets: Packets, i: number): number {
    const { words, links } = this.#rows;
    const from = packets.words;
    const p = i * PACKET_WORDS;
    const tags = from[p + P_TAGS]!;
    const forward = from[p + P_PORTS]!;
    const backward = ((forward << 16) | (forward >>> 16)) >>> 0;
    const src = from[p + 3]!;
    const dst = from[p + 7]!;
    for (let row = this.#heads[from[p + P_BUCKET]!]!; row !== NONE; row = links[row * ROW_WORDS + W_CHAIN]!) {
      const w = row * ROW_WORDS;
      if (words[w + W_TAGS] !== tags) continue;
      const ports = words[w + W_PORTS];
      const a = words[w + W_ADDR];
      const b = words[w + W_ADDR + 1];
      if (ports === forward && a === src && b === dst && isSame(words, w, from, p, 0)) return row * 2;
      if (ports === backward && a === dst && b === src && isSame(words, w, from, p, 3)) return row * 2 + 1;
    }
    return NONE;
  }

  /** Takes a free row, of which there must be one, for packet `i`, for which find() found none. */
  take(packets: Packets, i: number): number {
    const { links, cold } = this.#rows;
    let row = this.#free;
    if (row === NONE) row = this.#unused++;
    else this.#free = cold[row * COLD_WORDS + C_WHEEL_NEXT]!;
    const bucket = packets.words[i * PACKET_WORDS + P_BUCKET]!;
    links[row * ROW_WORDS + W_CHAIN] = this.#heads[bucket]!;
    this.#heads[bucket] = row;
    this.live++;
    return row;
  }

  /** Gives a row back. It must be off the wheel. */
  release(row: number): void {
    const { words, links, cold } = this.#rows;
    const w = row * ROW_WORDS;
    const ports = words[w + W_PORTS]!;
    const tags = words[w + W_TAGS]!;
    const at = w + W_ADDR;
    const upper = w + W_ADDR_UPPER;
    const bucket =
      (words[w + W_SEEN]! & ROW_V4) !== 0
        ? Math.floor((hashV4(this.#hash, words[at]! | 0, words[at + 1]! | 0, ports | 0, tags | 0) >>> 0) * this.#scale)
        : this.#bucketOfLong(words, upper, at, upper + 3, at + 1, ports, tags);
    if (this.#heads[bucket] === row) {
      this.#heads[bucket] = links[w + W_CHAIN]!;
    } else {
      let at = this.#heads[bucket]!;
      while (links[at * ROW_WORDS + W_CHAIN] !== row) at = links[at * ROW_WORDS + W_CHAIN]!;
      links[at * ROW_WORDS + W_CHAIN] = links[w + W_CHAIN]!;
    }
    cold[row * COLD_WORDS + C_WHEEL_NEXT] = this.#free;
    this.#free = row;
    this.live--;
  }

  /** The bucket of any addresses, the upper three words and the last of each at these places. */
  #bucketOfLong(
    words: Uint32Array,
    upper: number,
    last: number,
    otherUpper: number,
    otherLast: number,
    ports: number,
    tags: number,
  ): number {
    const key = this.#key;
    let order = 0;
    for (let i = 0; i < 3 && order === 0; i++) order = words[upper + i]! - words[otherUpper + i]!;
    if (order === 0) order = words[last]! - words[otherLast]!;
    if (order === 0) order = (ports >>> 16) - (ports & 0xffff);
    const inOrder = order <= 0;
    for (let i = 0; i < 3; i++) {
      key[i] = words[(inOrder ? upper : otherUpper) + i]!;
      key[3 + i] = words[(inOrder ? otherUpper : upper) + i]!;
    }
    key[6] = words[inOrder ? last : otherLast]!;
    key[7] = words[inOrder ? otherLast : last]!;
    key[8] = inOrder ? ports : (ports << 16) | (ports >>> 16);
    key[9] = tags;
    return Math.floor(this.#hash.hash(key, 0, 10) * this.#scale);
  }
}

/** The hash of two IPv4 ends in order; all words signed (see WordHash.hash4). */
function hashV4(hash: WordHash, src: number, dst: number, ports: number, tags: number): number {
  const inOrder = src >>> 0 < dst >>> 0 || (src === dst && ports >>> 16 <= (ports & 0xffff));
  return inOrder ? hash.hash4(src, dst, ports, tags) : hash.hash4(dst, src, (ports << 16) | (ports >>> 16), tags);
}

/** Are the upper words of the addresses those of the packet at `p`, its source `turn` words from the row's first? */
function isSame(words: Uint32Array, w: number, from: Uint32Array, p: number, turn: number): boolean {
  if ((from[p + P_MARKS]! & IS_V4) !== 0) return (words[w + W_SEEN]! & ROW_V4) !== 0;
  const upper = w + W_ADDR_UPPER;
  for (let n = 0; n < 3; n++) {
    if (words[upper + turn + n] !== from[p + n] || words[upper + 3 - turn + n] !== from[p + 4 + n]) return false;
  }
  return true;
}
