import { addressText } from '../base/address.js';
import { className, opcodeName, rcodeName, typeName } from './codes.js';
import { DNS_SERVICES, DnsService, type DnsTable } from './columns.js';
import type { Edns } from './edns.js';
import { type DnsMessage, type DnsRecord, decodeMessage } from './message.js';
import { nameText } from './name.js';
import { latencyUs, startUs } from './order.js';
import type { FAULTS } from './scan.js';

/** A DNS transaction as text. What was not seen is null; times are seconds. */
export interface DnsRow {
  /** First message, seconds since the epoch. */
  ts: number;
  client: string;
  cport: number;
  server: string;
  sport: number;
  proto: 'udp' | 'tcp';
  service: (typeof DNS_SERVICES)[number];
  vlan: number;
  id: number;
  /** Lower case, without a final dot; null where no question was asked. */
  qname: string | null;
  qtype: string | null;
  qclass: string | null;
  /** mDNS asks for a unicast answer with the class's top bit (RFC 6762 §5.4), which `qclass` leaves out. */
  unicastResponse: boolean;
  opcode: string;
  rcode: string | null;
  latency: number | null;
  /** Flags of the answer, or of the query where there was no answer. */
  aa: boolean;
  tc: boolean;
  rd: boolean;
  ra: boolean;
  ad: boolean;
  cd: boolean;
  answers: DnsRecord[];
  authority: DnsRecord[];
  additional: DnsRecord[];
  queryEdns: Edns | null;
  responseEdns: Edns | null;
  queryBytes: number;
  responseBytes: number;
  queryFault: (typeof FAULTS)[number] | null;
  responseFault: (typeof FAULTS)[number] | null;
  score: number;
}

/** The query of a row, or its answer, in full; null where there was none. */
export function rowMessage(table: DnsTable, row: number, which: 'query' | 'response'): DnsMessage | null {
  const at = which === 'query' ? table.rows.queryAt[row]! : table.rows.responseAt[row]!;
  const length = which === 'query' ? table.rows.queryLength[row]! : table.rows.responseLength[row]!;
  return length === 0 ? null : decodeMessage(table.bytes, at, at + length, table.rows.service[row] === DnsService.mdns);
}

/** The row's question as text, lower case; null where none was asked. */
export function rowName(table: DnsTable, row: number): string | null {
  const { rows } = table;
  // The root's name has no bytes; a type or class says that it was asked for.
  if (rows.nameLength[row] === 0 && rows.qtype[row] === 0 && rows.qclass[row] === 0) return null;
  return nameText(table.bytes, rows.nameAt[row]!, rows.nameLength[row]!);
}

/** One row with everything in it, for NDJSON and for reports. */
export function dnsRow(table: DnsTable, row: number): DnsRow {
  const { rows } = table;
  const query = rowMessage(table, row, 'query');
  const response = rowMessage(table, row, 'response');
  const shown = response ?? query;
  const qname = rowName(table, row);
  const qclass = rows.qclass[row]!;
  const unicast = rows.service[row] === DnsService.mdns && qclass >= 0x8000;
  const latency = latencyUs(rows, row);
  return {
    ts: startUs(rows, row) / 1e6,
    client: addressText(rows.addr, row * 8),
    cport: rows.cport[row]!,
    server: addressText(rows.addr, row * 8 + 4),
    sport: rows.sport[row]!,
    proto: rows.proto[row] === 6 ? 'tcp' : 'udp',
    service: DNS_SERVICES[rows.service[row]!]!,
    vlan: rows.vlan[row]!,
    id: rows.id[row]!,
    qname,
    qtype: qname === null ? null : typeName(rows.qtype[row]!),
    qclass: qname === null ? null : className(unicast ? qclass & 0x7fff : qclass),
    unicastResponse: unicast,
    opcode: opcodeName(rows.opcode[row]!),
    rcode: rows.rcode[row]! < 0 ? null : rcodeName(rows.rcode[row]!),
    latency: Number.isNaN(latency) ? null : latency / 1e6,
    aa: shown?.aa ?? false,
    tc: shown?.tc ?? false,
    rd: shown?.rd ?? false,
    ra: shown?.ra ?? false,
    ad: shown?.ad ?? false,
    cd: shown?.cd ?? false,
    answers: response?.answers ?? [],
    authority: response?.authority ?? [],
    additional: response?.additional ?? [],
    queryEdns: query?.edns ?? null,
    responseEdns: response?.edns ?? null,
    queryBytes: rows.queryLength[row]!,
    responseBytes: rows.responseLength[row]!,
    queryFault: query?.fault ?? null,
    responseFault: response?.fault ?? null,
    score: rows.score[row]!,
  };
}
