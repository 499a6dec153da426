/** The counters of one record: begun, fed packet by packet, emptied. Shape: layout.ts. */
import { V4_MAPPED } from '../base/address.js';
import {
  IS_V4,
  P_IP_BYTES,
  P_MARKS,
  P_PAYLOAD,
  P_PORTS,
  P_SEQ,
  P_TAGS,
  PACKET_WORDS,
  type Packets,
} from '../decode/packets.js';
import { PROTO_ICMP, PROTO_ICMP6, PROTO_TCP } from '../decode/transport.js';
import { FIRST_SIZES } from './columns.js';
import { FROM_RESPONDER, firstDirection } from './direction.js';
import { Letter, noteFlip, noteOnce } from './history.js';
import {
  B_FLAGS,
  B_MISC,
  B_STATES,
  C_HISTORY,
  CLOSED,
  COLD_WORDS,
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
  ROW_V4,
  ROW_WORDS,
  W_ADDR,
  W_ADDR_UPPER,
  W_BYTES,
  W_PACKETS,
  W_PAYLOAD,
  W_PORTS,
  W_SEEN,
  W_SEQ,
  W_TAGS,
} from './layout.js';
import { ACK, End, onSegment, SYN } from './tcp.js';

/** Begins a flow with packet `i` and returns the side that it came from. */
export function beginFlow(rows: FlowRows, row: number, packets: Packets, i: number): number {
  const words = rows.words;
  const w = row * ROW_WORDS;
  words[w + W_SEEN] = 0;
  clearRecord(rows, row);
  rows.bytes[row * ROW_BYTES + B_STATES] = 0;
  words[w + W_SEQ] = words[w + W_SEQ + 1] = 0;
  rows.doubles[row * ROW_DOUBLES + D_FIRST] = rows.doubles[row * ROW_DOUBLES + D_LAST] = packets.timeUs[i]!;
  const direction = firstDirection(packets, i);
  const side = direction >= FROM_RESPONDER ? 1 : 0;
  rows.bytes[row * ROW_BYTES + B_MISC] = (direction & 3) << 5;
  const from = packets.words;
  const p = i * PACKET_WORDS;
  words[w + W_ADDR + side] = from[p + 3]!;
  words[w + W_ADDR + 1 - side] = from[p + 7]!;
  const src = w + W_ADDR_UPPER + 3 * side;
  const dst = w + W_ADDR_UPPER + 3 - 3 * side;
  if ((from[p + P_MARKS]! & IS_V4) !== 0) {
    words[src] = words[src + 1] = words[dst] = words[dst + 1] = 0;
    words[src + 2] = words[dst + 2] = V4_MAPPED;
    words[w + W_SEEN]! |= ROW_V4;
  } else {
    for (let n = 0; n < 3; n++) {
      words[src + n] = from[p + n]!;
      words[dst + n] = from[p + 4 + n]!;
    }
  }
  const ports = from[p + P_PORTS]!;
  words[w + W_PORTS] = side === 0 ? ports : (ports << 16) | (ports >>> 16);
  words[w + W_TAGS] = from[p + P_TAGS]!;
  if (side === 1) noteFlip(rows, row);
  return side;
}

/** Goes on with a flow in a new record that begins with packet `i`. */
export function continueFlow(rows: FlowRows, row: number, packets: Packets, i: number): void {
  clearRecord(rows, row);
  rows.doubles[row * ROW_DOUBLES + D_FIRST] = packets.timeUs[i]!;
}

/** Sets the counters to nothing; key, direction, TCP states and sequence numbers stay. */
export function clearRecord(rows: FlowRows, row: number): void {
  const words = rows.words;
  const w = row * ROW_WORDS;
  const b = row * ROW_BYTES;
  rows.bytes[b + B_FLAGS] = rows.bytes[b + B_FLAGS + 1] = 0;
  rows.bytes[b + B_MISC]! &= 3 << 5;
  for (let i = W_PACKETS; i < W_PACKETS + 4; i++) words[w + i] = 0;
  words[w + H_RETRANSMISSIONS / 2] = 0;
  words[w + W_SEEN]! &= CONTINUES;
  // Payload, what overflowed, first sizes.
  for (let i = W_PAYLOAD; i < W_ADDR_UPPER; i++) words[w + i] = 0;
  const c = row * COLD_WORDS + C_HISTORY;
  for (let i = 0; i < 4; i++) rows.cold[c + i] = 0;
  if ((words[w + W_SEEN]! & FLIPPED) !== 0) noteFlip(rows, row);
}

/** Counts packet `i`, sent by `side`. */
export function countPacket(rows: FlowRows, row: number, side: number, packets: Packets, i: number): void {
  const words = rows.words;
  const from = packets.words;
  const p = i * PACKET_WORDS;
  const w = row * ROW_WORDS + side;
  const h = row * ROW_HALVES + side;
  words[w + W_PACKETS]!++;
  const bytes = words[w + W_BYTES]! + from[p + P_IP_BYTES]!;
  if (bytes > 0xffffffff) rows.halves[h + H_BYTES_HIGH]!++;
  words[w + W_BYTES] = bytes;
  const payload = from[p + P_PAYLOAD]!;
  if (payload > 0) {
    const sum = words[w + W_PAYLOAD]! + payload;
    if (sum > 0xffffffff) rows.halves[h + H_PAYLOAD_HIGH]!++;
    words[w + W_PAYLOAD] = sum;
    if (rows.sizes[row * ROW_HALVES + H_SIZES + FIRST_SIZES - 1] === 0) {
      countSize(rows.sizes, row * ROW_HALVES + H_SIZES, side, payload);
    }
  }
  const proto = from[p + P_TAGS]! & 0xff;
  if (proto === PROTO_TCP) {
    // Without flags there is no segment: they were not captured, or this is a later fragment or a null scan.
    if ((from[p + P_MARKS]! & 0xff) !== 0) onSegment(rows, row, side, packets, i);
  } else {
    countTalk(rows, row, side, proto);
  }
}

/** Notes that a side of a protocol without segments has spoken; ICMP has no history. */
export function countTalk(rows: FlowRows, row: number, side: number, proto: number): void {
  if (proto !== PROTO_TCP && proto !== PROTO_ICMP && proto !== PROTO_ICMP6) noteOnce(rows, row, side, Letter.data);
}

/** Notes the size of a payload; there must be room for one more. */
export function countSize(sizes: Int16Array, from: number, side: number, payload: number): void {
  let at = from;
  while (sizes[at] !== 0) at++;
  const size = Math.min(payload, 0x7fff);
  sizes[at] = side === 0 ? size : -size;
}

/** Is this a SYN that cannot belong to the connection in the row: one that is over, or elsewhere in its numbers? */
export function isReused(rows: FlowRows, row: number, side: number, packets: Packets, i: number): boolean {
  const p = i * PACKET_WORDS;
  // Only TCP has flags.
  if ((packets.words[p + P_MARKS]! & (SYN | ACK)) !== SYN) return false;
  const words = rows.words;
  if ((words[row * ROW_WORDS + W_SEEN]! & CLOSED) !== 0) return true;
  if (rows.bytes[row * ROW_BYTES + B_STATES]! !== (End.established | (End.established << 4))) return false;
  if (side === 1) return true;
  // A SYN sent again names the byte before the first; a megabyte off it is another connection's.
  const off = (packets.words[p + P_SEQ]! + 1 - words[row * ROW_WORDS + W_SEQ]!) | 0;
  return off > 0x100000 || off < -0x100000;
}
