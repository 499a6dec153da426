import { LinkType } from './linktype.js';

/**
 * Which shard owns a frame, when several shards read one file: a hash of the unordered pair of (outer) IP addresses.
 * Both directions of a flow meet, and all fragments of a datagram do too, because no port is looked at. A frame in
 * which no IP packet is found goes to shard 0.
 *
 * Live, the kernel chooses (PACKET_FANOUT_HASH: addresses, ports and protocol, after defragmenting). It may send a
 * flow to another shard than this function would, but it keeps the same promise, both directions of a flow in one
 * shard, and nothing after capture depends on which. So live, replay and any number of shards give the same flows.
 *
 * The hash has no secret: replay must be repeatable. A stranger can aim at one shard, which costs balance, not
 * correctness; live, the kernel's hash is seeded at boot.
 */
export function shardOf(view: DataView, start: number, capLen: number, linkType: number, shards: number): number {
  const at = ipOffset(view, start, start + capLen, linkType);
  if (at < 0) return 0;
  const end = start + capLen;
  const version = at < end ? view.getUint8(at) >> 4 : 0;
  let hash: number;
  if (version === 4 && at + 20 <= end) {
    hash = (mix(view.getUint32(at + 12)) + mix(view.getUint32(at + 16))) | 0;
  } else if (version === 6 && at + 40 <= end) {
    hash = (address6(view, at + 8) + address6(view, at + 24)) | 0;
  } else {
    return 0;
  }
  // The upper half scaled to the shards: a remainder of a 32-bit number is done in floating point, 5 times as slow.
  return ((mix(hash) >>> 16) * shards) >>> 16;
}

const ETHERTYPE_IPV4 = 0x0800;
const ETHERTYPE_IPV6 = 0x86dd;
// 802.1Q, 802.1ad, and the two numbers QinQ had before it was a standard.
const isTag = (type: number) => type === 0x8100 || type === 0x88a8 || type === 0x9100 || type === 0x9200;
const TAGS_MAX = 8;

/** Where the outer IP header begins, or -1. */
function ipOffset(view: DataView, start: number, end: number, linkType: number): number {
  switch (linkType) {
    case LinkType.ethernet:
      return afterEtherType(view, start + 12, end);
    case LinkType.linuxSll:
      return afterEtherType(view, start + 14, end);
    case LinkType.linuxSll2:
      // The protocol comes first here, and the payload after 20 bytes (LINKTYPE_LINUX_SLL2).
      if (start + 20 > end) return -1;
      return afterType(view, view.getUint16(start), start + 20, end);
    case LinkType.raw:
    case LinkType.ipv4:
    case LinkType.ipv6:
      return start;
    case LinkType.null:
    case LinkType.loop:
      // Four bytes of address family whose values differ by system; the IP version that follows is surer.
      return start + 4 < end ? start + 4 : -1;
    default:
      return -1;
  }
}

function afterEtherType(view: DataView, at: number, end: number): number {
  if (at + 2 > end) return -1;
  return afterType(view, view.getUint16(at), at + 2, end);
}

function afterType(view: DataView, type: number, at: number, end: number): number {
  for (let tags = 0; isTag(type) && tags < TAGS_MAX; tags++) {
    if (at + 4 > end) return -1;
    type = view.getUint16(at + 2);
    at += 4;
  }
  return type === ETHERTYPE_IPV4 || type === ETHERTYPE_IPV6 ? at : -1;
}

function address6(view: DataView, at: number): number {
  let h = mix(view.getUint32(at));
  h = mix(h ^ view.getUint32(at + 4));
  h = mix(h ^ view.getUint32(at + 8));
  return mix(h ^ view.getUint32(at + 12));
}

/** A 32-bit finaliser ("lowbias32", C. Wellons, nullprogram.com/blog/2018/07/31). */
function mix(x: number): number {
  x ^= x >>> 16;
  x = Math.imul(x, 0x7feb352d);
  x ^= x >>> 15;
  x = Math.imul(x, 0x846ca68b);
  return x ^ (x >>> 16);
}
