import type { Packet } from '../../decode/packet.js';

const FIN = 1;
const SYN = 2;
const RST = 4;
const ACK = 16;
const SLOTS = 1 << 15;
const PROBES = 8;
/** An established connection shows itself by this many acknowledgements from one side. */
const ESTABLISHED_ACKS = 4;
/** An acknowledgement this far ahead of what was seen is a connection reused, or nonsense: not a gap. */
const GAP_BYTES_MAX = 1 << 24;

/**
 * TCP conversations, each direction by itself: is the other half of an established connection missing, and are bytes
 * acknowledged that never passed the tap? The second is how Zeek's capture-loss script finds a mirror that is
 * overrun: what a receiver confirms must have crossed the wire.
 *
 * A fixed table: conversations that find no free slot are not judged.
 */
export class Conversations {
  /** Acknowledgements that could be compared with what had been seen, and those that were ahead of it. */
  acks = 0;
  acksOfUnseen = 0;
  unseenBytes = 0;
  readonly #key = new Uint32Array(SLOTS);
  readonly #used = new Uint8Array(SLOTS);
  /** Pairs by direction, 0 from the lower end to the higher: acknowledgements seen, and the next sequence number. */
  readonly #acks = new Uint32Array(2 * SLOTS);
  readonly #next = new Uint32Array(2 * SLOTS);
  /** Epoch in which #next was last known; another epoch's is worth nothing. */
  readonly #known = new Uint32Array(2 * SLOTS);
  #epoch = 1;

  /** Some frames were not looked at: what had been seen of each connection no longer tells what is missing. */
  forget(): void {
    this.#epoch++;
  }

  add(p: Packet): void {
    const addr = p.addr;
    let order = 0;
    for (let i = 0; i < 4 && order === 0; i++) order = addr[i]! - addr[i + 4]!;
    if (order === 0) order = p.srcPort - p.dstPort;
    const way = order <= 0 ? 0 : 1;
    const slot = this.#slot(p, way);
    if (slot < 0) return;
    const own = 2 * slot + way;
    const other = 2 * slot + (1 - way);
    const flags = p.tcpFlags;
    if ((flags & RST) !== 0) return;
    if ((flags & ACK) !== 0 && (flags & SYN) === 0) {
      this.#acks[own]!++;
      if (this.#known[other] === this.#epoch) {
        this.acks++;
        const ahead = (p.tcpAck - this.#next[other]!) | 0;
        // One ahead is a FIN or a keep-alive, which carries no data.
        if (ahead > 1 && ahead < GAP_BYTES_MAX) {
          this.acksOfUnseen++;
          this.unseenBytes += ahead;
          this.#next[other] = p.tcpAck;
        }
      }
    }
    const length = p.payloadBytes + ((flags & SYN) !== 0 ? 1 : 0) + ((flags & FIN) !== 0 ? 1 : 0);
    const next = (p.tcpSeq + length) >>> 0;
    if (this.#known[own] !== this.#epoch || (flags & SYN) !== 0 || ((next - this.#next[own]!) | 0) > 0) {
      this.#next[own] = next;
      this.#known[own] = this.#epoch;
    }
  }

  /** Established connections seen from both sides, and from one only. */
  judged(): { both: number; oneWay: number } {
    let both = 0;
    let oneWay = 0;
    for (let slot = 0; slot < SLOTS; slot++) {
      if (this.#used[slot] === 0) continue;
      const a = this.#acks[2 * slot]!;
      const b = this.#acks[2 * slot + 1]!;
      if (a > 0 && b > 0) both++;
      else if (a + b >= ESTABLISHED_ACKS) oneWay++;
    }
    return { both, oneWay };
  }

  #slot(p: Packet, way: number): number {
    const addr = p.addr;
    let hash = 0x811c9dc5;
    for (let i = 0; i < 8; i++) hash = Math.imul(hash ^ addr[way === 0 ? i : (i + 4) & 7]!, 0x01000193) ^ (hash >>> 11);
    const ports = way === 0 ? (p.srcPort << 16) | p.dstPort : (p.dstPort << 16) | p.srcPort;
    hash = Math.imul(hash ^ ports, 0x85ebca6b);
    hash = (hash ^ (hash >>> 16)) >>> 0;
    const key = Math.imul(hash, 0xcc9e2d51) >>> 0;
    for (let i = 0; i < PROBES; i++) {
      const slot = (hash + i) & (SLOTS - 1);
      if (this.#used[slot] === 0) {
        this.#used[slot] = 1;
        this.#key[slot] = key;
        return slot;
      }
      if (this.#key[slot] === key) return slot;
    }
    return -1;
  }
}
