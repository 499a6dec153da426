import type { DnsColumns, DnsTable } from './columns.js';
import type { Scan } from './scan.js';

/** What one remembered query costs: its key, question, time, links and share of the buckets. */
export const PENDING_BYTES = 32 + 4 + 4 + 4 + 8 + 4 * 4 + 8;
/**
 * Most queries with one key that an answer is compared with, newest first. Strangers choose the key, so a flood of
 * one key must not make each of its answers walk the whole table.
 */
const STEPS_MAX = 64;
/** `row` of a query that has been answered, and stays to recognise a second answer. */
const ANSWERED = -1;

/** What an answer was found to be. Not negative: the row of its query. */
export const Found = { nothing: -1, duplicate: -2 } as const;

/**
 * Queries of the last few seconds, oldest first, in fixed memory.
 *
 *   ring   first ▶ [ oldest .. newest ] ◀ first + live      leaves in the order it came
 *   index  hash(client, server, ports, id, protocol, service) ▶ newest query with it ▶ older ▶ ...
 *
 * A query stays for the timeout whether or not it is answered, because a second answer to the same query (a
 * duplicate, or the real one after a forged one) must be told from an answer nobody asked for.
 */
export class Pending {
  readonly capacity: number;
  first = 0;
  live = 0;
  /** Row in the table being filled, or ANSWERED. */
  readonly row: Int32Array;
  readonly timeUs: Float64Array;
  readonly #mask: number;
  readonly #seed: number;
  readonly #addr: Uint32Array;
  readonly #ports: Uint32Array;
  readonly #tag: Uint32Array;
  readonly #question: Uint32Array;
  readonly #bucketOf: Uint32Array;
  readonly #newer: Int32Array;
  readonly #older: Int32Array;
  readonly #heads: Int32Array;
  readonly #bucketMask: number;
  /** The key of the message at hand, put here by key(). */
  readonly #keyAddr = new Uint32Array(8);
  #keyPorts = 0;
  #keyTag = 0;
  #keyQuestion = 0;
  #keyBucket = 0;

  /** `capacity` is a power of two. */
  constructor(capacity: number, seed: number) {
    this.capacity = capacity;
    this.#mask = capacity - 1;
    this.#seed = seed | 0;
    this.row = new Int32Array(capacity);
    this.timeUs = new Float64Array(capacity);
    this.#addr = new Uint32Array(capacity * 8);
    this.#ports = new Uint32Array(capacity);
    this.#tag = new Uint32Array(capacity);
    this.#question = new Uint32Array(capacity);
    this.#bucketOf = new Uint32Array(capacity);
    this.#newer = new Int32Array(capacity);
    this.#older = new Int32Array(capacity);
    this.#bucketMask = capacity * 2 - 1;
    this.#heads = new Int32Array(capacity * 2).fill(-1);
  }

  /** Sets the key that put() and find() use. `client` and `server` are offsets into `addr`. */
  key(addr: Uint32Array, client: number, server: number, ports: number, tag: number, scan: Scan): void {
    const key = this.#keyAddr;
    let h = this.#seed;
    for (let i = 0; i < 4; i++) {
      h = mix(h, (key[i] = addr[client + i]!));
      h = mix(h, (key[4 + i] = addr[server + i]!));
    }
    h = mix(mix(h, ports), tag);
    this.#keyPorts = ports >>> 0;
    this.#keyTag = tag >>> 0;
    this.#keyBucket = finish(h) & this.#bucketMask;

    let q = mix(this.#seed, (scan.qtype << 16) | scan.qclass);
    const name = scan.name.bytes;
    const length = scan.name.length;
    let i = 0;
    for (; i + 4 <= length; i += 4) {
      q = mix(q, name[i]! | (name[i + 1]! << 8) | (name[i + 2]! << 16) | (name[i + 3]! << 24));
    }
    for (; i < length; i++) q = mix(q, name[i]!);
    this.#keyQuestion = finish(q ^ length) >>> 0;
  }

  /** Remembers the query of key() as the newest; there must be room. Its time is that of the row. */
  put(row: number, rows: DnsColumns): void {
    const slot = (this.first + this.live) & this.#mask;
    this.live++;
    this.row[slot] = row;
    this.timeUs[slot] = rows.queryUs[row]!;
    const from = this.#keyAddr;
    const to = this.#addr;
    for (let i = 0; i < 8; i++) to[slot * 8 + i] = from[i]!;
    this.#ports[slot] = this.#keyPorts;
    this.#tag[slot] = this.#keyTag;
    this.#question[slot] = this.#keyQuestion;
    this.#bucketOf[slot] = this.#keyBucket;
    const older = this.#heads[this.#keyBucket]!;
    this.#newer[slot] = -1;
    this.#older[slot] = older;
    if (older >= 0) this.#newer[older] = slot;
    this.#heads[this.#keyBucket] = slot;
  }

  /** Whether the query of key(), which the row describes, repeats one that still waits for its answer. */
  repeats(row: number, rows: DnsColumns, timeoutUs: number): boolean {
    let slot = this.#heads[this.#keyBucket]!;
    for (let step = 0; slot >= 0 && step < STEPS_MAX; step++, slot = this.#older[slot]!) {
      if (this.#ports[slot] !== this.#keyPorts || this.#tag[slot] !== this.#keyTag) continue;
      if (this.#question[slot] !== this.#keyQuestion || this.row[slot] === ANSWERED) continue;
      const delta = rows.queryUs[row]! - this.timeUs[slot]!;
      if (delta <= timeoutUs && delta >= -timeoutUs && this.#sameAddresses(slot * 8)) return true;
    }
    return false;
  }

  /**
   * The oldest unanswered query that the answer in `scan` fits and that was sent no further from `rows.responseUs[at]`
   * than `timeoutUs`; it then counts as answered. An answer that repeats no question fits any question.
   *
   * Returns the query's row, or Found.duplicate when all that fit were answered before, or Found.nothing.
   */
  find(table: DnsTable, scan: Scan, at: number, timeoutUs: number): number {
    const atUs = table.rows.responseUs[at]!;
    const anyQuestion = scan.questions === 0;
    let best = -1;
    let answered = false;
    let slot = this.#heads[this.#keyBucket]!;
    for (let step = 0; slot >= 0 && step < STEPS_MAX; step++, slot = this.#older[slot]!) {
      if (this.#ports[slot] !== this.#keyPorts || this.#tag[slot] !== this.#keyTag) continue;
      if (!anyQuestion && this.#question[slot] !== this.#keyQuestion) continue;
      if (!this.#sameAddresses(slot * 8)) continue;
      const delta = atUs - this.timeUs[slot]!;
      if (delta > timeoutUs || delta < -timeoutUs) continue;
      const row = this.row[slot]!;
      if (row === ANSWERED) answered = true;
      else if (anyQuestion || sameQuestion(table, row, scan)) best = slot;
    }
    if (best < 0) return answered ? Found.duplicate : Found.nothing;
    const row = this.row[best]!;
    this.row[best] = ANSWERED;
    return row;
  }

  /** Forgets the oldest query. Returns its row if it was never answered, else a negative number. */
  shift(): number {
    const slot = this.first;
    const newer = this.#newer[slot]!;
    // The oldest of all is the oldest of its bucket, so nothing hangs below it.
    if (newer >= 0) this.#older[newer] = -1;
    else this.#heads[this.#bucketOf[slot]!] = -1;
    this.first = (slot + 1) & this.#mask;
    this.live--;
    return this.row[slot]!;
  }

  /** Slot of the `n`-th oldest query. */
  slotOf(n: number): number {
    return (this.first + n) & this.#mask;
  }

  #sameAddresses(at: number): boolean {
    const addr = this.#addr;
    const key = this.#keyAddr;
    for (let i = 0; i < 8; i++) if (addr[at + i] !== key[i]) return false;
    return true;
  }
}

/** The hash has said so already; this says so for certain. */
function sameQuestion(table: DnsTable, row: number, scan: Scan): boolean {
  const rows = table.rows;
  const length = scan.name.length;
  if (rows.nameLength[row] !== length || rows.qtype[row] !== scan.qtype || rows.qclass[row] !== scan.qclass)
    return false;
  const bytes = table.bytes;
  const name = scan.name.bytes;
  const at = rows.nameAt[row]!;
  for (let i = 0; i < length; i++) if (bytes[at + i] !== name[i]) return false;
  return true;
}

/** One round of MurmurHash3's 32-bit body, and its finish. The seed is secret, so strangers cannot aim at a bucket. */
function mix(h: number, k: number): number {
  k = Math.imul(k, 0xcc9e2d51);
  k = (k << 15) | (k >>> 17);
  h ^= Math.imul(k, 0x1b873593);
  h = (h << 13) | (h >>> 19);
  return (Math.imul(h, 5) + 0xe6546b64) | 0;
}

function finish(h: number): number {
  h ^= h >>> 16;
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  return h ^ (h >>> 16);
}
