import { tapspot } from '#proto';
import { isV4, parseAddress } from '../base/address.js';
import type { Batch, DnsBlock, FlowBlock, WordBlock } from './batch.js';
import { RecordFault } from './fault.js';
import { LEDGER_KEY, type Ledger } from './ledger.js';
import { MAX_BATCH_BYTES, MAX_ROWS, MAX_STRING, MAX_TEXT } from './limits.js';
import { quantisedScore } from './score.js';

type Column = ArrayLike<number>;

/**
 * The protobuf bytes of a batch. The same batch gives the same bytes. Throws RecordFault where the batch breaks its
 * own rules, which is a bug of the caller. Times are rounded to whole microseconds, scores as score.ts says.
 */
export function encodeBatch(batch: Batch): Uint8Array {
  const bytes = tapspot.v1.Batch.encode({
    version: batch.version,
    site: batch.site,
    sensor: batch.sensor,
    windowFromUs: whole(batch.windowFromUs),
    windowToUs: whole(batch.windowToUs),
    modelGeneration: batch.modelGeneration,
    wordSet: batch.wordSet,
    degrade: batch.degrade,
    ledger: ledger(batch.ledger),
    addresses: batch.addresses.map(addressBytes),
    strings: batch.strings.map((s) => fit(s, MAX_STRING)),
    flows: flows(batch.flows, batch.windowFromUs),
    dns: dns(batch.dns, batch.windowFromUs),
    words: words(batch.words),
    findings: batch.findings.map((f) => ({
      kind: f.kind,
      src: fit(f.src, MAX_TEXT),
      dst: f.dst === null ? null : fit(f.dst, MAX_TEXT),
      dstPort: f.dstPort,
      proto: f.proto,
      domain: f.domain === null ? null : fit(f.domain, MAX_TEXT),
      firstUs: whole(f.firstUs),
      lastUs: whole(f.lastUs),
      reasons: f.reasons.map((r) => ({ name: r.name, points: r.points, text: fit(r.text, MAX_TEXT) })),
    })),
  }).finish();
  if (bytes.length > MAX_BATCH_BYTES) throw new RecordFault('oversize', `a batch of ${bytes.length} bytes`);
  return bytes;
}

function flows(b: FlowBlock, fromUs: number) {
  const n = rows(b.count);
  return {
    count: n,
    src: plain(b.src, n),
    dst: plain(b.dst, n),
    sport: plain(b.sport, n),
    dport: plain(b.dport, n),
    proto: plain(b.proto, n),
    vlan: plain(b.vlan, n),
    tsDeltaUs: deltas(b.tsUs, n, fromUs),
    durationUs: counts(b.durationUs, n, 0),
    origPackets: counts(b.origPackets, n, 0),
    origBytes: counts(b.origBytes, n, 0),
    respPackets: counts(b.respPackets, n, 0),
    respBytes: counts(b.respBytes, n, 0),
    connState: plain(b.connState, n),
    history: plain(b.history, n),
    score: scores(b.score, n),
    moreFlows: counts(b.flows, n, -1),
    weight: weights(b.weight, n),
  };
}

function dns(b: DnsBlock, fromUs: number) {
  const n = rows(b.count);
  let answers = 0;
  for (let i = 0; i < n; i++) answers += b.answerCount[i]!;
  return {
    count: n,
    client: plain(b.client, n),
    server: plain(b.server, n),
    cport: plain(b.cport, n),
    sport: plain(b.sport, n),
    proto: plain(b.proto, n),
    service: plain(b.service, n),
    vlan: plain(b.vlan, n),
    tsDeltaUs: deltas(b.tsUs, n, fromUs),
    latencyUsPlus_1: counts(b.latencyUs, n, 1),
    qname: plain(b.qname, n),
    qtype: plain(b.qtype, n),
    qclass: plain(b.qclass, n),
    rcodePlus_1: counts(b.rcode, n, 1),
    queryBytes: plain(b.queryBytes, n),
    responseBytes: plain(b.responseBytes, n),
    answerCount: plain(b.answerCount, n),
    answers: exact(b.answers, answers),
    score: scores(b.score, n),
    weight: weights(b.weight, n),
  };
}

function words(b: WordBlock) {
  const n = rows(b.count);
  return {
    count: n,
    host: plain(b.host, n),
    source: plain(b.source, n),
    word: plain(b.word, n),
    occurrences: plain(b.occurrences, n),
  };
}

/** A column as it is; nothing at all when every row holds zero. protobufjs takes typed arrays where it types arrays. */
function plain(column: Column, count: number): number[] {
  const values = exact(column, count);
  for (let i = 0; i < count; i++) if (values[i] !== 0) return values;
  return [];
}

function exact(column: Column, count: number): number[] {
  if (column.length !== count) {
    throw new RecordFault('columns', `a column of ${column.length} in a block of ${count} rows`);
  }
  return column as number[];
}

/** Whole numbers from zero on, once `add` is added to each. */
function counts(column: Column, count: number, add: number): number[] {
  exact(column, count);
  const out = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    const v = Math.round(column[i]!) + add;
    if (!(v >= 0 && v <= Number.MAX_SAFE_INTEGER)) throw new RecordFault('value', `${column[i]} in row ${i}`);
    out[i] = v;
  }
  return plain(out, count);
}

function deltas(column: Column, count: number, fromUs: number): number[] {
  exact(column, count);
  const out = new Float64Array(count);
  let before = whole(fromUs);
  for (let i = 0; i < count; i++) {
    const at = whole(column[i]!);
    out[i] = at - before;
    before = at;
  }
  return plain(out, count);
}

function scores(column: Column, count: number): number[] {
  exact(column, count);
  const out = new Uint32Array(count);
  for (let i = 0; i < count; i++) out[i] = quantisedScore(column[i]!);
  return plain(out, count);
}

function weights(column: Column, count: number): number[] {
  const values = exact(column, count);
  let ones = true;
  for (let i = 0; i < count; i++) {
    const w = values[i]!;
    if (!(w >= 1 && w < Number.POSITIVE_INFINITY)) throw new RecordFault('value', `weight ${w} in row ${i}`);
    ones &&= w === 1;
  }
  return ones ? [] : values;
}

function rows(count: number): number {
  if (!(count >= 0 && count <= MAX_ROWS)) throw new RecordFault('oversize', `${count} rows in one block`);
  return count;
}

function whole(us: number): number {
  const v = Math.round(us);
  if (!(v >= 0 && v <= Number.MAX_SAFE_INTEGER)) throw new RecordFault('value', `${us} is no time`);
  return v;
}

function addressBytes(text: string): Uint8Array {
  const words = new Uint32Array(4);
  if (!parseAddress(text, words, 0)) throw new RecordFault('value', `${JSON.stringify(text)} is no address`);
  const bytes = Buffer.alloc(16);
  for (let i = 0; i < 4; i++) bytes.writeUInt32BE(words[i]!, 4 * i);
  return isV4(words, 0) ? bytes.subarray(12) : bytes;
}

/** What cannot be known is absent, never 0. */
function ledger(books: Ledger): { key: string; value: number }[] {
  const out: { key: string; value: number }[] = [];
  for (const [key, value] of Object.entries(books)) {
    if (!LEDGER_KEY.test(key)) throw new RecordFault('name', `${JSON.stringify(key)} is no ledger key`);
    if (Number.isFinite(value)) out.push({ key, value });
  }
  return out;
}

/**
 * Text as a reader takes it: cut to `max`, and without the lone surrogates that have no UTF-8, for which a reader would
 * refuse the whole batch.
 */
function fit(text: string, max: number): string {
  const cut = text.length > max ? `${text.slice(0, max - 1)}…` : text;
  return /\p{Surrogate}/u.test(cut) ? Buffer.from(cut, 'utf8').toString('utf8') : cut;
}
