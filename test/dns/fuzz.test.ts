import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeMessage } from '../../src/dns/message.js';
import { mergeDns } from '../../src/dns/order.js';
import { dnsRow } from '../../src/dns/report.js';
import { FAULTS, Fault, Scan } from '../../src/dns/scan.js';
import { DnsStage, isDns } from '../../src/dns/stage.js';
import { Prng } from '../support/prng.js';
import { noShared, sharedCaptures, unpackedFile } from '../support/shared.js';
import { eachPacket } from './support/captures.js';
import { answer, bytes, message, name, packet, query, question, record, type Sent, u16 } from './support/messages.js';

const MESSAGES = 220_000;

/** Messages to bend: some of each shape of our own, and of every capture where they are at hand. */
function corpus(): Uint8Array[] {
  const www = question('www.example.com');
  const rr = (type: number, ...data: (number | string | Uint8Array)[]) => record(bytes(0xc0, 12), type, bytes(...data));
  const opt = (...options: Uint8Array[]) => record(bytes(0), 41, bytes(...options), 0x00008000, 1232);
  const own = [
    query(1, 'www.example.com'),
    answer(2, 'www.example.com'),
    message({ id: 3, flags: 0x8180, questions: [www], answers: [rr(5, 3, 'cdn', 0xc0, 16), rr(15, 0, 10, 4, 'mail', 0xc0, 16), rr(33, 0, 1, 0, 2, 1, 187, 0)] }),
    message({ id: 4, flags: 0x8183, questions: [www], authority: [rr(6, 2, 'ns', 0xc0, 16, 4, 'root', 0xc0, 16, new Uint8Array(20))] }),
    message({ id: 5, flags: 0x8180, questions: [www], answers: [rr(16, 5, 'hello', 0, 3, 'abc'), rr(46, 0, 1, 8, 2, new Uint8Array(14), name('example.com'), 1, 2, 3)] }),
    message({ id: 6, flags: 0x8180, questions: [question('x', 65)], answers: [rr(65, 0, 1, 0, 0, 1, 0, 3, 2, 'h2', 0, 4, 0, 4, 192, 0, 2, 1, 0, 6, 0, 16, new Uint8Array(16))] }),
    message({ id: 7, flags: 0x8180, questions: [www], answers: [rr(47, 1, 'a', 0, 0, 2, 0x40, 1), rr(50, 1, 0, 0, 5, 2, 0xaa, 0xbb, 4, 1, 2, 3, 4, 0, 1, 0x40)], additional: [opt(u16(8), u16(7), bytes(0, 1, 24, 0, 10, 0, 0), u16(15), u16(4), bytes(0, 18, 'no'))] }),
    message({ id: 8, flags: 0x8180, questions: [www], answers: [rr(29, 0, 0x12, 0x16, 0x13, 0x89, 0x17, 0x2d, 0xd0, 0x70, 0xbe, 0x15, 0xf0, 0, 0x98, 0x8d, 0x20), rr(35, 0, 1, 0, 2, 1, 'u', 3, 'E2U', 1, 'x', 0), rr(257, 0, 5, 'issue', 'ca.example'), rr(42, 0, 1, 8, 1, 10)] }),
    message({ id: 9, flags: 0x2800, questions: [question('example.com', 6)], answers: [record(name('a.example.com'), 255, bytes(), 0, 255)], authority: [record(name('b.example.com'), 1, bytes(1, 2, 3, 4))] }),
  ]; // biome-ignore format: one message a line
  if (noShared) return own;
  const seen: Uint8Array[] = [];
  for (const capture of sharedCaptures()) {
    let n = 0;
    eachPacket(unpackedFile(capture), (p, _view, arena) => {
      if (n < 400 && isDns(p) && p.proto === 17 && n++ % 10 === 0)
        seen.push(new Uint8Array(arena.subarray(p.payloadStart, p.payloadEnd)));
    });
  }
  // About half and half: the captures are mostly queries for addresses.
  return [...Array.from({ length: 100 }, () => own).flat(), ...seen];
}

/** Bends a message as networks, bugs and attackers do. */
function bent(prng: Prng, from: Uint8Array): Uint8Array {
  let out: Uint8Array = new Uint8Array(from);
  for (let k = prng.below(4); k > 0 && out.length > 0; k--) {
    const at = prng.below(out.length);
    switch (prng.below(7)) {
      case 0:
        out = out.slice(0, at);
        break;
      case 1:
        out[at] = prng.u32();
        break;
      case 2:
        out[at]! ^= 1 << prng.below(8);
        break;
      case 3: // a pointer, most often to somewhere near
        out.set(
          bytes(0xc0 | (prng.chance(0.1) ? prng.below(64) : 0), prng.below(Math.min(256, out.length + 4))).slice(
            0,
            out.length - at,
          ),
          at,
        );
        break;
      case 4: // counts and lengths that promise too much, or too little
        out[prng.chance(0.5) ? 4 + prng.below(8) : at] = prng.pick([0, 1, 2, 3, 5, 63, 64, 255]);
        break;
      case 5:
        out = bytes(out.slice(0, at), prng.bytes(prng.below(20)), out.slice(at));
        break;
      default:
        out = bytes(out.slice(0, at), out.slice(prng.below(out.length)));
    }
  }
  return out;
}

test(`no message, however bent, makes it throw, hang or look past the end (${MESSAGES} seeded messages)`, () => {
  const prng = new Prng(1034);
  const real = corpus();
  const scan = new Scan();
  const faults = new Uint32Array(FAULTS.length);
  const decoded = new Map<string | null, number>();
  let records = 0;
  for (let i = 0; i < MESSAGES; i++) {
    const msg = bent(prng, prng.pick(real));
    const exact = new Uint8Array(msg); // a view of its own buffer: a DataView throws when it is left
    const view = new DataView(exact.buffer);
    const fault = scan.read(view, exact, 0, exact.length);
    faults[fault]!++;
    const m = decodeMessage(exact);
    decoded.set(m.fault, (decoded.get(m.fault) ?? 0) + 1);
    records += m.answers.length + m.authority.length + m.additional.length;

    assert.ok(scan.questions <= m.counts[0] && scan.answers <= m.counts[1]);
    // Whatever the hot pass refuses, the thorough one does; where that is content, there is nothing to refuse.
    if (m.fault === null) assert.equal(fault, Fault.none);
    if (fault === Fault.none)
      assert.ok(m.fault === null || ['rdata', 'pointer', 'long', 'label', 'cut', 'large'].includes(m.fault));
    if (fault !== Fault.none) assert.notEqual(m.fault, null);
    if (fault === Fault.none && m.fault === null) assert.equal(scan.rcode, m.rcode);

    // The same in the middle of other bytes: what lies around a message may not change what it says.
    if (i % 4 === 0) {
      const before = prng.below(40);
      const arena = bytes(prng.bytes(before), msg, prng.bytes(40));
      const flags = scan.flags;
      const summary = [
        fault,
        scan.id,
        scan.rcode,
        scan.questions,
        scan.answers,
        scan.qtype,
        scan.qclass,
        scan.name.length,
      ];
      const again = scan.read(new DataView(arena.buffer), arena, before, before + msg.length);
      assert.deepEqual(
        [again, scan.id, scan.rcode, scan.questions, scan.answers, scan.qtype, scan.qclass, scan.name.length],
        summary,
      );
      assert.equal(scan.flags, flags);
      assert.deepEqual(decodeMessage(arena, before, before + msg.length), m);
    }
  }
  assert.ok(faults[Fault.none]! > MESSAGES * 0.3, `${faults}: the bending leaves hardly a good message`);
  for (const name of ['short', 'notDns', 'cut', 'label', 'pointer', 'long', 'trailing'] as const) {
    assert.ok(faults[Fault[name]]! > 50, `${name} was seen ${faults[Fault[name]]} times`);
  }
  assert.ok((decoded.get('rdata') ?? 0) > 1000, 'record data was hardly bent');
  assert.ok(records > MESSAGES / 2, `${records} records`);
});

test('the stage keeps its books whatever comes, and every row can be shown', () => {
  const prng = new Prng(1996);
  const real = corpus();
  const stage = new DnsStage({ memoryBytes: 1 << 20, rowsMax: 4096, bytesMax: 1 << 20, seed: 4 });
  const tables = [];
  let timeUs = 1.7e15;
  const N = 40_000;
  let last: Sent | null = null;
  for (let i = 0; i < N; i++) {
    timeUs += prng.chance(0.001) ? prng.between(-2e7, 2e7) : prng.below(2000);
    // Every other message is the last one again from the other end, as an answer, and bent a little more.
    if (last === null || prng.chance(0.4)) {
      const host = `10.0.0.${prng.below(4)}`;
      last = {
        from: host,
        to: '10.0.0.53',
        fromPort: 999,
        toPort: prng.pick([53, 53, 53, 5353, 5355]),
        timeUs,
        payload: bent(prng, prng.pick(real)),
      };
    } else {
      const before: Sent = last;
      const payload: Uint8Array = prng.chance(0.7) ? new Uint8Array(before.payload) : bent(prng, before.payload);
      if (payload.length > 2) payload[2]! |= 0x80;
      const { from, to, fromPort, toPort } = before;
      last =
        (payload[2] ?? 0) === (before.payload[2] ?? 0)
          ? { ...before, timeUs, payload }
          : { from: to, to: from, fromPort: toPort, toPort: fromPort, timeUs, payload };
    }
    const { p, view, arena } = packet(last);
    stage.add(p, view, arena);
    if (stage.full) tables.push(stage.take());
    if (i % 100 === 0) stage.advance(timeUs);
  }
  stage.flush();
  tables.push(stage.take());
  const merged = mergeDns(tables);
  const t = stage.tally;
  assert.equal(t['dns.messages'], N);
  assert.equal(t['dns.dropped_full'], 0);
  assert.equal(merged.rows.count, t['dns.queries']! + t['dns.responses']! - t['dns.matched']!);
  assert.ok(t['dns.matched']! > 500 && t['dns.duplicate']! > 100, JSON.stringify(t));
  for (let row = 0; row < merged.rows.count; row++) {
    const shown = dnsRow(merged, row);
    JSON.stringify(shown);
    assert.ok(shown.queryBytes + shown.responseBytes > 0);
    assert.equal(shown.latency === null, shown.queryBytes === 0 || shown.responseBytes === 0);
    if (shown.qname !== null) assert.match(shown.qname, /^[\x21-\x40\x5b-\x7e]+$/);
  }
});
