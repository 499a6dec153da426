/** Transport headers: ports, TCP's fields, and where the payload lies. */
import { icmpCounterpart } from './icmp.js';
import type { Packet } from './packet.js';
import { Verdict } from './verdict.js';

export const PROTO_ICMP = 1;
export const PROTO_TCP = 6;
export const PROTO_UDP = 17;
export const PROTO_DCCP = 33;
export const PROTO_ICMP6 = 58;
export const PROTO_SCTP = 132;
export const PROTO_UDPLITE = 136;

/**
 * Reads the transport header at p.transportStart, of which nothing is captured past `end` (which is also never past
 * what IP claims). Sets ports, payloadStart, payloadEnd and payloadBytes, and for TCP its fields.
 *
 * A header that only the capture cut short still gives a flow as long as its ports are there. In a first fragment the
 * header may go on in the next one (RFC 1858 tells why someone would do that): what is here is read.
 */
export function readTransport(v: DataView, end: number, p: Packet): Verdict {
  const at = p.transportStart;
  const claimed = p.transportBytes;
  let header = 0;
  switch (p.proto) {
    case PROTO_TCP:
      if (claimed < 20 && !p.fragment) return Verdict.badHeader;
      if (at + 4 > end) return noPorts(at, end, claimed, p);
      p.srcPort = v.getUint16(at);
      p.dstPort = v.getUint16(at + 2);
      header = 20;
      if (at + 14 <= end) {
        p.tcpSeq = v.getUint32(at + 4);
        p.tcpAck = v.getUint32(at + 8);
        header = (v.getUint8(at + 12) >> 4) << 2;
        p.tcpFlags = v.getUint8(at + 13);
        // Where the window was not captured it must not look closed.
        p.tcpWindow = at + 16 <= end ? v.getUint16(at + 14) : 65535;
        if (header < 20 || (header > claimed && !p.fragment)) return Verdict.badHeader;
      }
      break;
    case PROTO_UDP: {
      if (claimed < 8 && !p.fragment) return Verdict.badHeader;
      if (at + 4 > end) return noPorts(at, end, claimed, p);
      p.srcPort = v.getUint16(at);
      p.dstPort = v.getUint16(at + 2);
      header = 8;
      if (at + 6 <= end && !p.fragment) {
        // 0 is a jumbogram's or a super-packet's length (RFC 2675 §4); else it may fall short of what IP claims.
        const length = v.getUint16(at + 4);
        if (length !== 0) {
          if (length < 8) return Verdict.badHeader;
          if (length < claimed) return payload(at + 8, Math.min(end, at + length), length - 8, end, p);
        }
      }
      break;
    }
    case PROTO_UDPLITE:
    case PROTO_SCTP:
    case PROTO_DCCP:
      header = p.proto === PROTO_UDPLITE ? 8 : 12;
      if (claimed < header && !p.fragment) return Verdict.badHeader;
      if (at + 4 > end) return noPorts(at, end, claimed, p);
      p.srcPort = v.getUint16(at);
      p.dstPort = v.getUint16(at + 2);
      if (p.proto === PROTO_DCCP && at + 5 <= end) {
        header = v.getUint8(at + 4) << 2; // RFC 4340 §5.1
        if (header < 12 || (header > claimed && !p.fragment)) return Verdict.badHeader;
      }
      break;
    case PROTO_ICMP:
    case PROTO_ICMP6:
      if (claimed < 4 && !p.fragment) return Verdict.badHeader;
      if (at + 2 > end) return noPorts(at, end, claimed, p);
      p.icmpType = v.getUint8(at);
      p.icmpCode = v.getUint8(at + 1);
      p.srcPort = p.icmpType;
      p.dstPort = icmpCounterpart(p.proto, p.icmpType, p.icmpCode);
      header = Math.min(8, claimed);
      break;
    default:
      break; // A flow without ports. Tunnels (4, 41, 47 …) would go on from here.
  }
  if (header > claimed) header = claimed;
  return payload(at + header, end, claimed - header, end, p);
}

/** A first fragment may be too short for its ports; a whole packet may only be cut short by the capture. */
function noPorts(at: number, end: number, claimed: number, p: Packet): Verdict {
  if (!p.fragment || at + claimed > end) return Verdict.cut;
  return payload(at, end, claimed, end, p);
}

function payload(start: number, stop: number, claimed: number, end: number, p: Packet): Verdict {
  p.payloadBytes = claimed;
  p.payloadStart = Math.min(start, stop);
  p.payloadEnd = stop;
  return p.fragment ? Verdict.fragment : p.transportStart + p.transportBytes > end ? Verdict.snapped : Verdict.ok;
}
