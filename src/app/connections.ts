import type { Packet } from '../decode/packet.js';

const WAYS = 8;
/** What a slot costs. */
const SLOT_BYTES = 32 + 4 + 1 + 8 + 8 + 1 + 4 + 8 + 2;
/** Silence after which a connection's ports are taken to be those of another. */
export const IDLE_US = 120_000_000;

/**
 * - opened: both sides greeted each other, no bytes yet; `base` says where each begins.
 * - read: a parser follows it.
 * - foreign: neither TLS nor HTTP so far; TLS may still start (STARTTLS).
 * - done: everything that can be read has been.
 */
export const State = { free: 0, opened: 1, foreign: 2, done: 3, read: 4 } as const;

/**
 * Connections in fixed memory: a set-associative table, eight slots a set. The key is the same for both directions:
 * end 0 is the one with the lower address and port. Looking up costs no heap.
 */
export class Connections {
  readonly slots: number;
  readonly state: Uint8Array;
  readonly lastUs: Float64Array;
  /** Sequence number of the first byte of end 0 and end 1; meaningful while opened. */
  readonly base: Uint32Array;
  /** Where end 0's and end 1's body ends, if `passing`: segments that end before it need not be looked at. */
  readonly passUntil: Uint32Array;
  readonly passing: Uint8Array;
  /** Index of the parser that follows it, while read. */
  readonly dialog: Int32Array;
  /** Which end sent the packet of the last find(). */
  end = 0;
  /** Called before a slot in use is given to another connection: whoever follows the old one ends it. */
  onEvict: (slot: number) => void = () => {};
  readonly #mask: number;
  readonly #seed: number;
  readonly #addr: Uint32Array;
  readonly #ports: Uint32Array;
  readonly #proto: Uint8Array;
  #set = 0;

  constructor(memoryBytes: number, seed: number) {
    const sets = 2 ** Math.max(0, Math.floor(Math.log2(memoryBytes / SLOT_BYTES / WAYS)));
    this.slots = sets * WAYS;
    this.#mask = sets - 1;
    this.#seed = seed | 0;
    this.state = new Uint8Array(this.slots);
    this.lastUs = new Float64Array(this.slots);
    this.base = new Uint32Array(this.slots * 2);
    this.passUntil = new Uint32Array(this.slots * 2);
    this.passing = new Uint8Array(this.slots * 2);
    this.dialog = new Int32Array(this.slots).fill(-1);
    this.#addr = new Uint32Array(this.slots * 8);
    this.#ports = new Uint32Array(this.slots);
    this.#proto = new Uint8Array(this.slots);
  }

  /** The slot of the packet's connection, or -1; sets `end`. */
  find(p: Packet): number {
    const addr = p.addr;
    let end = p.srcPort > p.dstPort ? 1 : 0;
    for (let i = 0; i < 4; i++) {
      if (addr[i]! !== addr[4 + i]!) {
        end = addr[i]! > addr[4 + i]! ? 1 : 0;
        break;
      }
    }
    this.end = end;
    const low = end * 4;
    const high = 4 - low;
    const ports = end === 0 ? (p.srcPort << 16) | p.dstPort : (p.dstPort << 16) | p.srcPort;
    let h = this.#seed ^ ports ^ (p.proto << 8);
    for (let i = 0; i < 4; i++) {
      h = Math.imul(h ^ addr[low + i]!, 0x85ebca6b);
      h ^= h >>> 13;
      h = Math.imul(h ^ addr[high + i]!, 0xc2b2ae35);
      h ^= h >>> 16;
    }
    const first = (h & this.#mask) * WAYS;
    this.#set = first;
    const mine = this.#addr;
    for (let slot = first; slot < first + WAYS; slot++) {
      if (this.#ports[slot] !== ports >>> 0 || this.state[slot] === State.free || this.#proto[slot] !== p.proto)
        continue;
      let same = true;
      for (let i = 0; i < 4 && same; i++) {
        same = mine[slot * 8 + i] === addr[low + i] && mine[slot * 8 + 4 + i] === addr[high + i];
      }
      if (same) return slot;
    }
    return -1;
  }

  /**
   * A slot for the connection that find() has just not found: a free one, else the one least worth keeping and silent
   * for longest.
   */
  claim(p: Packet): number {
    let slot = this.#set;
    for (let other = slot + 1; other < this.#set + WAYS; other++) {
      const rank = this.state[other]! - this.state[slot]!;
      if (rank < 0 || (rank === 0 && this.lastUs[other]! < this.lastUs[slot]!)) slot = other;
    }
    if (this.state[slot] !== State.free) this.onEvict(slot);
    const low = this.end * 4;
    for (let i = 0; i < 4; i++) {
      this.#addr[slot * 8 + i] = p.addr[low + i]!;
      this.#addr[slot * 8 + 4 + i] = p.addr[4 - low + i]!;
    }
    this.#ports[slot] = this.end === 0 ? (p.srcPort << 16) | p.dstPort : (p.dstPort << 16) | p.srcPort;
    this.#proto[slot] = p.proto;
    this.dialog[slot] = -1;
    // No greeting was seen, so that any SYN+ACK begins another connection.
    this.base[slot * 2] = this.base[slot * 2 + 1] = 0;
    this.lastUs[slot] = p.timeUs;
    return slot;
  }

  /** Copies the ends to a row: first the one told. */
  ends(slot: number, first: number, addr: Uint32Array, at: number): void {
    for (let i = 0; i < 8; i++) addr[at + i] = this.#addr[slot * 8 + ((i + first * 4) & 7)]!;
  }

  port(slot: number, end: number): number {
    return end === 0 ? this.#ports[slot]! >>> 16 : this.#ports[slot]! & 0xffff;
  }
}
