import { V4_MAPPED } from '../base/address.js';
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
import { type FlowRows, ROW_WORDS, W_CHAIN, W_PORTS, W_TAGS, W_WHEEL_NEXT } from './layout.js';

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
  /** The first row of each packet's bucket when it was touched. */
  readonly #first = new Int32Array(PACKETS_MAX);
  /** Ends in order, ports, tags: equal for a packet and its reply. */
  readonly #key = new Uint32Array(10);
  /** Released rows, linked through W_WHEEL_NEXT; rows from `unused` on were never taken. */
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
    const heads = this.#heads;
    const hash = this.#hash;
    const scale = this.#scale;
    for (let i = 0; i < count; i++) {
      const p = i * PACKET_WORDS;
      const ports = words[p + P_PORTS]!;
      if ((words[p + P_MARKS]! & IS_V4) !== 0) {
        const src = words[p + 3]!;
        const dst = words[p + 7]!;
        const tags = words[p + P_TAGS]! | 0;
        const inOrder = src < dst || (src === dst && ports >>> 16 <= (ports & 0xffff));
        const h = inOrder
          ? hash.hash4(src | 0, dst | 0, ports | 0, tags)
          : hash.hash4(dst | 0, src | 0, (ports << 16) | (ports >>> 16), tags);
        words[p + P_BUCKET] = Math.floor((h >>> 0) * scale);
      } else {
        words[p + P_BUCKET] = this.#bucketOf(words, p, ports >>> 16, ports & 0xffff, words[p + P_TAGS]!);
      }
    }
    const first = this.#first;
    for (let i = 0; i < count; i++) first[i] = heads[words[i * PACKET_WORDS + P_BUCKET]!]!;
    const rowWords = this.#rows.words;
    let touched = 0;
    for (let i = 0; i < count; i++) {
      const row = first[i]!;
      if (row === NONE) continue;
      const w = row * ROW_WORDS;
      touched |= rowWords[w]! | rowWords[w + 16]! | rowWords[w + 32]! | rowWords[w + ROW_WORDS - 1]!;
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
      const a = words[w + 3];
      const b = words[w + 7];
      if (ports === forward && a === src && b === dst && isSame(words, w, from, p, 0)) return row * 2;
      if (ports === backward && a === dst && b === src && isSame(words, w, from, p, 4)) return row * 2 + 1;
    }
    return NONE;
  }

  /** Takes a free row, of which there must be one, for packet `i`, for which find() found none. */
  take(packets: Packets, i: number): number {
    const links = this.#rows.links;
    let row = this.#free;
    if (row === NONE) row = this.#unused++;
    else this.#free = links[row * ROW_WORDS + W_WHEEL_NEXT]!;
    const bucket = packets.words[i * PACKET_WORDS + P_BUCKET]!;
    links[row * ROW_WORDS + W_CHAIN] = this.#heads[bucket]!;
    this.#heads[bucket] = row;
    this.live++;
    return row;
  }

  /** Gives a row back. It must be off the wheel. */
  release(row: number): void {
    const { words, links } = this.#rows;
    const w = row * ROW_WORDS;
    const ports = words[w + W_PORTS]!;
    const bucket = this.#bucketOf(words, w, ports >>> 16, ports & 0xffff, words[w + W_TAGS]!);
    if (this.#heads[bucket] === row) {
      this.#heads[bucket] = links[w + W_CHAIN]!;
    } else {
      let at = this.#heads[bucket]!;
      while (links[at * ROW_WORDS + W_CHAIN] !== row) at = links[at * ROW_WORDS + W_CHAIN]!;
      links[at * ROW_WORDS + W_CHAIN] = links[w + W_CHAIN]!;
    }
    links[w + W_WHEEL_NEXT] = this.#free;
    this.#free = row;
    this.live--;
  }

  #bucketOf(addr: Uint32Array, at: number, port: number, otherPort: number, tags: number): number {
    const key = this.#key;
    let order = 0;
    for (let i = 0; i < 4 && order === 0; i++) order = addr[at + i]! - addr[at + 4 + i]!;
    if (order === 0) order = port - otherPort;
    const low = order <= 0 ? at : at + 4;
    const high = order <= 0 ? at + 4 : at;
    key[6] = addr[low + 3]!;
    key[7] = addr[high + 3]!;
    key[8] = order <= 0 ? (port << 16) | otherPort : (otherPort << 16) | port;
    key[9] = tags;
    let from = 6;
    if (!isMapped(addr, low) || !isMapped(addr, high)) {
      from = 0;
      for (let i = 0; i < 3; i++) {
        key[i] = addr[low + i]!;
        key[3 + i] = addr[high + i]!;
      }
    }
    return Math.floor(this.#hash.hash(key, from, 10) * this.#scale);
  }
}

function isMapped(addr: Uint32Array, at: number): boolean {
  return addr[at + 2] === V4_MAPPED && addr[at] === 0 && addr[at + 1] === 0;
}

/** Are the upper words of the addresses those of the packet at `p`, its source `turn` words from the row's first? */
function isSame(words: Uint32Array, w: number, from: Uint32Array, p: number, turn: number): boolean {
  if ((from[p + P_MARKS]! & IS_V4) !== 0) return isMapped(words, w) && isMapped(words, w + 4);
  for (let n = 0; n < 3; n++) {
    if (words[w + turn + n] !== from[p + n] || words[w + 4 - turn + n] !== from[p + 4 + n]) return false;
  }
  return true;
}
