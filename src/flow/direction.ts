/** Who began a flow, told from its first packet, and how sure that is. */
import { V4_MAPPED } from '../base/address.js';
import { isIcmpPaired, isIcmpRequest } from '../decode/icmp.js';
import type { Packet } from '../decode/packet.js';
import { PROTO_ICMP, PROTO_ICMP6, PROTO_TCP } from '../decode/transport.js';
import { Direction } from './columns.js';
import { ACK, SYN } from './tcp.js';

/** Added to a Direction when the packet came from the responder. */
export const FROM_RESPONDER = 4;

/** Ports on which a server is expected (IANA service names; the last row is common use). */
const SERVER_PORTS = [
  20, 21, 22, 23, 25, 53, 67, 69, 79, 80, 88, 102, 110, 111, 113, 119, 123, 135, 137, 138, 139, 143, 161, 162, 179, 194,
  389, 427, 443, 445, 464, 465, 500, 502, 514, 515, 520, 543, 547, 548, 554, 563, 587, 593, 623, 631, 636, 646, 689, 853,
  873, 902, 989, 990, 992, 993, 995, 1080, 1194, 1433, 1434, 1521, 1645, 1646, 1701, 1719, 1720, 1723, 1812, 1813, 1883,
  1900, 2049, 2181, 2404, 2775, 3128, 3260, 3268, 3269, 3306, 3389, 3478, 3544, 3702, 4500, 4789, 5060, 5061, 5222, 5223,
  5269, 5349, 5351, 5353, 5355, 5432, 5671, 5672, 5683, 5684, 5900, 5938, 5985, 5986, 6379, 6443, 6514, 6653, 6667, 6697,
  8443, 8883, 9100, 9418, 11211, 19302, 20000, 27017, 33848, 34962, 34964, 44818, 47808, 51820,
  2222, 3000, 5000, 5601, 8000, 8008, 8080, 8081, 8088, 8888, 9000, 9090, 9092, 9200, 10000,
]; // biome-ignore format: rows

const IS_SERVER = new Uint8Array(65536);
for (const port of SERVER_PORTS) IS_SERVER[port] = 1;

/** Direction of a flow that begins with this packet, plus FROM_RESPONDER if its sender is the responder. */
export function firstDirection(p: Packet): number {
  if (p.proto === PROTO_TCP && (p.tcpFlags & SYN) !== 0) {
    return (p.tcpFlags & ACK) !== 0 ? Direction.handshake + FROM_RESPONDER : Direction.handshake;
  }
  if (p.proto === PROTO_ICMP || p.proto === PROTO_ICMP6) {
    if (p.fragmentOffset !== 0 || !isIcmpPaired(p.proto, p.icmpType)) return Direction.firstSeen;
    return isIcmpRequest(p.proto, p.icmpType) ? Direction.protocol : Direction.protocol + FROM_RESPONDER;
  }
  // Nobody answers from a multicast or broadcast address.
  if (isToMany(p)) return Direction.protocol;
  const src = p.srcPort;
  const dst = p.dstPort;
  if (src === dst) return Direction.firstSeen;
  const server = IS_SERVER[dst]! - IS_SERVER[src]!;
  if (server !== 0) return server > 0 ? Direction.protocol : Direction.protocol + FROM_RESPONDER;
  if (dst < 1024 !== src < 1024) return dst < 1024 ? Direction.port : Direction.port + FROM_RESPONDER;
  return Direction.firstSeen;
}

function isToMany(p: Packet): boolean {
  const addr = p.addr;
  if (addr[4] === 0 && addr[5] === 0 && addr[6] === V4_MAPPED) return addr[7]! >= 0xe0000000;
  return addr[4]! >>> 24 === 0xff;
}
