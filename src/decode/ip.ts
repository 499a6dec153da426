/** IPv4 (RFC 791) and IPv6 (RFC 8200) headers, up to where the transport begins. */
import { V4_MAPPED } from '../base/address.js';
import type { Packet } from './packet.js';
import { Verdict } from './verdict.js';

/** Extension headers one packet may chain before it is refused. RFC 8200 §4.1 knows seven, one of them twice. */
const EXTENSIONS_MAX = 16;

/**
 * Reads the IPv4 header at p.ipStart. `end` is where the capture ends, `wireEnd` where the frame did on the wire.
 * Sets addresses, lengths, fragment fields and p.transportStart.
 */
export function readIpv4(v: DataView, end: number, wireEnd: number, p: Packet): Verdict {
  const at = p.ipStart;
  if (at + 20 > end) return Verdict.cut;
  const first = v.getUint8(at);
  const header = (first & 0x0f) << 2;
  let total = v.getUint16(at + 2);
  // A host that leaves segmentation to its card may write 0: the frame alone knows the length.
  if (total === 0) total = wireEnd - at;
  if (first >> 4 !== 4 || header < 20 || total < header) return Verdict.badHeader;
  if (at + header > end) return at + header > wireEnd ? Verdict.badHeader : Verdict.cut;

  const fragment = v.getUint16(at + 6);
  p.fragmentOffset = (fragment & 0x1fff) << 3;
  p.moreFragments = (fragment & 0x2000) !== 0;
  p.fragment = p.moreFragments || p.fragmentOffset !== 0;
  p.fragmentId = v.getUint16(at + 4);
  p.ipBytes = total;
  p.ttl = v.getUint8(at + 8);
  p.proto = v.getUint8(at + 9);
  const addr = p.addr;
  addr[0] = addr[1] = addr[4] = addr[5] = 0;
  addr[2] = addr[6] = V4_MAPPED;
  addr[3] = v.getUint32(at + 12);
  addr[7] = v.getUint32(at + 16);
  p.transportStart = at + header;
  p.transportBytes = total - header;
  return Verdict.ok;
}

/** Reads the IPv6 header at p.ipStart and walks its extension headers; otherwise like readIpv4. */
export function readIpv6(v: DataView, end: number, wireEnd: number, p: Packet): Verdict {
  const start = p.ipStart;
  if (start + 40 > end) return Verdict.cut;
  if (v.getUint8(start) >> 4 !== 6) return Verdict.badHeader;
  let length = v.getUint16(start + 4);
  let next = v.getUint8(start + 6);
  // 0 is a jumbogram (RFC 2675) or a super-packet not yet cut by the card; with no next header it is plain nothing.
  if (length === 0 && next !== 59) length = Math.max(0, wireEnd - start - 40);
  p.ipBytes = 40 + length;
  p.ttl = v.getUint8(start + 7);
  const addr = p.addr;
  for (let i = 0; i < 8; i++) addr[i] = v.getUint32(start + 8 + 4 * i);
  p.fragment = p.moreFragments = false;
  p.fragmentOffset = 0;

  const claimed = start + p.ipBytes;
  let at = start + 40;
  for (let n = 0; n <= EXTENSIONS_MAX; n++) {
    let bytes: number;
    switch (next) {
      case 0: // hop-by-hop options
      case 43: // routing
      case 60: // destination options
      case 135: // mobility (RFC 6275)
      case 139: // host identity (RFC 7401)
      case 140: // shim6 (RFC 5533)
      case 51: // authentication (RFC 4302), whose length counts fours, less two
      case 44: // fragment
        if (at + 8 > claimed) return Verdict.badHeader;
        if (at + 8 > end) return Verdict.cut;
        bytes = next === 51 ? (v.getUint8(at + 1) + 2) << 2 : next === 44 ? 8 : (v.getUint8(at + 1) + 1) << 3;
        break;
      default:
        p.proto = next;
        p.transportStart = at;
        p.transportBytes = claimed - at;
        return Verdict.ok;
    }
    if (next === 44) {
      const field = v.getUint16(at + 2);
      p.fragmentOffset = field & 0xfff8;
      p.moreFragments = (field & 1) !== 0;
      // Offset 0 and nothing to follow is an atomic fragment: a whole packet (RFC 6946).
      p.fragment = p.moreFragments || p.fragmentOffset !== 0;
      p.fragmentId = v.getUint32(at + 4);
    }
    next = v.getUint8(at);
    at += bytes;
    if (at > claimed) return Verdict.badHeader;
    if (at > end) return Verdict.cut;
    if (p.fragmentOffset !== 0) {
      // What follows is the middle of something: `next` may itself be an extension header of the first fragment.
      p.proto = next;
      p.transportStart = at;
      p.transportBytes = claimed - at;
      return Verdict.ok;
    }
  }
  return Verdict.tooDeep;
}
