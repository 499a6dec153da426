import { parseAddress } from '../../src/base/address.js';
import { allocate } from '../../src/base/columns.js';
import { DNS_COLUMNS, type DnsTable } from '../../src/dns/columns.js';
import { CONN_STATES, FLOW_COLUMNS, type FlowColumns, LeaveReason } from '../../src/flow/columns.js';
import type { Window } from '../../src/score/window.js';

/** Microseconds. */
export const SECOND = 1e6;
export const MINUTE = 60e6;
export const HOUR = 3600e6;
/** A moment that tests start from: 2024-05-06 00:00 UTC. */
export const START = Date.UTC(2024, 4, 6) * 1000;

export interface FlowRow {
  src?: string;
  dst?: string;
  sport?: number;
  dport?: number;
  proto?: number;
  firstUs?: number;
  lastUs?: number;
  origPackets?: number;
  respPackets?: number;
  origBytes?: number;
  respBytes?: number;
  origPayload?: number;
  respPayload?: number;
  state?: (typeof CONN_STATES)[number];
  leaveReason?: number;
  firstSizes?: number[];
  origFlags?: number;
}

/** Flow columns from rows; what is left out is an ordinary short web connection. */
export function flowTable(rows: readonly FlowRow[]): FlowColumns {
  const f = allocate(FLOW_COLUMNS, Math.max(rows.length, 1));
  rows.forEach((r, i) => {
    assertAddress(r.src ?? '10.0.0.1', f.addr, i * 8);
    assertAddress(r.dst ?? '198.51.100.1', f.addr, i * 8 + 4);
    f.sport[i] = r.sport ?? 40000 + (i % 20000);
    f.dport[i] = r.dport ?? 443;
    f.proto[i] = r.proto ?? 6;
    f.firstUs[i] = r.firstUs ?? START;
    f.lastUs[i] = r.lastUs ?? f.firstUs[i]! + SECOND;
    f.origPackets[i] = r.origPackets ?? 10;
    f.respPackets[i] = r.respPackets ?? 10;
    f.origPayload[i] = r.origPayload ?? 900;
    f.respPayload[i] = r.respPayload ?? 9000;
    f.origBytes[i] = r.origBytes ?? f.origPayload[i]! + 40 * f.origPackets[i]!;
    f.respBytes[i] = r.respBytes ?? f.respPayload[i]! + 40 * f.respPackets[i]!;
    f.connState[i] = CONN_STATES.indexOf(r.state ?? 'SF');
    f.origFlags[i] = r.origFlags ?? 0;
    f.leaveReason[i] = r.leaveReason ?? LeaveReason.closed;
    (r.firstSizes ?? []).forEach((n, j) => {
      f.firstSizes[i * 8 + j] = n;
    });
    f.score[i] = 1;
  });
  f.count = rows.length;
  return f;
}

export interface DnsRow {
  client?: string;
  server?: string;
  name?: string;
  qtype?: number;
  rcode?: number;
  service?: number;
  answers?: number;
  queryUs?: number;
  responseUs?: number;
  queryFrame?: number;
  responseFrame?: number;
  queryLength?: number;
  responseLength?: number;
}

/** DNS rows; what is left out is an answered question of type A. */
export function dnsTable(list: readonly DnsRow[]): DnsTable {
  const rows = allocate(DNS_COLUMNS, Math.max(list.length, 1));
  const chunks: number[] = [];
  list.forEach((r, i) => {
    assertAddress(r.client ?? '10.0.0.1', rows.addr, i * 8);
    assertAddress(r.server ?? '10.0.0.53', rows.addr, i * 8 + 4);
    const name = r.name ?? 'www.example.com';
    rows.nameAt[i] = chunks.length;
    for (const label of name === '' ? [] : name.split('.')) chunks.push(label.length, ...Buffer.from(label, 'latin1'));
    rows.nameLength[i] = chunks.length - rows.nameAt[i]!;
    rows.cport[i] = 30000 + (i % 30000);
    rows.sport[i] = 53;
    rows.proto[i] = 17;
    rows.service[i] = r.service ?? 0;
    rows.qtype[i] = r.qtype ?? 1;
    rows.qclass[i] = 1;
    rows.rcode[i] = r.rcode ?? 0;
    const answered = rows.rcode[i]! >= 0;
    rows.answers[i] = r.answers ?? (rows.rcode[i] === 0 ? 1 : 0);
    rows.queryUs[i] = r.queryUs ?? START;
    rows.responseUs[i] = r.responseUs ?? (answered ? rows.queryUs[i]! + 20_000 : Number.NaN);
    rows.queryLength[i] = r.queryLength ?? 18 + name.length;
    rows.responseLength[i] = r.responseLength ?? (answered ? 34 + name.length : 0);
    rows.queryFrame[i] = r.queryFrame ?? rows.queryLength[i]! + 42;
    rows.responseFrame[i] = r.responseFrame ?? (answered ? rows.responseLength[i]! + 42 : 0);
    rows.score[i] = 1;
  });
  rows.count = list.length;
  return { rows, bytes: Uint8Array.from(chunks), bytesUsed: chunks.length };
}

export function windowOf(
  flows: readonly FlowRow[],
  dns: readonly DnsRow[] = [],
  fromUs = START,
  span = MINUTE,
): Window {
  return { fromUs, toUs: fromUs + span, flows: flowTable(flows), dns: dnsTable(dns), ledger: {} };
}

function assertAddress(text: string, out: Uint32Array, at: number): void {
  if (!parseAddress(text, out, at)) throw new Error(`${text} is no address`);
}
