import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { packageRoot } from '../../src/base/root.js';
import { nameText } from '../../src/dns/name.js';
import { Fault, Scan } from '../../src/dns/scan.js';
import { DnsStage, isDns } from '../../src/dns/stage.js';
import { DnsCount } from '../../src/dns/tally.js';
import { TcpStreams } from '../../src/dns/tcp.js';
import { noShared, sharedCaptures, unpackedFile } from '../support/shared.js';
import { eachPacket } from './support/captures.js';
import { noTshark, type Reading, tsharkReads } from './support/tshark.js';

/** Where we and tshark differ, and why. */
interface Difference {
  capture: string;
  frames: number[];
  reason: string;
}
const DIFFERENCES = JSON.parse(
  readFileSync(join(packageRoot(), 'test', 'dns', 'differences.json'), 'utf8'),
) as Difference[];

/** What our scan and TCP streams read from a capture file, and the books of a stage fed with the same packets. */
function weRead(path: string): { readings: Reading[]; tally: Record<string, number>; rows: number } {
  const readings: Reading[] = [];
  const scan = new Scan();
  let at = 0;
  const message = (view: DataView, bytes: Uint8Array, start: number, end: number): Fault => {
    const fault = scan.read(view, bytes, start, end);
    if (fault === Fault.short || fault === Fault.notDns) return fault;
    readings.push({
      frame: at,
      id: scan.id,
      response: scan.flags >= 0x8000,
      opcode: scan.opcode,
      rcode: scan.flags & 15,
      questions: view.getUint16(start + 4),
      answers: view.getUint16(start + 6),
      name: scan.questions > 0 ? nameText(scan.name.bytes, 0, scan.name.length) : '',
      type: scan.qtype,
    });
    return fault;
  };
  const streams = new TcpStreams(1 << 20, 1, new Float64Array(Object.keys(DnsCount).length), message);
  const stage = new DnsStage({ memoryBytes: 8 << 20, rowsMax: 1 << 16, bytesMax: 64 << 20, seed: 1 });
  let rows = 0;
  eachPacket(path, (p, view, bytes, frame) => {
    if (!isDns(p)) return;
    at = frame;
    if (p.proto === 6) streams.add(p, view, bytes);
    else message(view, bytes, p.payloadStart, p.payloadEnd);
    stage.add(p, view, bytes);
    if (stage.full) rows += stage.take().rows.count;
  });
  stage.flush();
  return { readings, tally: stage.tally, rows: rows + stage.take().rows.count };
}

const key = (r: Reading) =>
  `${r.frame} ${r.id} ${r.response} ${r.opcode} ${r.rcode} ${r.questions} ${r.answers} ${r.type}`;

/** tshark shows names as it likes; ours may be compared where every byte prints. */
const plain = (name: string) => /^[a-z0-9._-]*$/.test(name);

let compared = 0;
describe('tshark reads the same messages from', { concurrency: 2, skip: noShared || noTshark }, () => {
  for (const capture of sharedCaptures()) test(capture, () => compare(capture));
});

test('the captures held messages to compare', { skip: noShared || noTshark }, () => {
  assert.ok(compared > 170_000, `only ${compared}`);
});

async function compare(capture: string): Promise<void> {
  const path = unpackedFile(capture);
  const theirs = await tsharkReads(path);
  const { readings, tally, rows } = weRead(path);
  const frames = new Set(DIFFERENCES.filter((d) => d.capture === capture).flatMap((d) => d.frames));
  const count = new Map<string, number>();
  for (const r of theirs) if (!frames.has(r.frame)) count.set(key(r), (count.get(key(r)) ?? 0) + 1);
  for (const r of readings) if (!frames.has(r.frame)) count.set(key(r), (count.get(key(r)) ?? 0) - 1);
  const differ = [...count].filter(([, n]) => n !== 0).map(([k, n]) => `${n > 0 ? 'tshark' : 'we'} alone: ${k}`);
  assert.deepEqual(differ.slice(0, 12), [], `${differ.length} differ`);

  const names = new Map(theirs.map((r) => [key(r), r.name]));
  for (const r of readings) {
    if (frames.has(r.frame) || !plain(r.name)) continue;
    assert.equal(r.name, names.get(key(r)), `frame ${r.frame}`);
  }
  const read = new Set(readings.map((r) => r.frame));
  const shared = theirs.filter((r) => !frames.has(r.frame) || read.has(r.frame));
  assert.equal(tally['dns.queries'], shared.filter((r) => !r.response).length, 'queries');
  assert.equal(tally['dns.responses'], shared.filter((r) => r.response).length, 'responses');
  assert.equal(rows, tally['dns.queries']! + tally['dns.responses']! - tally['dns.matched']!, 'rows');
  compared += readings.length;
}
