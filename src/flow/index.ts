import { V4_MAPPED } from '../base/address.js';
import { WordHash } from '../base/hash.js';
import type { Packet } from '../decode/packet.js';
import { type FlowRows, ROW_WORDS, W_CHAIN, W_PORTS, W_TAGS, W_WHEEL_NEXT } from './layout.js';

const NONE = -1;

/** VLANs and protocol as one word of the key. */
export function tagsOf(p: Packet): number {
  return ((p.vlan << 20) | (p.innerVlan << 8) | p.proto) >>> 0;
}

/**
 * Finds rows by the key of a packet, in either direction, and knows which rows are free.
 *
 *   hash(ends in order, protocol, VLANs) ──▶ heads[bucket] ──▶ row ──▶ row
 *
 * As many buckets as rows, so a chain is one or two rows long however full the table is.
 */
export class FlowIndex {
  static readonly BYTES_PER_ROW = 4;
  /** Side the packet of the last find() came from, when a row was found. */
  side = 0;
  /** Rows in use. */
  live = 0;
  readonly #rows: FlowRows;
  readonly #heads: Int32Array;
  readonly #hash: WordHash;
  /** Ends in order, ports, tags: equal for a packet and its reply. */
  readonly #key = new Uint32Array(10);
  /** Released rows, linked through W_WHEEL_NEXT; rows from `unused` on were never taken. */
  #free = NONE;
  #unused = 0;
  #bucket = 0;

  constructor(rows: FlowRows, seed: number) {
    this.#rows = rows;
    this.#heads = new Int32Array(rows.capacity).fill(NONE);
    this.#hash = new WordHash(seed);
  }

  get isFull(): boolean {
    return this.live === this.#rows.capacity;
  }

  /** The row of the packet's flow, or -1. */
  find(p: Packet): number {
    const { words, links } = this.#rows;
    const addr = p.addr;
    const tags = tagsOf(p);
    const forward = ((p.srcPort << 16) | p.dstPort) >>> 0;
    const backward = ((p.dstPort << 16) | p.srcPort) >>> 0;
    const bucket = this.#bucketOf(addr, 0, p.srcPort, p.dstPort, tags);
    this.#bucket = bucket;
    for (let row = this.#heads[bucket]!; row !== NONE; row = links[row * ROW_WORDS + W_CHAIN]!) {
      const side = sideOf(words, row * ROW_WORDS, addr, forward, backward, tags);
      if (side >= 0) {
        this.side = side;
        return row;
      }
    }
    return NONE;
  }

  /** Takes a free row, of which there must be one, for the packet of the last find(), which found none. */
  take(): number {
    const links = this.#rows.links;
    let row = this.#free;
    if (row === NONE) row = this.#unused++;
    else this.#free = links[row * ROW_WORDS + W_WHEEL_NEXT]!;
    links[row * ROW_WORDS + W_CHAIN] = this.#heads[this.#bucket]!;
    this.#heads[this.#bucket] = row;
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
    return Math.floor((this.#hash.hash(key, from, 10) / 0x100000000) * this.#rows.capacity);
  }
}

function isMapped(addr: Uint32Array, at: number): boolean {
  return addr[at + 2] === V4_MAPPED && addr[at] === 0 && addr[at + 1] === 0;
}

/** 0 when the packet goes as the row's originator sends, 1 when it comes back, -1 when it is another flow's. */
function sideOf(
  words: Uint32Array,
  at: number,
  addr: Uint32Array,
  forward: number,
  backward: number,
  tags: number,
): number {
  if (words[at + W_TAGS] !== tags) return -1;
  const ports = words[at + W_PORTS];
  if (ports === forward && words[at + 3] === addr[3] && words[at + 7] === addr[7]) {
    let same = true;
    for (let i = 0; i < 7 && same; i++) same = words[at + i] === addr[i];
    if (same) return 0;
  }
  if (ports === backward && words[at + 3] === addr[7] && words[at + 7] === addr[3]) {
    let same = true;
    for (let i = 0; i < 3 && same; i++) same = words[at + i] === addr[4 + i] && words[at + 4 + i] === addr[i];
    if (same) return 1;
  }
  return -1;
}
