import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { mergeDns } from '../../src/dns/order.js';
import { dnsRow } from '../../src/dns/report.js';
import { DnsStage, isDns } from '../../src/dns/stage.js';
import { ACK, ethernet, ipv4, PSH, SYN, tcp } from '../support/frames.js';
import { Prng } from '../support/prng.js';
import { eachPacket } from './support/captures.js';
import { answer, bytes, query, u16 } from './support/messages.js';
import { noTshark, tsharkReads } from './support/tshark.js';

/** A capture file (LINKTYPE_ETHERNET, microseconds) of frames a millisecond apart. */
function pcapOf(frames: readonly Uint8Array[]): Buffer {
  const head = Buffer.alloc(24);
  for (const [at, word] of [0xa1b2c3d4, 0x00040002, 0, 0, 65_535, 1].entries()) head.writeUInt32LE(word, at * 4);
  const records = frames.flatMap((frame, i) => {
    const record = Buffer.alloc(16);
    for (const [at, word] of [1.7e9 + Math.floor(i / 1000), (i % 1000) * 1000, frame.length, frame.length].entries()) {
      record.writeUInt32LE(word, at * 4);
    }
    return [record, frame];
  });
  return Buffer.concat([head, ...records]);
}

/** Cuts a stream into segments, some of them repeated, overlapping, or overtaken by the next. */
function segments(prng: Prng, stream: Uint8Array): [at: number, part: Uint8Array][] {
  const out: [number, Uint8Array][] = [];
  for (let at = 0; at < stream.length; ) {
    const n = prng.chance(0.3) ? prng.between(1, 30) : prng.between(30, 600);
    const back = prng.chance(0.1) ? Math.min(at, prng.below(20)) : 0;
    out.push([at - back, stream.slice(at - back, at + n)]);
    if (prng.chance(0.1)) out.push([at, stream.slice(at, at + n)]);
    at += n;
  }
  // The first two stay in place: where a stream begins is not the question here.
  for (let i = 2; i + 1 < out.length; i++) if (prng.chance(0.2)) [out[i], out[i + 1]] = [out[i + 1]!, out[i]!];
  return out;
}

test('tshark puts the same messages together from TCP connections', { skip: noTshark }, async () => {
  const prng = new Prng(53);
  const framed = (m: Uint8Array) => bytes(u16(m.length), m);
  const frames: Uint8Array[] = [];
  let pairs = 0;
  for (let c = 0; c < 80; c++) {
    const client = `10.0.0.${c + 1}`;
    const isn = [prng.chance(0.2) ? 2 ** 32 - prng.below(900) : prng.u32(), prng.u32()] as const;
    const names = Array.from({ length: prng.between(1, 25) }, (_, i) => `c${c}n${i}.example.com`);
    pairs += names.length;
    const send = (server: boolean, seq: number, ack: number, flags: number, part: Uint8Array) => {
      const [src, dst] = server ? ['10.9.9.9', client] : [client, '10.9.9.9'];
      const [sport, dport] = server ? [53, 40_000] : [40_000, 53];
      frames.push(ethernet({}, ipv4({ src, dst }, tcp({ sport, dport, seq: seq >>> 0, ack: ack >>> 0, flags }, part))));
    };
    const ids = names.map(() => prng.below(65_536));
    const asked = bytes(...names.map((n, i) => framed(query(ids[i]!, n))));
    // Answers may come in another order than the questions (RFC 7766 §7).
    const order = prng.shuffle(names.map((_, i) => i));
    const told = bytes(...order.map((i) => framed(answer(ids[i]!, names[i]!))));
    send(false, isn[0], 0, SYN, bytes());
    send(true, isn[1], isn[0] + 1, SYN | ACK, bytes());
    send(false, isn[0] + 1, isn[1] + 1, ACK, bytes());
    for (const [at, part] of segments(prng, asked)) send(false, isn[0] + 1 + at, isn[1] + 1, PSH | ACK, part);
    for (const [at, part] of segments(prng, told))
      send(true, isn[1] + 1 + at, isn[0] + 1 + asked.length, PSH | ACK, part);
  }

  const folder = mkdtempSync(join(tmpdir(), 'tapspot-dns-'));
  try {
    const path = join(folder, 'tcp.pcap');
    writeFileSync(path, pcapOf(frames));
    const theirs = await tsharkReads(path);
    const stage = new DnsStage({ memoryBytes: 4 << 20, seed: 1 });
    eachPacket(path, (p, view, arena) => isDns(p) && stage.add(p, view, arena));
    stage.flush();
    const table = mergeDns([stage.take()]);
    const rows = Array.from({ length: table.rows.count }, (_, row) => dnsRow(table, row));
    assert.equal(rows.length, pairs);
    assert.ok(pairs > 800 && rows.every((r) => r.latency !== null && r.answers.length === 1));

    const ours = rows.flatMap((r) => [`${r.id} query ${r.qname}`, `${r.id} answer ${r.qname}`]);
    const listed = theirs.map((r) => `${r.id} ${r.response ? 'answer' : 'query'} ${r.name}`);
    // tshark shows a retransmitted message again, so what it lists may repeat.
    assert.deepEqual([...new Set(ours)].sort(), [...new Set(listed)].sort());
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
