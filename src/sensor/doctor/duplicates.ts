import { checksumOffset } from '../../decode/checksum.js';
import type { Packet } from '../../decode/packet.js';
import { PROTO_TCP } from '../../decode/transport.js';

/** A copy that comes later than this is a retransmission or chance, not a second mirror of the same wire. */
const COPY_WITHIN_US = 10_000;
const SLOTS = 1 << 16;

/**
 * Counts packets that are seen twice within milliseconds: a SPAN session that mirrors both ports, or a SPAN and a tap
 * on the same link. The same addresses, protocol, ports, IP identification, length, sequence numbers and checksum; the
 * TTL may differ, which tells that both sides of a router are mirrored.
 *
 * A fixed table of the last packets: a packet that was pushed out of its slot is simply not recognised.
 */
export class Duplicates {
  copies = 0;
  /** Of those, how many had been through a router in between. */
  copiesRouted = 0;
  /** Packets that could have been recognised. */
  compared = 0;
  /** Sum of the time between original and copy. */
  gapUs = 0;
  readonly #key = new Uint32Array(SLOTS);
  readonly #ttl = new Uint8Array(SLOTS);
  readonly #timeUs = new Float64Array(SLOTS).fill(Number.NEGATIVE_INFINITY);

  add(v: DataView, p: Packet): void {
    const id = p.ipVersion === 4 || p.fragment ? p.fragmentId : 0;
    // Without an identification, two acknowledgements or two probes may be alike and yet be two packets.
    if (id === 0 && (p.payloadBytes === 0 || (p.proto !== PROTO_TCP && p.proto !== 17))) return;
    this.compared++;
    let a = 0x9e3779b9;
    let b = 0x85ebca6b;
    const mix = (word: number) => {
      a = Math.imul(a ^ word, 0xcc9e2d51);
      a ^= a >>> 15;
      b = Math.imul(b + word, 0x1b873593) ^ (b >>> 13);
    };
    for (let i = 0; i < 8; i++) mix(p.addr[i]!);
    mix((p.srcPort << 16) | p.dstPort);
    mix((p.proto << 24) ^ p.fragmentOffset);
    mix(id);
    mix(p.ipBytes);
    mix(p.tcpSeq);
    mix(p.tcpAck);
    mix(p.tcpFlags);
    const sum = checksumOffset(p.proto);
    if (sum >= 0 && !p.fragment && p.transportStart + sum + 2 <= p.payloadEnd) mix(v.getUint16(p.transportStart + sum));

    const slot = (a >>> 0) % SLOTS;
    const key = b >>> 0;
    const gap = p.timeUs - this.#timeUs[slot]!;
    if (this.#key[slot] === key && gap >= 0 && gap <= COPY_WITHIN_US) {
      this.copies++;
      this.gapUs += gap;
      if (this.#ttl[slot] !== p.ttl) this.copiesRouted++;
      // The slot keeps the original's time, so that a burst of retransmissions does not chain.
      return;
    }
    this.#key[slot] = key;
    this.#ttl[slot] = p.ttl;
    this.#timeUs[slot] = p.timeUs;
  }
}
