import type { FrameBatch } from '../capture/source.js';
import { checksumOffset, isRight, isTransportRight, sum16, sumsUp } from './checksum.js';
import { readIpv4, readIpv6 } from './ip.js';
import { findIp } from './link.js';
import type { Packet } from './packet.js';
import {
  IS_V4,
  P_ACK,
  P_IP_BYTES,
  P_MARKS,
  P_PAYLOAD,
  P_PORTS,
  P_SEQ,
  P_TAGS,
  PACKET_WORDS,
  type Packets,
  ZERO_WINDOW,
} from './packets.js';
import { PROTO_TCP, PROTO_UDP, readTransport } from './transport.js';
import { VERDICTS, Verdict } from './verdict.js';

/**
 * One transport checksum in 32 is verified: summing 1,500 bytes costs several times the whole decode. The checksum
 * field itself draws the lot, so that the same packet is drawn live, in a replay and on any shard.
 */
const CHECKSUM_LOT = 31;

const LINK_ETHERNET = 1;
const ETHER_IPV4 = 0x0800;
const ETHER_VLAN = 0x8100;

/**
 * Frames in, Packets out. One per shard; it holds only counters.
 *
 * Every length is checked once, just before the first read that it protects, and nothing is allocated. What cannot be
 * decoded is a verdict, never an exception.
 */
export class Decoder {
  /** Frames by Verdict. */
  readonly verdicts = new Float64Array(VERDICTS.length);
  badIpChecksums = 0;
  transportChecked = 0;
  badTransportChecksums = 0;

  /** A bit for each port whose packets somebody wants to read in full. */
  readonly #readPorts = new Uint32Array(65536 / 32);

  /** `isRead` tells the ports whose packets decodeShort() leaves to decode(). */
  constructor(isRead: (port: number) => boolean = () => false) {
    for (let port = 0; port < 65536; port++) if (isRead(port)) this.#readPorts[port >>> 5]! |= 1 << (port & 31);
  }

  /**
   * The short way for what most frames are: whole TCP or UDP over IPv4 without options, on Ethernet with at most one
   * VLAN tag, on a port that nobody reads. Adds them with their times to `out`, which must have room, from row `row`
   * on up to row `to`. Returns the row of the first frame that it leaves, uncounted, to decode() (which would say the
   * same of those taken here), or `to`.
   */
  decodeShort(batch: FrameBatch, row: number, to: number, out: Packets): number {
    const { view: v, start, capLen, linkType, timeUs } = batch;
    const read = this.#readPorts;
    const { words, timeUs: outUs } = out;
    let n = out.count;
    let whole = 0;
    let snapped = 0;
    for (; row < to; row++) {
      const at = start[row]!;
      const length = capLen[row]!;
      let end = at + length;
      if (linkType[row] !== LINK_ETHERNET || length < 42) break;
      let ip = at + 14;
      let type = v.getUint16(at + 12);
      let vlan = 0;
      if (type === ETHER_VLAN) {
        vlan = v.getUint16(at + 14) & 0x0fff;
        type = v.getUint16(at + 16);
        ip = at + 18;
      }
      if (type !== ETHER_IPV4 || ip + 28 > end) break;
      const first = v.getUint32(ip);
      const second = v.getUint32(ip + 4);
      const total = first & 0xffff;
      // Version and header length, nothing of a fragment, and a length that holds the shortest transport.
      if (first >>> 24 !== 0x45 || (second & 0x3fff) !== 0 || total < 28) break;
      const third = v.getUint32(ip + 8);
      const src = v.getUint32(ip + 12);
      const dst = v.getUint32(ip + 16);
      const transport = ip + 20;
      const claimed = total - 20;
      if (ip + total < end) end = ip + total;
      const ports = v.getUint32(transport);
      if (((read[ports >>> 21]! >>> ((ports >>> 16) & 31)) & 1) !== 0) break;
      if (((read[(ports >>> 5) & 0x7ff]! >>> (ports & 31)) & 1) !== 0) break;

      const proto = (third >>> 16) & 0xff;
      const w = n * PACKET_WORDS;
      let marks = IS_V4;
      let payload = 0;
      let lot = 0;
      if (proto === PROTO_TCP) {
        if (transport + 20 > end) break;
        const rest = v.getUint32(transport + 12);
        const header = (rest >>> 28) << 2;
        if (header < 20 || header > claimed) break;
        payload = claimed - header;
        lot = v.getUint16(transport + 16);
        marks |= (rest >>> 16) & 0xff;
        if ((rest & 0xffff) === 0) marks |= ZERO_WINDOW;
        words[w + P_SEQ] = v.getUint32(transport + 4);
        words[w + P_ACK] = v.getUint32(transport + 8);
      } else if (proto === PROTO_UDP) {
        const rest = v.getUint32(transport + 4);
        const told = rest >>> 16;
        if (told < 8 && told !== 0) break;
        payload = (told !== 0 && told < claimed ? told : claimed) - 8;
        lot = rest & 0xffff;
        words[w + P_SEQ] = words[w + P_ACK] = 0;
        marks |= ZERO_WINDOW;
      } else {
        break;
      }
      words[w + 3] = src;
      words[w + 7] = dst;
      words[w + P_PORTS] = ports;
      words[w + P_TAGS] = (vlan << 20) | proto;
      words[w + P_IP_BYTES] = total;
      words[w + P_PAYLOAD] = payload;
      words[w + P_MARKS] = marks;
      outUs[n++] = timeUs[row]!;

      let sum = (first >>> 16) + (first & 0xffff) + (second >>> 16) + (second & 0xffff) + (third >>> 16);
      sum += (third & 0xffff) + (src >>> 16) + (src & 0xffff) + (dst >>> 16) + (dst & 0xffff);
      if ((sum & 0xffff) + (sum >>> 16) !== 0xffff) this.badIpChecksums++;
      if (transport + claimed > end) {
        snapped++;
      } else {
        whole++;
        if ((lot & CHECKSUM_LOT) === 0) this.#checkShort(v, proto, ip, transport, claimed);
      }
    }
    out.count = n;
    this.verdicts[Verdict.ok]! += whole;
    this.verdicts[Verdict.snapped]! += snapped;
    return row;
  }

  #checkShort(v: DataView, proto: number, ip: number, at: number, length: number): void {
    this.transportChecked++;
    if (!isRight(v, 4, proto, ip, at, length)) this.badTransportChecksums++;
  }

  /**
   * Overwrites `p` (all but timeUs, which the caller takes from the batch's column) with what the frame at `start`
   * says. `capLen` bytes of it are in `v`; `wireLen` crossed the wire.
   */
  decode(v: DataView, start: number, capLen: number, wireLen: number, linkType: number, p: Packet): Verdict {
    const verdict = this.#decode(v, start, capLen, wireLen, linkType, p);
    this.verdicts[verdict]!++;
    return verdict;
  }

  #decode(v: DataView, start: number, capLen: number, wireLen: number, linkType: number, p: Packet): Verdict {
    let end = start + capLen;
    const wireEnd = wireLen > capLen ? start + wireLen : end;
    p.frameStart = start;
    p.wireBytes = wireEnd - start;
    p.vlan = p.innerVlan = 0;
    p.srcPort = p.dstPort = 0;
    p.icmpType = p.icmpCode = 0;
    p.tcpFlags = p.tcpSeq = p.tcpAck = p.tcpWindow = 0;
    p.fragmentId = 0;

    let verdict = findIp(v, start, end, linkType, p);
    if (verdict !== Verdict.ok) return verdict;
    if (p.ipVersion === 0) {
      if (p.ipStart >= end) return Verdict.cut;
      p.ipVersion = v.getUint8(p.ipStart) >> 4;
    }
    if (p.ipVersion === 4) verdict = readIpv4(v, end, wireEnd, p);
    else if (p.ipVersion === 6) verdict = readIpv6(v, end, wireEnd, p);
    else return Verdict.badHeader;
    if (verdict !== Verdict.ok) return verdict;
    if (p.ipVersion === 4 && !sumsUp(sum16(v, p.ipStart, p.transportStart - p.ipStart, 0))) this.badIpChecksums++;

    // Bytes past what IP claims are Ethernet's padding or a trailer.
    if (p.ipStart + p.ipBytes < end) end = p.ipStart + p.ipBytes;
    if (p.fragmentOffset !== 0) {
      p.payloadStart = p.transportStart;
      p.payloadEnd = end;
      p.payloadBytes = p.transportBytes;
      return Verdict.fragment;
    }
    verdict = readTransport(v, end, p);
    if (verdict === Verdict.ok) this.#checkTransport(v, p);
    return verdict;
  }

  #checkTransport(v: DataView, p: Packet): void {
    const offset = checksumOffset(p.proto);
    if (offset < 0 || p.transportBytes < offset + 2) return;
    if ((v.getUint16(p.transportStart + offset) & CHECKSUM_LOT) !== 0) return;
    this.transportChecked++;
    if (!isTransportRight(v, p)) this.badTransportChecksums++;
  }

  /** Totals since start besides the verdicts, to be prefixed `decode.` in the ledger. */
  get tally(): Record<string, number> {
    return {
      bad_ip_checksums: this.badIpChecksums,
      transport_checksums_checked: this.transportChecked,
      bad_transport_checksums: this.badTransportChecksums,
    };
  }
}
