import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { WINDOW_BYTES } from '../../src/decode/stream-buffer.js';
import { mergeDns } from '../../src/dns/order.js';
import { dnsRow } from '../../src/dns/report.js';
import { Scan } from '../../src/dns/scan.js';
import { DnsStage } from '../../src/dns/stage.js';
import { DNS_COUNTS, DnsCount } from '../../src/dns/tally.js';
import { TcpStreams } from '../../src/dns/tcp.js';
import { ACK, FIN, PSH, RST, SYN } from '../support/frames.js';
import { Prng } from '../support/prng.js';
import { answer, bytes, packet, query, type Sent, u16 } from './support/messages.js';

const CLIENT = '10.0.0.1';
const SERVER = '10.0.0.53';
const T0 = 1.7e15;

/** Streams whose messages are kept in hex, with the stream's own side of the connection first when reversed. */
class Tap {
  readonly counts = new Float64Array(DNS_COUNTS.length);
  readonly got: string[] = [];
  reversed = 0;
  readonly streams: TcpStreams;
  #timeUs = T0;
  readonly #scan = new Scan();
  constructor(memoryBytes = 1 << 20) {
    this.streams = new TcpStreams(memoryBytes, 5, this.counts, (view, arena, start, end, reversed) => {
      this.got.push(Buffer.from(arena.subarray(start, end)).toString('hex'));
      if (reversed) this.reversed++;
      return this.#scan.read(view, arena, start, end);
    });
  }
  /** A segment from the client, unless `o` says otherwise. */
  send(seq: number, payload: Uint8Array, o: Partial<Sent> = {}): this {
    this.#timeUs += 10;
    const { p, view, arena } = packet({
      from: CLIENT, fromPort: 40000, to: SERVER, toPort: 53, proto: 6, flags: ACK | PSH, timeUs: this.#timeUs, payload, seq: seq >>> 0, ...o,
    }); // biome-ignore format: one line
    this.streams.add(p, view, arena);
    return this;
  }
  /** A segment from the server that only acknowledges. */
  ack(ack: number): this {
    return this.send(1, bytes(), { from: SERVER, fromPort: 53, to: CLIENT, toPort: 40000, flags: ACK, ack: ack >>> 0 });
  }
  count(name: keyof typeof DnsCount): number {
    return this.counts[DnsCount[name]]!;
  }
}

const framed = (m: Uint8Array) => bytes(u16(m.length), m);
const hexOf = (m: Uint8Array) => Buffer.from(m).toString('hex');
const q = (i: number) => query(i, `host${i}.example.com`);

describe('messages come out whole', () => {
  test('when one segment holds one, or several', () => {
    const tap = new Tap().send(99, bytes(), { flags: SYN }).send(100, framed(q(1)));
    tap.send(100 + framed(q(1)).length, bytes(framed(q(2)), framed(q(3))));
    assert.deepEqual(tap.got, [q(1), q(2), q(3)].map(hexOf));
  });

  test('when the length field travels alone, or byte by byte', () => {
    const tap = new Tap().send(99, bytes(), { flags: SYN });
    const stream = bytes(framed(q(1)), framed(q(2)));
    tap.send(100, stream.slice(0, 2)).send(102, stream.slice(2, 41));
    for (let i = 41; i < stream.length; i++) tap.send(100 + i, stream.slice(i, i + 1));
    assert.deepEqual(tap.got, [q(1), q(2)].map(hexOf));
  });

  test('when the first segment comes with the SYN', () => {
    const tap = new Tap().send(99, framed(q(1)), { flags: SYN }).send(100 + framed(q(1)).length, framed(q(2)));
    assert.deepEqual(tap.got, [q(1), q(2)].map(hexOf));
  });

  test('however a stream is cut, shuffled, repeated and overlapped, each once and in order', () => {
    const prng = new Prng(7766);
    let messages = 0;
    let buffered = 0;
    for (let round = 0; round < 400; round++) {
      const sent = Array.from({ length: prng.between(1, 12) }, (_, i) =>
        bytes(q(round * 20 + i), prng.bytes(prng.chance(0.1) ? prng.between(1000, 40_000) : prng.below(300))),
      );
      const stream = bytes(...sent.map(framed));
      const isn = prng.chance(0.3) ? 2 ** 32 - prng.between(1, stream.length) : prng.u32();
      const segments: [number, Uint8Array][] = [];
      for (let at = 0; at < stream.length; ) {
        const n = prng.chance(0.2) ? prng.between(1, 5) : prng.between(200, 1460);
        const back = prng.chance(0.1) ? Math.min(at, prng.below(200)) : 0;
        segments.push([at - back, stream.slice(at - back, at + n)]);
        if (prng.chance(0.05)) segments.push([at, stream.slice(at, at + n)]);
        at += n;
      }
      // A segment overtakes at most a few others, as on a real path.
      for (let i = 0; i + 4 < segments.length; i++) {
        if (!prng.chance(0.2)) continue;
        const j = i + prng.below(4);
        [segments[i], segments[j]] = [segments[j]!, segments[i]!];
      }
      const tap = new Tap();
      tap.send(isn, bytes(), { flags: SYN });
      for (const [at, part] of segments) tap.send(isn + 1 + at, part);
      assert.deepEqual(tap.got, sent.map(hexOf), `round ${round}`);
      tap.streams.flush();
      assert.deepEqual([tap.count('tcp_gaps'), tap.count('tcp_incomplete'), tap.count('tcp_unsynced')], [0, 0, 0]);
      messages += sent.length;
      if (segments.length > sent.length * 2) buffered++;
    }
    assert.ok(messages > 2000 && buffered > 100, `${messages} messages, ${buffered} rounds with buffers`);
  });

  test('up to the longest there is', () => {
    const longest = bytes(q(1), new Uint8Array(65_535 - q(1).length));
    const stream = bytes(framed(longest), framed(q(2)));
    assert.equal(framed(longest).length, WINDOW_BYTES);
    const tap = new Tap().send(0, bytes(), { flags: SYN });
    for (let at = 0; at < stream.length; at += 1000) tap.send(1 + at, stream.slice(at, at + 1000));
    assert.deepEqual(tap.got, [longest, q(2)].map(hexOf));
  });
});

describe('overlapping bytes', () => {
  test('that came first count', () => {
    const tap = new Tap().send(0, bytes(), { flags: SYN });
    const real = framed(q(1));
    const forged = framed(query(1, 'evil1.example.com'));
    tap.send(11, real.slice(10)).send(1, forged);
    assert.deepEqual(tap.got, [hexOf(bytes(forged.slice(2, 10), real.slice(10)))]);
  });
});

describe('a hole', () => {
  test('is jumped once the peer has acknowledged what lies behind it', () => {
    const tap = new Tap().send(0, bytes(), { flags: SYN });
    const parts = [1, 2, 3, 4].map((i) => framed(q(i)));
    const at = parts.map((_, i) => 1 + parts.slice(0, i).reduce((n, p) => n + p.length, 0));
    tap.send(at[0]!, parts[0]!).send(at[2]!, parts[2]!);
    assert.deepEqual(tap.got, [hexOf(q(1))]);
    tap.ack(at[1]!);
    assert.equal(tap.got.length, 1, 'the peer is waiting, too');
    tap.ack(at[3]!);
    assert.deepEqual(tap.got, [q(1), q(3)].map(hexOf));
    assert.equal(tap.reversed, 1, 'a message set free by the other side is known to go the other way');
    tap.send(at[3]!, parts[3]!).send(at[1]!, parts[1]!);
    assert.deepEqual(tap.got, [q(1), q(3), q(4)].map(hexOf));
    assert.deepEqual([tap.count('tcp_gaps'), tap.count('tcp_retransmitted')], [1, 1]);
  });

  test('is jumped when 64 KiB wait behind it, even when nobody acknowledges', () => {
    const tap = new Tap().send(0, bytes(), { flags: SYN });
    let at = 1;
    for (let i = 0; i < 1200; i++) {
      const m = framed(bytes(q(i), new Uint8Array(60)));
      if (i !== 1) tap.send(at, m);
      at += m.length;
    }
    assert.equal(tap.got.length, 1199);
    assert.equal(tap.count('tcp_gaps'), 1);
  });

  test('in the middle of a message costs that message, and the next segment that begins one goes on', () => {
    const tap = new Tap().send(0, bytes(), { flags: SYN });
    const big = framed(bytes(q(1), new Uint8Array(4000).fill(0x99)));
    tap.send(1, big.slice(0, 1000)).send(2001, big.slice(2000, 3000)).ack(3001);
    assert.equal(tap.count('tcp_unsynced'), 1);
    tap.send(3001, big.slice(3000)).send(1 + big.length, framed(q(2)));
    assert.deepEqual(tap.got, [hexOf(q(2))]);
    assert.equal(tap.count('tcp_unsynced'), 2);
  });

  test('made by a snap length is a hole like any other', () => {
    const tap = new Tap().send(0, bytes(), { flags: SYN });
    const big = framed(bytes(q(1), new Uint8Array(1000)));
    tap
      .send(1, big, { captured: 96 })
      .send(1 + big.length, framed(q(2)))
      .ack(1 + big.length + framed(q(2)).length);
    assert.deepEqual(tap.got, [hexOf(q(2))]);
  });
});

describe('joined midway', () => {
  test('a stream is read from the first segment that begins a message', () => {
    const tap = new Tap();
    tap
      .send(1000, bytes(Uint8Array.from({ length: 700 }, () => 0xab)))
      .send(1700, framed(q(1)))
      .send(1700 + framed(q(1)).length, framed(q(2)));
    assert.deepEqual(tap.got, [q(1), q(2)].map(hexOf));
    assert.equal(tap.count('tcp_unsynced'), 1);
  });

  test('a stream whose length fields travel alone is read, too', () => {
    const m = framed(q(1));
    const tap = new Tap().send(1000, m.slice(0, 2)).send(1002, m.slice(2));
    assert.deepEqual(tap.got, [hexOf(q(1))]);
  });

  test('segments out of order are put right also without a SYN', () => {
    const [a, b] = [framed(q(1)), framed(q(2))];
    const tap = new Tap()
      .send(5000, a)
      .send(5000 + a.length + b.length, framed(q(3)))
      .send(5000 + a.length, b);
    assert.deepEqual(tap.got, [q(1), q(2), q(3)].map(hexOf));
  });
});

describe('connections', () => {
  test('that reuse the ports of another begin anew', () => {
    const tap = new Tap().send(0, bytes(), { flags: SYN }).send(1, framed(q(1)).slice(0, 20));
    tap.send(77_777, bytes(), { flags: SYN }).send(77_778, framed(q(2)));
    assert.deepEqual(tap.got, [hexOf(q(2))]);
    assert.equal(tap.count('tcp_incomplete'), 1);
    assert.equal(tap.count('tcp_streams'), 2);
  });

  test('that end with FIN do not give their last message again when it is repeated', () => {
    const tap = new Tap().send(0, bytes(), { flags: SYN }).send(1, framed(q(1)), { flags: FIN | ACK });
    tap.send(1, framed(q(1)), { flags: FIN | ACK });
    assert.equal(tap.got.length, 1);
    assert.equal(tap.count('tcp_retransmitted'), 1);
  });

  test('that are reset drop what is incomplete', () => {
    const tap = new Tap()
      .send(0, bytes(), { flags: SYN })
      .send(1, framed(q(1)).slice(0, 9))
      .send(10, bytes(), { flags: RST });
    assert.equal(tap.count('tcp_incomplete'), 1);
  });

  test('that fall silent give their buffer back', () => {
    const tap = new Tap().send(0, bytes(), { flags: SYN }).send(1, framed(q(1)).slice(0, 9));
    tap.streams.advance(T0 + 20e6);
    assert.equal(tap.count('tcp_incomplete'), 0);
    tap.streams.advance(T0 + 40e6);
    assert.equal(tap.count('tcp_incomplete'), 1);
  });

  test('that do not carry DNS are given up at once', () => {
    const tap = new Tap(1 << 20).send(0, bytes(), { flags: SYN });
    for (let i = 0; i < 40; i++)
      tap.send(1 + i * 1000, bytes(...Array.from({ length: 50 }, () => 'SSH-2.0-OpenSSH_9.6\n')));
    assert.equal(tap.count('tcp_not_dns'), 1);
    assert.ok(tap.count('tcp_ignored') > 10);
  });

  test('that only ever say SYN do not push out those that speak', () => {
    const tap = new Tap(256 << 10);
    tap.send(0, bytes(), { flags: SYN }).send(1, framed(q(1)).slice(0, 9));
    for (let i = 0; i < 30_000; i++)
      tap.send(i, bytes(), { flags: SYN, fromPort: 1024 + (i % 60_000), from: `10.9.${(i >> 8) & 255}.${i & 255}` });
    tap.send(10, framed(q(1)).slice(9));
    assert.deepEqual(tap.got, [hexOf(q(1))]);
    assert.ok(tap.count('tcp_evicted') > 10_000);
  });
});

test('a query and its answer over TCP are one row, and a lost segment of the server does not swap the two', () => {
  const stage = new DnsStage({ memoryBytes: 1 << 20, seed: 3 });
  const side = (server: boolean, seq: number, ack: number, payload: Uint8Array, timeUs: number) => {
    const ends = server
      ? { from: SERVER, fromPort: 53, to: CLIENT, toPort: 40000 }
      : { from: CLIENT, fromPort: 40000, to: SERVER, toPort: 53 };
    const { p, view, arena } = packet({ ...ends, proto: 6, flags: ACK, seq, ack, payload, timeUs: T0 + timeUs });
    stage.add(p, view, arena);
  };
  side(false, 1000, 500, bytes(framed(q(1)), framed(q(2)), framed(q(3))), 0);
  const answers = [1, 2, 3].map((i) => framed(answer(i, `host${i}.example.com`)));
  side(true, 500, 2000, answers[0]!, 1000);
  side(true, 500 + answers[0]!.length + answers[1]!.length, 2000, answers[2]!, 2000); // the second is lost
  side(false, 2000, 500 + answers.reduce((n, a) => n + a.length, 0), bytes(), 3000); // and yet acknowledged
  stage.flush();
  const table = mergeDns([stage.take()]);
  const rows = Array.from({ length: table.rows.count }, (_, row) => dnsRow(table, row));
  assert.deepEqual(
    rows.map((r) => [r.client, r.qname, r.proto, r.latency]),
    [
      [CLIENT, 'host1.example.com', 'tcp', 0.001],
      [CLIENT, 'host2.example.com', 'tcp', null],
      [CLIENT, 'host3.example.com', 'tcp', 0.003],
    ],
  );
  assert.equal(stage.tally['dns.tcp_messages'], 5);
});

test('no segments, however wrong, make it throw, hang or grow (200k seeded segments)', () => {
  const prng = new Prng(793);
  const memory = 512 << 10;
  const tap = new Tap(memory);
  const stream = bytes(...Array.from({ length: 300 }, (_, i) => framed(bytes(q(i), new Uint8Array(prng.below(900))))));
  const before = process.memoryUsage().arrayBuffers;
  let delivered = 0;
  for (let i = 0; i < 200_000; i++) {
    const connection = prng.below(400);
    const at = prng.chance(0.9) ? prng.below(stream.length) : prng.u32();
    const n = prng.pick([0, 1, 2, 14, 60, 300, 1460]);
    const payload = prng.chance(0.8) ? stream.slice(at, at + n) : prng.bytes(n);
    const flags = prng.pick([ACK, ACK, ACK, ACK, ACK, PSH | ACK, SYN, RST, SYN | ACK, FIN | ACK, 0, 255]);
    const server = prng.chance(0.5);
    const other = `10.1.${connection >> 8}.${connection & 255}`;
    const ends = server
      ? { from: SERVER, fromPort: 53, to: other, toPort: 999 }
      : { from: other, fromPort: 999, to: SERVER, toPort: 53 };
    tap.send(at, payload, { ...ends, flags, ack: prng.below(stream.length) });
    if (i % 1000 === 0) {
      tap.streams.advance(T0 + i * 10 + (prng.chance(0.01) ? 1e9 : 0));
      delivered += tap.got.length;
      tap.got.length = 0;
    }
  }
  const grown = process.memoryUsage().arrayBuffers - before;
  assert.ok(grown < 8 << 20, `${grown} bytes of buffers`);
  assert.ok(delivered > 3000, `only ${delivered} messages: the test has gone vacuous`);
  for (const name of ['tcp_gaps', 'tcp_unsynced', 'tcp_retransmitted', 'tcp_incomplete', 'tcp_no_buffer'] as const) {
    assert.ok(tap.count(name) > 100, `${name} ${tap.count(name)}`);
  }
});
