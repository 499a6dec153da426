/**
 * Link layers: from the first byte of a frame to the first byte of its IP header.
 * LINKTYPE_ values are those of tcpdump.org/linktypes.html.
 */
import type { Packet } from './packet.js';
import { Verdict } from './verdict.js';

const LINK_NULL = 0;
const LINK_ETHERNET = 1;
const LINK_PPP = 9;
const LINK_RAW_BSD = 12;
const LINK_RAW_OPENBSD = 14;
const LINK_PPP_HDLC = 50;
const LINK_PPPOE = 51;
const LINK_RAW = 101;
const LINK_LOOP = 108;
const LINK_COOKED = 113;
const LINK_IPV4 = 228;
const LINK_IPV6 = 229;
const LINK_COOKED2 = 276;

/** Is there a decoder for frames of this LINKTYPE_? */
export function isKnownLink(linkType: number): boolean {
  return (
    linkType === LINK_ETHERNET ||
    linkType === LINK_NULL ||
    linkType === LINK_LOOP ||
    linkType === LINK_PPP ||
    linkType === LINK_PPP_HDLC ||
    linkType === LINK_PPPOE ||
    linkType === LINK_COOKED ||
    linkType === LINK_COOKED2 ||
    linkType === LINK_RAW ||
    linkType === LINK_RAW_BSD ||
    linkType === LINK_RAW_OPENBSD ||
    linkType === LINK_IPV4 ||
    linkType === LINK_IPV6
  );
}

/** Tags and encapsulations one frame may stack before it is refused. QinQ in QinQ is four. */
const LINK_DEPTH_MAX = 8;

const ETHER_IPV4 = 0x0800;
const ETHER_ARP = 0x0806;
const ETHER_RARP = 0x8035;
const ETHER_VLAN = 0x8100;
const ETHER_IPV6 = 0x86dd;
const ETHER_PPPOE_DISCOVERY = 0x8863;
const ETHER_PPPOE_SESSION = 0x8864;
const ETHER_QINQ = 0x88a8;
const ETHER_QINQ_OLD = 0x9100;
/** Below this the field is an IEEE 802.3 length. */
const ETHER_TYPE_MIN = 0x0600;

const PPP_IPV4 = 0x0021;
const PPP_IPV6 = 0x0057;

/**
 * Finds the IP header of the frame in [start, end): sets ipStart, ipVersion (0 when only the header itself can tell)
 * and the VLANs of `p`, and returns ok; or returns why there is none.
 */
export function findIp(v: DataView, start: number, end: number, linkType: number, p: Packet): Verdict {
  switch (linkType) {
    case LINK_ETHERNET:
      if (start + 14 > end) return Verdict.cut;
      return fromEtherType(v, v.getUint16(start + 12), start + 14, end, p);
    case LINK_COOKED:
      if (start + 16 > end) return Verdict.cut;
      return fromCookedType(v, v.getUint16(start + 14), start + 16, end, p);
    case LINK_COOKED2:
      if (start + 20 > end) return Verdict.cut;
      return fromCookedType(v, v.getUint16(start), start + 20, end, p);
    case LINK_RAW:
    case LINK_RAW_BSD:
    case LINK_RAW_OPENBSD:
      return found(start, 0, p);
    case LINK_IPV4:
      return found(start, 4, p);
    case LINK_IPV6:
      return found(start, 6, p);
    case LINK_NULL:
    case LINK_LOOP:
      return fromFamily(v, start, end, p);
    case LINK_PPP:
    case LINK_PPP_HDLC:
      return fromPpp(v, start, end, p);
    case LINK_PPPOE:
      return fromPppoe(v, start, end, p);
    default:
      return Verdict.unknownLink;
  }
}

function found(at: number, version: number, p: Packet): Verdict {
  p.ipStart = at;
  p.ipVersion = version;
  return Verdict.ok;
}

function fromEtherType(v: DataView, type: number, at: number, end: number, p: Packet): Verdict {
  for (let depth = 0; depth <= LINK_DEPTH_MAX; depth++) {
    if (type === ETHER_IPV4) return found(at, 4, p);
    if (type === ETHER_IPV6) return found(at, 6, p);
    if (type === ETHER_VLAN || type === ETHER_QINQ || type === ETHER_QINQ_OLD) {
      if (at + 4 > end) return Verdict.cut;
      const id = v.getUint16(at) & 0x0fff;
      // Identifier 0 is a priority tag (IEEE 802.1Q §9.6): the frame belongs to no VLAN by it.
      if (id !== 0) {
        if (p.vlan === 0) p.vlan = id;
        else if (p.innerVlan === 0) p.innerVlan = id;
      }
      type = v.getUint16(at + 2);
      at += 4;
    } else if (type < ETHER_TYPE_MIN) {
      // IEEE 802.3: a length, then 802.2 LLC. Only SNAP with the zero OUI goes on with an ether type (RFC 1042).
      if (at + 8 > end) return at + 2 <= end && v.getUint16(at) !== 0xaaaa ? Verdict.llc : Verdict.cut;
      if (v.getUint32(at) !== 0xaaaa0300 || v.getUint16(at + 4) !== 0) return Verdict.llc;
      type = v.getUint16(at + 6);
      at += 8;
      if (type < ETHER_TYPE_MIN) return Verdict.llc;
    } else if (type === ETHER_ARP || type === ETHER_RARP) {
      return Verdict.arp;
    } else if (type === ETHER_PPPOE_SESSION) {
      return fromPppoe(v, at, end, p);
    } else if (type === ETHER_PPPOE_DISCOVERY) {
      return Verdict.pppControl;
    } else {
      return Verdict.notIp;
    }
  }
  return Verdict.tooDeep;
}

/** Cooked captures use a few small numbers of their own where Ethernet has a length. */
function fromCookedType(v: DataView, type: number, at: number, end: number, p: Packet): Verdict {
  if (type === 0x0004) return fromEtherType(v, 0, at, end, p); // 802.2 LLC follows
  if (type < ETHER_TYPE_MIN) return Verdict.notIp; // Novell 802.3, CAN …
  return fromEtherType(v, type, at, end, p);
}

/** BSD loopback: an address family in the byte order of the machine that captured (NULL) or the network's (LOOP). */
function fromFamily(v: DataView, at: number, end: number, p: Packet): Verdict {
  if (at + 4 > end) return Verdict.cut;
  let family = v.getUint32(at);
  if (family > 0xffff) family = v.getUint32(at, true);
  if (family === 2) return found(at + 4, 4, p);
  // AF_INET6 of Linux, NetBSD and OpenBSD, FreeBSD, Darwin.
  if (family === 10 || family === 24 || family === 28 || family === 30) return found(at + 4, 6, p);
  return Verdict.notIp;
}

/** RFC 2516 §4: version and type 1, code 0 is session data. */
function fromPppoe(v: DataView, at: number, end: number, p: Packet): Verdict {
  if (at + 6 > end) return Verdict.cut;
  if (v.getUint8(at) !== 0x11) return Verdict.badHeader;
  if (v.getUint8(at + 1) !== 0) return Verdict.pppControl;
  return fromPpp(v, at + 6, end, p);
}

/** RFC 1661 §2, with HDLC's address and control bytes (RFC 1662 §3.1) where they were not compressed away. */
function fromPpp(v: DataView, at: number, end: number, p: Packet): Verdict {
  if (at + 2 > end) return Verdict.cut;
  if (v.getUint16(at) === 0xff03) at += 2;
  if (at + 1 > end) return Verdict.cut;
  let protocol = v.getUint8(at);
  if ((protocol & 1) !== 0) {
    at += 1; // a compressed protocol field (RFC 1661 §6.5)
  } else {
    if (at + 2 > end) return Verdict.cut;
    protocol = v.getUint16(at);
    at += 2;
  }
  if (protocol === PPP_IPV4) return found(at, 4, p);
  if (protocol === PPP_IPV6) return found(at, 6, p);
  // 0x8000 and above are control protocols (RFC 1661 §2); below are data that is not IP.
  return protocol >= 0x8000 ? Verdict.pppControl : Verdict.notIp;
}
