/** Who began a flow, told from its first packet, and how sure that is. */
import { V4_MAPPED } from '../base/address.js';
import { isIcmpPaired, isIcmpRequest } from '../decode/icmp.js';
import { IS_V4, LATER_FRAGMENT, P_MARKS, P_PORTS, P_TAGS, PACKET_WORDS, type Packets } from '../decode/packets.js';
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

/** Direction of a flow that begins with packet `i`, plus FROM_RESPONDER if its sender is the responder. */
export function firstDirection(packets: Packets, i: number): number {
  const words = packets.words;
  const p = i * PACKET_WORDS;
  const proto = words[p + P_TAGS]! & 0xff;
  const marks = words[p + P_MARKS]!;
  const src = words[p + P_PORTS]! >>> 16;
  const dst = words[p + P_PORTS]! & 0xffff;
  if (proto === PROTO_TCP && (marks & SYN) !== 0) {
    return (marks & ACK) !== 0 ? Direction.handshake + FROM_RESPONDER : Direction.handshake;
  }
  if (proto === PROTO_ICMP || proto === PROTO_ICMP6) {
    // The source port is the type, but for a later fragment, which has neither.
    if ((marks & LATER_FRAGMENT) !== 0 || !isIcmpPaired(proto, src)) return Direction.firstSeen;
    return isIcmpRequest(proto, src) ? Direction.protocol : Direction.protocol + FROM_RESPONDER;
  }
  // Nobody answers from a multicast or broadcast address.
  if (isToMany(words, p + 4, marks)) return Direction.protocol;
  if (src === dst) return Direction.firstSeen;
  const server = IS_SERVER[dst]! - IS_SERVER[src]!;
  if (server !== 0) return server > 0 ? Direction.protocol : Direction.protocol + FROM_RESPONDER;
  if (dst < 1024 !== src < 1024) return dst < 1024 ? Direction.port : Direction.port + FROM_RESPONDER;
  return Direction.firstSeen;
}

function isToMany(words: Uint32Array, at: number, marks: number): boolean {
  const isV4 = (marks & IS_V4) !== 0 || (words[at] === 0 && words[at + 1] === 0 && words[at + 2] === V4_MAPPED);
  return isV4 ? words[at + 3]! >= 0xe0000000 : words[at]! >>> 24 === 0xff;
}
