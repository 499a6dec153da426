import { createHash } from 'node:crypto';
import { isV4 } from '../base/address.js';
import { isIcmpPaired } from '../decode/icmp.js';
import { PROTO_ICMP, PROTO_ICMP6, PROTO_SCTP, PROTO_TCP, PROTO_UDP } from '../decode/transport.js';

/**
 * Community ID version 1 (github.com/corelight/community-id-spec): the same text for a flow in every tool that follows
 * it with the same `seed` (0 to 65535), from either direction.
 *
 * `addr` holds two addresses of four words from `at`; ICMP's ports are its type and counterpart, as in Packet.
 */
export function communityId(
  addr: Uint32Array,
  at: number,
  sport: number,
  dport: number,
  proto: number,
  seed = 0,
): string {
  const isIcmp = proto === PROTO_ICMP || proto === PROTO_ICMP6;
  const hasPorts = isIcmp || proto === PROTO_TCP || proto === PROTO_UDP || proto === PROTO_SCTP;
  let order = 0;
  for (let i = 0; i < 4 && order === 0; i++) order = addr[at + i]! - addr[at + 4 + i]!;
  if (order === 0) order = sport - dport;
  // A message without a counterpart has no other direction to be equal to.
  const isOneWay = isIcmp && !isIcmpPaired(proto, sport);
  const swap = order > 0 && !isOneWay;

  const skip = isV4(addr, at) && isV4(addr, at + 4) ? 3 : 0;
  const bytes = Buffer.alloc(2 + (4 - skip) * 8 + 2 + (hasPorts ? 4 : 0));
  let n = bytes.writeUInt16BE(seed, 0);
  for (const from of swap ? [at + 4, at] : [at, at + 4]) {
    for (let i = skip; i < 4; i++) n = bytes.writeUInt32BE(addr[from + i]!, n);
  }
  n = bytes.writeUInt8(proto, n);
  n = bytes.writeUInt8(0, n);
  if (hasPorts) {
    n = bytes.writeUInt16BE(swap ? dport : sport, n);
    bytes.writeUInt16BE(swap ? sport : dport, n);
  }
  return `1:${createHash('sha1').update(bytes).digest('base64')}`;
}
