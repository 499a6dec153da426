/** The counters of one record: begun, fed packet by packet, emptied. Shape: layout.ts. */
import type { Packet } from '../decode/packet.js';
import { PROTO_ICMP, PROTO_ICMP6, PROTO_TCP } from '../decode/transport.js';
import { FIRST_SIZES } from './columns.js';
import { FROM_RESPONDER, firstDirection } from './direction.js';
import { Letter, noteFlip, noteOnce } from './history.js';
import { tagsOf } from './index.js';
import {
  B_FLAGS,
  B_MISC,
  B_STATES,
  CLOSED,
  CONTINUES,
  D_FIRST,
  D_LAST,
  FLIPPED,
  type FlowRows,
  H_BYTES_HIGH,
  H_PAYLOAD_HIGH,
  H_RETRANSMISSIONS,
  H_SIZES,
  ROW_BYTES,
  ROW_DOUBLES,
  ROW_HALVES,
  ROW_WORDS,
  W_BYTES,
  W_HISTORY,
  W_PACKETS,
  W_PAYLOAD,
  W_PORTS,
  W_SEEN,
  W_SEQ,
  W_TAGS,
} from './layout.js';
import { ACK, End, onSegment, SYN } from './tcp.js';

/** Begins a flow with this packet and returns the side that it came from. */
export function beginFlow(rows: FlowRows, row: number, p: Packet): number {
  const words = rows.words;
  const w = row * ROW_WORDS;
  words[w + W_SEEN] = 0;
  clearRecord(rows, row);
  rows.bytes[row * ROW_BYTES + B_STATES] = 0;
  words[w + W_SEQ] = words[w + W_SEQ + 1] = 0;
  rows.doubles[row * ROW_DOUBLES + D_FIRST] = p.timeUs;
  rows.doubles[row * ROW_DOUBLES + D_LAST] = p.timeUs;
  const direction = firstDirection(p);
  const side = direction >= FROM_RESPONDER ? 1 : 0;
  rows.bytes[row * ROW_BYTES + B_MISC] = (direction & 3) << 5;
  const addr = p.addr;
  for (let i = 0; i < 4; i++) {
    words[w + i] = addr[4 * side + i]!;
    words[w + 4 + i] = addr[4 - 4 * side + i]!;
  }
  words[w + W_PORTS] = side === 0 ? (p.srcPort << 16) | p.dstPort : (p.dstPort << 16) | p.srcPort;
  words[w + W_TAGS] = tagsOf(p);
  if (side === 1) noteFlip(rows, row);
  return side;
}

/** Goes on with a flow in a new record that begins with this packet. */
export function continueFlow(rows: FlowRows, row: number, p: Packet): void {
  clearRecord(rows, row);
  rows.doubles[row * ROW_DOUBLES + D_FIRST] = p.timeUs;
}

/** Sets the counters to nothing; key, direction, TCP states and sequence numbers stay. */
export function clearRecord(rows: FlowRows, row: number): void {
  const words = rows.words;
  const w = row * ROW_WORDS;
  const b = row * ROW_BYTES;
  rows.bytes[b + B_FLAGS] = rows.bytes[b + B_FLAGS + 1] = 0;
  rows.bytes[b + B_MISC]! &= 3 << 5;
  for (let i = W_PACKETS; i < W_SEQ; i++) words[w + i] = 0;
  words[w + H_RETRANSMISSIONS / 2] = 0;
  words[w + W_SEEN]! &= CONTINUES;
  for (let i = H_SIZES / 2; i < W_HISTORY + 4; i++) words[w + i] = 0;
  if ((words[w + W_SEEN]! & FLIPPED) !== 0) noteFlip(rows, row);
}

/** Counts a packet from `side`. */
export function countPacket(rows: FlowRows, row: number, side: number, p: Packet): void {
  const words = rows.words;
  const w = row * ROW_WORDS + side;
  const h = row * ROW_HALVES + side;
  words[w + W_PACKETS]!++;
  const bytes = words[w + W_BYTES]! + p.ipBytes;
  if (bytes > 0xffffffff) rows.halves[h + H_BYTES_HIGH]!++;
  words[w + W_BYTES] = bytes;
  if (p.payloadBytes > 0) {
    const payload = words[w + W_PAYLOAD]! + p.payloadBytes;
    if (payload > 0xffffffff) rows.halves[h + H_PAYLOAD_HIGH]!++;
    words[w + W_PAYLOAD] = payload;
    countSize(rows.sizes, row * ROW_HALVES + H_SIZES, side, p.payloadBytes);
  }
  if (p.proto === PROTO_TCP) {
    // Without flags there is no segment: they were not captured, or this is a later fragment or a null scan.
    if (p.tcpFlags !== 0) onSegment(rows, row, side, p);
  } else if (p.proto !== PROTO_ICMP && p.proto !== PROTO_ICMP6) {
    noteOnce(rows, row, side, Letter.data);
  }
}

function countSize(sizes: Int16Array, from: number, side: number, payload: number): void {
  if (sizes[from + FIRST_SIZES - 1] !== 0) return;
  let at = from;
  while (sizes[at] !== 0) at++;
  const size = Math.min(payload, 0x7fff);
  sizes[at] = side === 0 ? size : -size;
}

/** Is this a SYN that cannot belong to the connection in the row: one that is over, or elsewhere in its numbers? */
export function isReused(rows: FlowRows, row: number, side: number, p: Packet): boolean {
  if (p.proto !== PROTO_TCP || (p.tcpFlags & (SYN | ACK)) !== SYN) return false;
  const words = rows.words;
  if ((words[row * ROW_WORDS + W_SEEN]! & CLOSED) !== 0) return true;
  if (rows.bytes[row * ROW_BYTES + B_STATES]! !== (End.established | (End.established << 4))) return false;
  if (side === 1) return true;
  // A SYN sent again names the byte before the first; a megabyte off it is another connection's.
  const off = (p.tcpSeq + 1 - words[row * ROW_WORDS + W_SEQ]!) | 0;
  return off > 0x100000 || off < -0x100000;
}
