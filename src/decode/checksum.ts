/** Internet checksums (RFC 1071). A tap sees offloaded ones, so a wrong one is only ever counted. */
import type { Packet } from './packet.js';
import { PROTO_ICMP, PROTO_ICMP6, PROTO_TCP, PROTO_UDP } from './transport.js';

/** Ones' complement sum, not inverted, of `length` bytes; `sum` carries on from an earlier part. Below 2^17. */
export function sum16(v: DataView, at: number, length: number, sum: number): number {
  const even = at + (length & ~1);
  let folded = 0;
  for (; at < even; at += 2) {
    sum += v.getUint16(at);
    // 16,384 words of 16 bits stay below 2^31, where V8 keeps small integers.
    if (++folded === 16384) {
      sum = (sum & 0xffff) + (sum >>> 16);
      folded = 0;
    }
  }
  if ((length & 1) !== 0) sum += v.getUint8(at) << 8;
  while (sum > 0x1ffff) sum = (sum & 0xffff) + (sum >>> 16);
  return sum;
}

/** Is the sum of something that includes its own checksum right? */
export function sumsUp(sum: number): boolean {
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return sum === 0xffff;
}

/** Where the checksum of this packet's transport lies, from the transport header's start; -1 if it has none we know. */
export function checksumOffset(proto: number): number {
  switch (proto) {
    case PROTO_TCP:
      return 16;
    case PROTO_UDP:
      return 6;
    case PROTO_ICMP:
    case PROTO_ICMP6:
      return 2;
    default:
      return -1;
  }
}

/** Checks the transport of a packet that was captured whole; UDP over IPv4 that sent none (0) is right. */
export function isTransportRight(v: DataView, p: Packet): boolean {
  return isRight(v, p.ipVersion, p.proto, p.ipStart, p.transportStart, p.transportBytes);
}

/** The same of `length` bytes of transport at `at`, whose IP header is at `ipStart`. */
export function isRight(
  v: DataView,
  ipVersion: number,
  proto: number,
  ipStart: number,
  at: number,
  length: number,
): boolean {
  let sum = 0;
  if (proto === PROTO_UDP) {
    const told = v.getUint16(at + 4);
    if (v.getUint16(at + 6) === 0) return ipVersion === 4;
    if (told !== 0 && told < length) length = told;
  }
  if (proto !== PROTO_ICMP) {
    sum = proto + (length >>> 16) + (length & 0xffff);
    sum = ipVersion === 4 ? sum16(v, ipStart + 12, 8, sum) : sum16(v, ipStart + 8, 32, sum);
  }
  return sumsUp(sum16(v, at, length, sum));
}
