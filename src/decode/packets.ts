import { isV4 } from '../base/address.js';
import type { Packet } from './packet.js';

/** Packets one block holds: small enough to stay in the first-level cache from decode to flow, with their flows. */
export const PACKETS_MAX = 256;

/** Words of one packet, a cache line: both addresses (four words each, source first), then these. */
export const PACKET_WORDS = 16;
/** Source port in the upper half, destination port in the lower; for ICMP as in Packet. */
export const P_PORTS = 8;
/** VLAN, inner VLAN, protocol: 12, 12 and 8 bits. */
export const P_TAGS = 9;
export const P_IP_BYTES = 10;
export const P_PAYLOAD = 11;
/** TCP flags in the lowest byte, then the marks below. */
export const P_MARKS = 12;
export const P_SEQ = 13;
export const P_ACK = 14;
/** Left to whoever looks packets up. */
export const P_BUCKET = 15;

export const ZERO_WINDOW = 1 << 8;
/** Both addresses are IPv4: of their words only the last counts, the others are not filled in. */
export const IS_V4 = 1 << 9;
/** A fragment other than the first. */
export const LATER_FRAGMENT = 1 << 10;

/**
 * What the flow table needs to know of a run of packets, in their order. A run, not one, so that the table can ask
 * memory for all of their flows before it waits for the first.
 */
export class Packets {
  readonly words = new Uint32Array(PACKETS_MAX * PACKET_WORDS);
  readonly timeUs = new Float64Array(PACKETS_MAX);
  count = 0;

  /** Adds a packet that was decoded in full; there must be room. */
  put(p: Packet): void {
    const words = this.words;
    const w = this.count * PACKET_WORDS;
    this.timeUs[this.count++] = p.timeUs;
    const addr = p.addr;
    for (let i = 0; i < 8; i++) words[w + i] = addr[i]!;
    words[w + P_PORTS] = (p.srcPort << 16) | p.dstPort;
    words[w + P_TAGS] = (p.vlan << 20) | (p.innerVlan << 8) | p.proto;
    words[w + P_IP_BYTES] = p.ipBytes;
    words[w + P_PAYLOAD] = p.payloadBytes;
    let marks = p.tcpFlags;
    if (p.tcpWindow === 0) marks |= ZERO_WINDOW;
    if (isV4(addr, 0) && isV4(addr, 4)) marks |= IS_V4;
    if (p.fragmentOffset !== 0) marks |= LATER_FRAGMENT;
    words[w + P_MARKS] = marks;
    words[w + P_SEQ] = p.tcpSeq;
    words[w + P_ACK] = p.tcpAck;
  }
}
