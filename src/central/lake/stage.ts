import type { DuckDBConnection } from '@duckdb/node-api';
import type { Batch } from '../../record/batch.js';
import { findingScore } from '../../record/finding.js';
import { CONN_STATES, DNS_SERVICES, protocolName, WORD_SOURCES } from '../../record/names.js';
import { appendColumns, type Column } from './duck.js';
import { qtypeName, rcodeName } from './names.js';
import { NO_TEXT, STAGING, type TableName } from './tables.js';

/** A batch with its place in the sensor's order. */
export interface PlacedBatch {
  epoch: number;
  sequence: number;
  batch: Batch;
}

/** Rows staged for each table. */
export type StagedRows = Record<TableName, number>;

/** The texts of one commit: each batch's tables as they are, and names that were looked up, once each. */
class Texts {
  readonly all: string[] = [];
  readonly #known = new Map<string, number>();

  /** Number of a text that recurs. */
  intern(text: string): number {
    let id = this.#known.get(text);
    if (id === undefined) {
      id = this.all.push(text) - 1;
      this.#known.set(text, id);
    }
    return id;
  }

  orNone(text: string | null): number {
    return text === null ? NO_TEXT : this.intern(text);
  }

  /** Number of the first text of a table; the others follow in order. */
  table(texts: readonly string[]): number {
    const base = this.all.length;
    for (const text of texts) this.all.push(text);
    return base;
  }
}

/** Puts the rows of the batches into the connection's staging tables, which are made empty first. */
export async function stageBatches(connection: DuckDBConnection, placed: readonly PlacedBatch[]): Promise<StagedRows> {
  for (const [name, columns] of Object.entries(STAGING)) {
    await connection.run(`CREATE OR REPLACE TEMP TABLE ${name} (${columns})`);
  }
  const rows: StagedRows = { flow: 0, dns: 0, finding: 0, ledger: 0, word: 0 };
  const texts = new Texts();
  const append = (table: string, count: number, columns: Column[]) =>
    count > 0 ? appendColumns(connection, table, columns, count) : Promise.resolve();

  const whole: number[][] = [];
  for (const [n, { epoch, sequence, batch: b }] of placed.entries()) {
    const site = texts.intern(b.site);
    const [sensor, wordSet] = [texts.intern(b.sensor), texts.intern(b.wordSet)];
    whole.push([n, site, sensor, epoch, sequence, wordSet, b.windowFromUs, b.windowToUs, b.modelGeneration]);
    const address = texts.table(b.addresses);
    const string = texts.table(b.strings);
    await append('s_flow', b.flows.count, flowColumns(b, n, address, string, texts));
    await append('s_dns', b.dns.count, dnsColumns(b, n, rows.dns, address, string, texts));
    await append('s_answer', b.dns.answers.length, answerColumns(b, rows.dns, string));
    await append('s_word', b.words.count, wordColumns(b, n, address, string, texts));
    await stageFindings(b, n, rows.finding, texts, append);
    const ledger = Object.entries(b.ledger);
    await append('s_ledger', ledger.length, [
      new Uint32Array(ledger.length).fill(n),
      Uint32Array.from(ledger, ([name]) => texts.intern(name)),
      Float64Array.from(ledger, ([, value]) => value),
    ]);
    rows.flow += b.flows.count;
    rows.dns += b.dns.count;
    rows.finding += b.findings.length;
    rows.ledger += ledger.length;
    rows.word += b.words.count;
  }
  const numbers = (c: number) => Uint32Array.from(whole, (w) => w[c]!);
  const doubles = (c: number) => Float64Array.from(whole, (w) => w[c]!);
  await append('s_batch', whole.length, [
    ...[0, 1, 2].map(numbers),
    ...[3, 4].map(doubles),
    numbers(5),
    ...[6, 7, 8].map(doubles),
  ]);
  await append('s_text', texts.all.length, [upwards(0, texts.all.length), texts.all]);
  return rows;
}

function flowColumns(b: Batch, n: number, address: number, string: number, texts: Texts): Column[] {
  const f = b.flows;
  return [
    new Uint32Array(f.count).fill(n),
    upwards(0, f.count),
    f.tsUs,
    f.durationUs,
    moved(f.src, address),
    f.sport,
    moved(f.dst, address),
    f.dport,
    named(f.proto, (p) => texts.intern(protocolName(p))),
    f.origPackets,
    f.origBytes,
    f.respPackets,
    f.respBytes,
    named(f.connState, (s) => texts.intern(CONN_STATES[s] ?? CONN_STATES[0])),
    moved(f.history, string),
    f.vlan,
    f.score,
    f.flows,
    f.weight,
  ];
}

function dnsColumns(b: Batch, n: number, id: number, address: number, string: number, texts: Texts): Column[] {
  const d = b.dns;
  return [
    new Uint32Array(d.count).fill(n),
    upwards(0, d.count),
    upwards(id, d.count),
    d.tsUs,
    moved(d.client, address),
    d.cport,
    moved(d.server, address),
    d.sport,
    named(d.proto, (p) => texts.intern(protocolName(p))),
    named(d.service, (s) => texts.intern(DNS_SERVICES[s] ?? String(s))),
    moved(d.qname, string),
    named(d.qtype, (t) => texts.intern(qtypeName(t))),
    d.qclass,
    named(d.rcode, (r) => texts.orNone(r < 0 ? null : rcodeName(r))),
    d.latencyUs,
    d.queryBytes,
    d.responseBytes,
    d.score,
    d.weight,
    d.vlan,
  ];
}

function answerColumns(b: Batch, id: number, string: number): Column[] {
  const { count, answerCount, answers } = b.dns;
  const owner = new Uint32Array(answers.length);
  const place = new Uint32Array(answers.length);
  for (let row = 0, at = 0; row < count; row++) {
    for (let i = 0; i < answerCount[row]!; i++, at++) {
      owner[at] = id + row;
      place[at] = i;
    }
  }
  return [owner, place, moved(answers, string)];
}

function wordColumns(b: Batch, n: number, address: number, string: number, texts: Texts): Column[] {
  const w = b.words;
  return [
    new Uint32Array(w.count).fill(n),
    moved(w.host, address),
    named(w.source, (s) => texts.intern(WORD_SOURCES[s] ?? String(s))),
    moved(w.word, string),
    w.occurrences,
  ];
}

async function stageFindings(
  b: Batch,
  n: number,
  id: number,
  texts: Texts,
  append: (table: string, count: number, columns: Column[]) => Promise<void>,
): Promise<void> {
  const f = b.findings;
  await append('s_finding', f.length, [
    new Uint32Array(f.length).fill(n),
    upwards(0, f.length),
    upwards(id, f.length),
    Float64Array.from(f, (x) => x.firstUs),
    Float64Array.from(f, (x) => x.lastUs),
    Uint32Array.from(f, (x) => texts.intern(x.kind)),
    Uint32Array.from(f, (x) => texts.intern(x.src)),
    Uint32Array.from(f, (x) => texts.orNone(x.dst)),
    Float64Array.from(f, (x) => x.dstPort ?? -1),
    Uint32Array.from(f, (x) => texts.orNone(x.proto)),
    Uint32Array.from(f, (x) => texts.orNone(x.domain)),
    Float64Array.from(f, findingScore),
  ]);
  const reasons = f.flatMap((x, i) => x.reasons.map((r, place) => ({ owner: id + i, place, ...r })));
  await append('s_reason', reasons.length, [
    Uint32Array.from(reasons, (r) => r.owner),
    Uint32Array.from(reasons, (r) => r.place),
    Uint32Array.from(reasons, (r) => texts.intern(r.name)),
    Float64Array.from(reasons, (r) => r.points),
    Uint32Array.from(reasons, (r) => texts.intern(r.text)),
  ]);
}

function upwards(from: number, count: number): Uint32Array {
  const out = new Uint32Array(count);
  for (let i = 0; i < count; i++) out[i] = from + i;
  return out;
}

/** Row numbers of a batch's table as numbers of the commit's texts. */
function moved(rows: Uint32Array, base: number): Uint32Array {
  const out = new Uint32Array(rows.length);
  for (let i = 0; i < rows.length; i++) out[i] = rows[i]! + base;
  return out;
}

/** Codes as numbers of the commit's texts; the name of each code is looked up once. */
function named(codes: Uint8Array | Uint16Array | Int16Array, name: (code: number) => number): Uint32Array {
  const known = new Map<number, number>();
  const out = new Uint32Array(codes.length);
  for (let i = 0; i < codes.length; i++) {
    const code = codes[i]!;
    let id = known.get(code);
    if (id === undefined) known.set(code, (id = name(code)));
    out[i] = id;
  }
  return out;
}
