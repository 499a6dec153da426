/** A row of the table becomes a row of FlowColumns. */
import { PROTO_ICMP, PROTO_ICMP6, PROTO_TCP } from '../decode/transport.js';
import { FIRST_SIZES, type FlowColumns, HISTORY_BYTES } from './columns.js';
import { writeHistory } from './history.js';
import {
  B_FLAGS,
  B_MISC,
  B_STATES,
  D_FIRST,
  D_LAST,
  type FlowRows,
  H_BYTES_HIGH,
  H_PAYLOAD_HIGH,
  H_RETRANSMISSIONS,
  H_SIZES,
  ROW_BYTES,
  ROW_DOUBLES,
  ROW_HALVES,
  ROW_WORDS,
  W_ADDR,
  W_ADDR_UPPER,
  W_BYTES,
  W_PACKETS,
  W_PAYLOAD,
  W_PORTS,
  W_TAGS,
} from './layout.js';
import { talkState, tcpState, UNJUDGED } from './state.js';

const HIGH = 0x100000000;

/** Writes `row` as the next row of `out`, which must have room. */
export function report(rows: FlowRows, row: number, reason: number, leftUs: number, out: FlowColumns): void {
  const { words, halves, bytes, doubles, sizes } = rows;
  const w = row * ROW_WORDS;
  const h = row * ROW_HALVES;
  const b = row * ROW_BYTES;
  const to = out.count++;
  for (let i = 0; i < 3; i++) {
    out.addr[to * 8 + i] = words[w + W_ADDR_UPPER + i]!;
    out.addr[to * 8 + 4 + i] = words[w + W_ADDR_UPPER + 3 + i]!;
  }
  out.addr[to * 8 + 3] = words[w + W_ADDR]!;
  out.addr[to * 8 + 7] = words[w + W_ADDR + 1]!;
  const ports = words[w + W_PORTS]!;
  out.sport[to] = ports >>> 16;
  out.dport[to] = ports & 0xffff;
  const tags = words[w + W_TAGS]!;
  const proto = tags & 0xff;
  out.proto[to] = proto;
  out.vlan[to] = tags >>> 20;
  out.innerVlan[to] = (tags >>> 8) & 0xfff;
  out.firstUs[to] = doubles[row * ROW_DOUBLES + D_FIRST]!;
  out.lastUs[to] = doubles[row * ROW_DOUBLES + D_LAST]!;
  const origPackets = words[w + W_PACKETS]!;
  const respPackets = words[w + W_PACKETS + 1]!;
  out.origPackets[to] = origPackets;
  out.respPackets[to] = respPackets;
  out.origBytes[to] = words[w + W_BYTES]! + halves[h + H_BYTES_HIGH]! * HIGH;
  out.respBytes[to] = words[w + W_BYTES + 1]! + halves[h + H_BYTES_HIGH + 1]! * HIGH;
  const origPayload = words[w + W_PAYLOAD]! + halves[h + H_PAYLOAD_HIGH]! * HIGH;
  const respPayload = words[w + W_PAYLOAD + 1]! + halves[h + H_PAYLOAD_HIGH + 1]! * HIGH;
  out.origPayload[to] = origPayload;
  out.respPayload[to] = respPayload;
  out.origFlags[to] = bytes[b + B_FLAGS]!;
  out.respFlags[to] = bytes[b + B_FLAGS + 1]!;
  out.origRetransmissions[to] = halves[h + H_RETRANSMISSIONS]!;
  out.respRetransmissions[to] = halves[h + H_RETRANSMISSIONS + 1]!;
  for (let i = 0; i < FIRST_SIZES; i++) out.firstSizes[to * FIRST_SIZES + i] = sizes[h + H_SIZES + i]!;
  const states = bytes[b + B_STATES]!;
  if (proto === PROTO_TCP) out.connState[to] = tcpState(states & 15, states >> 4, origPayload + respPayload > 0);
  else if (proto === PROTO_ICMP || proto === PROTO_ICMP6) out.connState[to] = UNJUDGED;
  else out.connState[to] = talkState(origPackets > 0, respPackets > 0);
  writeHistory(rows, row, out.history, to * HISTORY_BYTES);
  out.leaveReason[to] = reason;
  out.leftUs[to] = leftUs;
  out.direction[to] = bytes[b + B_MISC]! >> 5;
  out.score[to] = 1;
}
