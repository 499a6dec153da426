import { checksumOffset, isTransportRight, sum16, sumsUp } from './checksum.js';
import { readIpv4, readIpv6 } from './ip.js';
import { findIp } from './link.js';
import type { Packet } from './packet.js';
import { readTransport } from './transport.js';
import { VERDICTS, Verdict } from './verdict.js';

/**
 * One transport checksum in 32 is verified: summing 1,500 bytes costs several times the whole decode. The checksum
 * field itself draws the lot, so that the same packet is drawn live, in a replay and on any shard.
 */
const CHECKSUM_LOT = 31;

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
