import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OperatorError } from '../../src/base/errors.js';
import { Decoder } from '../../src/decode/decoder.js';
import { Fragments } from '../../src/decode/fragments.js';
import { Packet } from '../../src/decode/packet.js';
import { ethernet, fragmentBody, icmp, ipv4, ipv6, tcp, udp } from '../support/frames.js';
import { Prng } from '../support/prng.js';

interface Piece {
  offset: number;
  more: boolean;
  bytes: Uint8Array;
  id?: number;
  timeUs?: number;
  six?: boolean;
  proto?: number;
  capLen?: number;
}

class Bench {
  readonly fragments: Fragments;
  readonly p = new Packet();
  readonly #decoder = new Decoder();

  constructor(memoryBytes = 1 << 20) {
    this.fragments = new Fragments({ memoryBytes, seed: 1 });
  }

  /** Adds a piece; the payload of the datagram when it is whole. */
  add(o: Piece): Uint8Array | null {
    const proto = o.proto ?? 17;
    const ip = o.six
      ? ipv6(
          {
            src: 'fe80::1',
            dst: 'fe80::2',
            proto,
            extensions: [{ type: 44, body: fragmentBody(o.id ?? 1, o.offset, o.more) }],
          },
          o.bytes,
        )
      : ipv4(
          { src: '10.0.0.1', dst: '10.0.0.2', proto, id: o.id ?? 1, offset: o.offset, moreFragments: o.more },
          o.bytes,
        );
    const frame = ethernet({}, ip);
    const v = new DataView(frame.buffer);
    this.p.timeUs = o.timeUs ?? 1e9;
    this.#decoder.decode(v, 0, o.capLen ?? frame.length, frame.length, 1, this.p);
    assert.equal(this.p.fragment, true);
    if (!this.fragments.add(this.p, v)) return null;
    const { datagram, bytes } = this.fragments;
    return bytes.slice(datagram.payloadStart, datagram.payloadEnd);
  }
}

/** Cuts a transport message into pieces of `size` bytes. */
function cut(message: Uint8Array, size: number): Piece[] {
  const out: Piece[] = [];
  for (let at = 0; at < message.length; at += size) {
    out.push({ offset: at, more: at + size < message.length, bytes: message.slice(at, at + size) });
  }
  return out;
}

const random = new Prng(11);
const payload = random.bytes(5000);
const message = udp({ sport: 5353, dport: 53 }, payload);

for (const six of [false, true]) {
  test(`puts IPv${six ? 6 : 4} pieces together in any order, duplicates and all`, () => {
    for (let n = 0; n < 200; n++) {
      const bench = new Bench();
      const pieces = random.shuffle(cut(message, 8 * random.between(10, 200)));
      const extra = random.pick(pieces);
      let whole: Uint8Array | null = null;
      for (const piece of [extra, ...pieces.filter((x) => x !== extra).slice(0, 3), extra, ...pieces.slice(0)]) {
        whole ??= bench.add({ ...piece, six });
      }
      assert.deepEqual(whole, payload);
      const d = bench.fragments.datagram;
      assert.deepEqual([d.srcPort, d.dstPort, d.proto, d.ipBytes], [5353, 53, 17, (six ? 48 : 20) + message.length]);
      assert.equal(bench.fragments.tally.overlaps, 0);
    }
  });
}

test('later fragments are given the ports of the first, before it they have none', () => {
  const bench = new Bench();
  const [first, second, third] = cut(message, 2000);
  bench.add(third!);
  assert.deepEqual([bench.p.srcPort, bench.p.dstPort], [0, 0]);
  bench.add(first!);
  assert.deepEqual([bench.p.srcPort, bench.p.dstPort], [5353, 53]);
  assert.deepEqual(bench.add(second!), payload);
  assert.deepEqual([bench.p.srcPort, bench.p.dstPort], [5353, 53]);
  assert.equal(bench.fragments.tally.without_first, 1);
});

test('fragments of a ping and of TCP: the ping lends its ports, the segment is read', () => {
  const bench = new Bench();
  const [a, b] = cut(icmp({ type: 8 }, new Uint8Array(3000)), 1480);
  assert.equal(bench.add({ ...a!, proto: 1 }), null);
  assert.equal(bench.add({ ...b!, proto: 1 }), null);
  assert.deepEqual([bench.p.srcPort, bench.p.dstPort], [8, 0]);
  const pieces = cut(tcp({ sport: 7, dport: 53, seq: 77, flags: 24 }, payload), 16);
  let whole: Uint8Array | null = null;
  for (const piece of pieces) whole = bench.add({ ...piece, proto: 6, id: 2 });
  assert.deepEqual(whole, payload);
  assert.deepEqual([bench.fragments.datagram.tcpSeq, bench.fragments.datagram.tcpFlags], [77, 24]);
});

test('where IPv4 pieces overlap the first to come stays (teardrop)', () => {
  const bench = new Bench();
  const evil = new Uint8Array(64).fill(0x66);
  const pieces = cut(message, 1024);
  bench.add(pieces[0]!);
  bench.add({ offset: 512, more: true, bytes: evil });
  let whole: Uint8Array | null = null;
  for (const piece of pieces.slice(1)) whole = bench.add(piece);
  assert.deepEqual(whole, payload);
  assert.equal(bench.fragments.tally.overlaps, 1);
});

test('where IPv6 pieces overlap the datagram is given up (RFC 5722)', () => {
  const bench = new Bench();
  const pieces = cut(message, 1024).map((x) => ({ ...x, six: true }));
  bench.add(pieces[0]!);
  bench.add({ offset: 512, more: true, bytes: new Uint8Array(64), six: true });
  for (const piece of pieces) assert.equal(bench.add(piece), null);
  assert.equal(bench.p.srcPort, 5353, 'its later fragments still have their ports');
});

test('pieces that cannot be spoil their datagram: past 65,535, of no length, odd in the middle, past the end', () => {
  for (const bad of [
    { offset: 65_528, more: false, bytes: new Uint8Array(100) },
    { offset: 65_528, more: true, bytes: new Uint8Array(8) },
    { offset: 2048, more: true, bytes: new Uint8Array(9) },
    { offset: 2048, more: true, bytes: new Uint8Array(0) },
    { offset: 8, more: false, bytes: new Uint8Array(8) },
  ]) {
    const bench = new Bench();
    const pieces = cut(message, 1024);
    bench.add(pieces[0]!);
    assert.equal(bench.add(bad), null);
    for (const piece of pieces.slice(1)) assert.equal(bench.add(piece), null);
    assert.equal(bench.fragments.tally.bad, 1);
  }
});

test('a piece that was not captured whole spoils the bytes and not the ports', () => {
  const bench = new Bench();
  const [first, second, third] = cut(message, 2000);
  bench.add({ ...first!, capLen: 60 });
  bench.add(second!);
  assert.equal(bench.p.srcPort, 5353);
  assert.equal(bench.add(third!), null);
  assert.equal(bench.fragments.tally.snapped, 1);
});

test('pieces more than 30 s apart are not one datagram, whichever way the clock goes', () => {
  const [first, second] = cut(message, 4000);
  const within = new Bench();
  within.add(first!);
  assert.deepEqual(within.add({ ...second!, timeUs: 1e9 + 30e6 }), payload);
  for (const timeUs of [1e9 + 30e6 + 1, 1e9 - 30e6 - 1]) {
    const past = new Bench();
    past.add(first!);
    assert.equal(past.add({ ...second!, timeUs }), null);
    assert.equal(past.fragments.tally.timed_out, 1);
  }
});

test('a flood of pieces keeps to its memory, and a datagram after it is put together', () => {
  const bench = new Bench(200 << 10);
  for (let id = 0; id < 5000; id++) {
    const offset = 8 * random.below(8000);
    bench.add({ offset, more: true, bytes: new Uint8Array(8 * random.between(1, 100)), id, six: id % 2 === 0 });
  }
  assert.ok(bench.fragments.tally.evicted! > 4000);
  let whole: Uint8Array | null = null;
  for (const piece of cut(message, 1480)) whole = bench.add({ ...piece, id: 60_000 });
  assert.deepEqual(whole, payload);
});

test('the largest datagram fits the smallest table', () => {
  const bench = new Bench(128 << 10);
  const largest = udp({ sport: 1, dport: 2 }, random.bytes(65_507));
  let whole: Uint8Array | null = null;
  for (const piece of cut(largest, 1480)) whole = bench.add(piece);
  assert.equal(whole?.length, 65_507);
  assert.throws(() => new Fragments({ memoryBytes: 1000 }), OperatorError);
});
