import { tapspot } from '#proto';
import { addressText, V4_MAPPED } from '../base/address.js';
import type { Batch, DnsBlock, FlowBlock, WordBlock } from './batch.js';
import { dnsBlock, flowBlock, wordBlock } from './blocks.js';
import { decoding, RecordFault } from './fault.js';
import type { Finding } from './finding.js';
import { guardBatch } from './guard.js';
import { LEDGER_KEY, type Ledger } from './ledger.js';
import { MAX_BATCH_BYTES, MAX_ROWS, MAX_STRING, MAX_TEXT } from './limits.js';
import { CONN_STATES, DNS_SERVICES, WORD_SOURCES } from './names.js';
import { scoreOf } from './score.js';
import { NAME_PATTERN } from './topics.js';
import { checkVersion } from './upgrade.js';

/** 9999-12-31: later times have no date in the lake. */
const MAX_TIME_US = 253_402_300_799e6;

/** The batch behind the bytes that encodeBatch() made. Throws RecordFault for any other bytes. */
export function decodeBatch(bytes: Uint8Array): Batch {
  if (bytes.length > MAX_BATCH_BYTES) throw new RecordFault('oversize', `a batch of ${bytes.length} bytes`);
  guardBatch(bytes);
  const wire = decoding('batch', () => tapspot.v1.Batch.decode(bytes));
  checkVersion(wire.version);
  if (!NAME_PATTERN.test(wire.site) || !NAME_PATTERN.test(wire.sensor)) {
    throw new RecordFault('name', 'site and sensor are not names of one topic level each');
  }
  const fromUs = time(wire.windowFromUs);
  const addresses = wire.addresses.map(address);
  const strings = wire.strings.map((s) => text(s, MAX_STRING));
  const tables = { addresses: addresses.length, strings: strings.length };
  return {
    version: wire.version,
    site: wire.site,
    sensor: wire.sensor,
    windowFromUs: fromUs,
    windowToUs: time(wire.windowToUs),
    modelGeneration: wire.modelGeneration,
    wordSet: text(wire.wordSet, MAX_TEXT),
    degrade: wire.degrade,
    ledger: ledger(wire.ledger),
    addresses,
    strings,
    flows: flows(wire.flows ?? new tapspot.v1.FlowBlock(), fromUs, tables),
    dns: dns(wire.dns ?? new tapspot.v1.DnsBlock(), fromUs, tables),
    words: words(wire.words ?? new tapspot.v1.WordBlock(), tables),
    findings: wire.findings.map(finding),
  };
}

interface Tables {
  addresses: number;
  strings: number;
}
type Wire<T> = { [K in keyof T]-?: NonNullable<T[K]> };
type Column = Uint8Array | Uint16Array | Int16Array | Uint32Array | Float64Array;

function flows(wire: unknown, fromUs: number, tables: Tables): FlowBlock {
  const w = wire as Wire<tapspot.v1.FlowBlock.$Properties>;
  const b = flowBlock(rows(w.count));
  indices(w.src, b.src, tables.addresses);
  indices(w.dst, b.dst, tables.addresses);
  fill(w.sport, b.sport, 0xffff);
  fill(w.dport, b.dport, 0xffff);
  fill(w.proto, b.proto, 0xff);
  fill(w.vlan, b.vlan, 0xffff);
  times(w.tsDeltaUs, b.tsUs, fromUs);
  fill(w.durationUs, b.durationUs, Number.MAX_SAFE_INTEGER);
  fill(w.origPackets, b.origPackets, Number.MAX_SAFE_INTEGER);
  fill(w.origBytes, b.origBytes, Number.MAX_SAFE_INTEGER);
  fill(w.respPackets, b.respPackets, Number.MAX_SAFE_INTEGER);
  fill(w.respBytes, b.respBytes, Number.MAX_SAFE_INTEGER);
  fill(w.connState, b.connState, CONN_STATES.length - 1);
  indices(w.history, b.history, tables.strings);
  scores(w.score, b.score);
  fill(w.moreFlows, b.flows, Number.MAX_SAFE_INTEGER - 1, 1);
  weights(w.weight, b.weight);
  return b;
}

function dns(wire: unknown, fromUs: number, tables: Tables): DnsBlock {
  const w = wire as Wire<tapspot.v1.DnsBlock.$Properties>;
  const b = dnsBlock(rows(w.count), rows(w.answers.length));
  indices(w.client, b.client, tables.addresses);
  indices(w.server, b.server, tables.addresses);
  fill(w.cport, b.cport, 0xffff);
  fill(w.sport, b.sport, 0xffff);
  fill(w.proto, b.proto, 0xff);
  fill(w.service, b.service, DNS_SERVICES.length - 1);
  fill(w.vlan, b.vlan, 0xffff);
  times(w.tsDeltaUs, b.tsUs, fromUs);
  fill(w.latencyUsPlus_1, b.latencyUs, Number.MAX_SAFE_INTEGER, -1);
  indices(w.qname, b.qname, tables.strings);
  fill(w.qtype, b.qtype, 0xffff);
  fill(w.qclass, b.qclass, 0xffff);
  fill(w.rcodePlus_1, b.rcode, 0x1000, -1);
  fill(w.queryBytes, b.queryBytes, 0xffffffff);
  fill(w.responseBytes, b.responseBytes, 0xffffffff);
  fill(w.answerCount, b.answerCount, 0xffff);
  indices(w.answers, b.answers, tables.strings);
  scores(w.score, b.score);
  weights(w.weight, b.weight);
  let answers = 0;
  for (let i = 0; i < b.count; i++) answers += b.answerCount[i]!;
  if (answers !== b.answers.length) {
    throw new RecordFault('columns', `rows speak of ${answers} answers, and there are ${b.answers.length}`);
  }
  return b;
}

function words(wire: unknown, tables: Tables): WordBlock {
  const w = wire as Wire<tapspot.v1.WordBlock.$Properties>;
  const b = wordBlock(rows(w.count));
  indices(w.host, b.host, tables.addresses);
  fill(w.source, b.source, WORD_SOURCES.length - 1);
  indices(w.word, b.word, tables.strings);
  fill(w.occurrences, b.occurrences, 0xffffffff);
  return b;
}

function finding(f: tapspot.v1.Finding.$Properties): Finding {
  const optional = (s: string | null | undefined): string | null => (s == null ? null : text(s, MAX_TEXT));
  const dstPort = f.dstPort ?? null;
  if (dstPort !== null && dstPort > 0xffff) throw new RecordFault('value', `port ${dstPort}`);
  return {
    kind: text(f.kind ?? '', MAX_TEXT),
    src: text(f.src ?? '', MAX_TEXT),
    dst: optional(f.dst),
    dstPort,
    proto: optional(f.proto),
    domain: optional(f.domain),
    firstUs: time(f.firstUs ?? 0),
    lastUs: time(f.lastUs ?? 0),
    reasons: (f.reasons ?? []).map((r) => ({
      name: text(r.name ?? '', MAX_TEXT),
      points: finite(r.points ?? 0),
      text: text(r.text ?? '', MAX_TEXT),
    })),
  };
}

function ledger(entries: readonly tapspot.v1.LedgerEntry.$Properties[]): Ledger {
  const out: Ledger = {};
  for (const { key, value } of entries) {
    if (!key || !LEDGER_KEY.test(key)) throw new RecordFault('name', 'not a ledger key');
    out[key] = finite(value ?? 0);
  }
  return out;
}

/** Values from 0 to `max` as they came, plus `add`. A column that is absent leaves zeros, plus `add`. */
function fill(values: readonly number[], out: Column, max: number, add = 0): void {
  if (!sameLength(values, out)) {
    out.fill(add);
    return;
  }
  for (let i = 0; i < values.length; i++) {
    const v = values[i]!;
    if (!(v <= max)) throw new RecordFault('value', `${v} in row ${i}, where ${max} is the most`);
    out[i] = v + add;
  }
}

function indices(values: readonly number[], out: Uint32Array, size: number): void {
  if (out.length > 0 && size === 0) throw new RecordFault('index', 'rows point into an empty table');
  if (!sameLength(values, out)) return;
  for (let i = 0; i < values.length; i++) {
    const v = values[i]!;
    if (v >= size) throw new RecordFault('index', `entry ${v} of a table of ${size}`);
    out[i] = v;
  }
}

function times(deltas: readonly number[], out: Float64Array, fromUs: number): void {
  const given = sameLength(deltas, out);
  let at = fromUs;
  for (let i = 0; i < out.length; i++) out[i] = at = time(at + (given ? deltas[i]! : 0));
}

function scores(values: readonly number[], out: Float32Array): void {
  if (!sameLength(values, out)) return;
  for (let i = 0; i < values.length; i++) out[i] = scoreOf(values[i]!);
}

function weights(values: readonly number[], out: Float64Array): void {
  if (!sameLength(values, out)) return;
  for (let i = 0; i < values.length; i++) {
    const v = finite(values[i]!);
    if (v < 1) throw new RecordFault('value', `weight ${v} in row ${i}`);
    out[i] = v;
  }
}

/** False for a column that is not there; throws where it is there and has another length than its block. */
function sameLength(values: readonly number[], out: ArrayLike<number>): boolean {
  if (values.length === 0) return false;
  if (values.length === out.length) return true;
  throw new RecordFault('columns', `a column of ${values.length} in a block of ${out.length} rows`);
}

function rows(count: number): number {
  if (count > MAX_ROWS) throw new RecordFault('oversize', `${count} rows in one block`);
  return count;
}

function time(us: number): number {
  if (!(us >= 0 && us <= MAX_TIME_US)) throw new RecordFault('value', `${us} is no time`);
  return us;
}

function finite(n: number): number {
  if (!Number.isFinite(n)) throw new RecordFault('value', `${n} is no count`);
  return n;
}

function text(s: string, max: number): string {
  if (s.length > max) throw new RecordFault('oversize', `a text of ${s.length} characters`);
  return s;
}

const scratch = new Uint32Array(4);
function address(bytes: Uint8Array): string {
  if (bytes.length !== 4 && bytes.length !== 16) {
    throw new RecordFault('value', `an address of ${bytes.length} bytes`);
  }
  scratch[0] = scratch[1] = 0;
  scratch[2] = V4_MAPPED;
  const first = 4 - bytes.length / 4;
  for (let i = 0; i < bytes.length; i += 4) {
    const word = (bytes[i]! << 24) | (bytes[i + 1]! << 16) | (bytes[i + 2]! << 8) | bytes[i + 3]!;
    scratch[first + i / 4] = word;
  }
  return addressText(scratch, 0);
}
