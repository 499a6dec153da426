import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OperatorError } from '../../src/base/errors.js';
import { FlowTable } from '../../src/flow/table.js';
import { flowTexts, run } from '../support/flows.js';
import { ACK, ethernet, type Frame, icmp, ipv4, ipv6, SYN, tcp, udp } from '../support/frames.js';
import { conversation, ORIG, RESP } from '../support/segments.js';

const S = 1e6;

/** A UDP packet of a conversation at a second; the default client is ORIG. */
function datagram(second: number, o: { back?: boolean; sport?: number; size?: number; vlans?: number[] } = {}): Frame {
  const sport = o.sport ?? 40000;
  const payload = new Uint8Array(o.size ?? 10);
  const ends = o.back ? { src: RESP, dst: ORIG } : { src: ORIG, dst: RESP };
  const ports = o.back ? { sport: 53, dport: sport } : { sport, dport: 53 };
  return { timeUs: 1e9 + second * S, bytes: ethernet({ vlans: o.vlans ?? [] }, ipv4(ends, udp(ports, payload))) };
}

for (const [state, history] of [
  ['S0', 'S'],
  ['S1', 'ShADad'],
  ['SF', 'ShADadFf'],
  ['SF', 'ShADadFfR'],
  ['REJ', 'Sr'],
  ['RSTO', 'ShADadR'],
  ['RSTR', 'ShADadr'],
  ['RSTOS0', 'SR'],
  ['RSTRH', '^hr'],
  ['SH', 'SF'],
  ['SHR', '^hf'],
  ['S2', 'ShADadF'],
  ['S3', 'ShADadf'],
  ['OTH', 'DadA'],
] as const) {
  test(`${history} is ${state}`, () => {
    const flows = flowTexts(run(conversation(history.replace('^', ''))).flows);
    assert.equal(flows.length, 1);
    assert.equal(flows[0]!.state, state);
    assert.equal(flows[0]!.history, history);
    assert.equal(flows[0]!.orig, ORIG);
    assert.equal(flows[0]!.dport, 80);
  });
}

test('counts packets, IP bytes, payload, flags and first sizes of both sides', () => {
  const [flow] = flowTexts(run(conversation('ShADDdAFfA', { size: 300 })).flows);
  assert.deepEqual(flow!.packets, [7, 3]);
  assert.deepEqual(flow!.bytes, [7 * 40 + 600, 3 * 40 + 300]);
  assert.deepEqual(flow!.payload, [600, 300]);
  assert.deepEqual(flow!.flags, [SYN | ACK | 1, SYN | ACK | 1]);
  assert.deepEqual(flow!.sizes, [300, 300, -300]);
  assert.deepEqual(flow!.retransmissions, [0, 0]);
  assert.equal(flow!.reason, 'flushed');
  assert.equal(flow!.direction, 'handshake');
});

test('a SYN-ACK seen first makes its receiver the originator, also when the SYN comes after', () => {
  const [flow] = flowTexts(run(conversation('hSAD')).flows);
  assert.equal(flow!.orig, ORIG);
  assert.equal(flow!.history, '^hSAD');
  assert.equal(flow!.state, 'S1');
});

test('one mid-stream pick-up is one flow, turned towards the server port', () => {
  const flows = flowTexts(run(conversation('daDadaDa')).flows);
  assert.equal(flows.length, 1);
  assert.equal(flows[0]!.orig, ORIG);
  assert.equal(flows[0]!.direction, 'protocol');
  assert.equal(flows[0]!.state, 'OTH');
  const [odd] = flowTexts(run(conversation('da', { sport: 40000, dport: 50001 })).flows);
  assert.equal(odd!.orig, RESP, 'where nothing tells, who was seen first');
  assert.equal(odd!.direction, 'firstSeen');
  const [low] = flowTexts(run(conversation('da', { sport: 40000, dport: 777 })).flows);
  assert.equal(low!.orig, ORIG);
  assert.equal(low!.direction, 'port');
});

test('payload sent again is counted and noted at the first, tenth … time', () => {
  const talk = conversation('ShAD');
  const again = Array.from({ length: 12 }, (_, i) => ({ ...talk[3]!, timeUs: 1e9 + 10_000 + i }));
  const [flow] = flowTexts(run([...talk, ...again]).flows);
  assert.deepEqual(flow!.retransmissions, [12, 0]);
  assert.equal(flow!.history, 'ShADTT');
});

test('payload that was acknowledged but not seen is a gap; what comes late is neither gap nor retransmission', () => {
  const [a] = flowTexts(run(conversation('ShADDDa').filter((_, i) => i !== 4)).flows);
  assert.equal(a!.history, 'ShADaG');
  const talk = conversation('ShADDDa');
  const swapped = [...talk.slice(0, 4), talk[5]!, talk[4]!, talk[6]!];
  const [b] = flowTexts(run(swapped).flows);
  assert.equal(b!.history, 'ShADa');
  assert.deepEqual(b!.retransmissions, [0, 0]);
});

test('a packet just inside the idle timeout continues the flow, one past it begins another', () => {
  const [within] = flowTexts(run([datagram(0), datagram(60)]).flows);
  assert.deepEqual(within!.packets, [2, 0]);
  const past = flowTexts(run([datagram(0), datagram(60.000001)]).flows);
  assert.deepEqual(
    past.map((f) => [f.packets[0], f.reason, f.leftUs - 1e9]),
    [
      [1, 'idle', 60 * S],
      [1, 'flushed', 60 * S + 1],
    ],
  );
});

test('timeouts differ by protocol', () => {
  const gap = (second: number, bytes: Uint8Array) => [
    { timeUs: 1e9, bytes },
    { timeUs: 1e9 + second * S, bytes },
  ];
  const echo = ethernet({}, ipv4({ src: ORIG, dst: RESP }, icmp({ type: 8 })));
  const data = ethernet({}, ipv4({ src: ORIG, dst: RESP }, tcp({ sport: 1, dport: 80 }, new Uint8Array(1))));
  assert.equal(run(gap(30, echo)).flows.count, 1);
  assert.equal(run(gap(31, echo)).flows.count, 2);
  assert.equal(run(gap(300, data)).flows.count, 1);
  assert.equal(run(gap(301, data)).flows.count, 2);
});

test('the active timeout cuts the record and the flow goes on with its direction and state', () => {
  const talk = conversation('ShADad');
  const more = [];
  for (let t = 100; t <= 2000; t += 100) more.push({ ...talk[3]!, timeUs: 1e9 + t * S });
  const fin = conversation('ShADadFf')
    .slice(6)
    .map((f) => ({ ...f, timeUs: 1e9 + 2001 * S + (f.timeUs - 1e9) }));
  const flows = flowTexts(run([...talk, ...more, ...fin]).flows);
  assert.deepEqual(
    flows.map((f) => [f.reason, f.state, f.orig, (f.leftUs - 1e9) / S > 1799]),
    [
      ['active', 'S1', ORIG, true],
      ['flushed', 'SF', ORIG, true],
    ],
  );
  assert.equal(flows[0]!.packets[0]! + flows[1]!.packets[0]!, 4 + 20);
  assert.equal(flows[0]!.leftUs, 1e9 + 1800 * S);
});

test('a closed connection lingers for stragglers, and a SYN begins another', () => {
  const talk = conversation('ShADadFf');
  const straggler = { ...talk[2]!, timeUs: talk[7]!.timeUs + 4.9 * S };
  assert.equal(run([...talk, straggler]).flows.count, 1);
  const late = { ...talk[2]!, timeUs: talk[7]!.timeUs + 5.1 * S };
  const two = flowTexts(run([...talk, late]).flows);
  assert.deepEqual([two.length, two[0]!.reason], [2, 'closed']);
  const again = conversation('ShADadFf', { startUs: talk[7]!.timeUs + 1000 });
  const reused = flowTexts(run([...talk, ...again]).flows);
  assert.deepEqual(
    reused.map((f) => [f.state, f.reason, f.packets[0]]),
    [
      ['SF', 'closed', 4],
      ['SF', 'flushed', 4],
    ],
  );
});

test('VLANs keep flows apart, both tags of them', () => {
  const flows = flowTexts(
    run([
      datagram(0),
      datagram(0, { vlans: [7] }),
      datagram(0, { vlans: [7, 9] }),
      datagram(1, { vlans: [7, 9], back: true }),
    ]).flows,
  );
  assert.deepEqual(flows.map((f) => [f.vlan, f.innerVlan, ...f.packets]).sort(), [
    [0, 0, 1, 0],
    [7, 0, 1, 0],
    [7, 9, 1, 1],
  ]);
});

test('an echo and its reply are one flow, and the reply alone knows who asked', () => {
  const at = (timeUs: number, src: string, dst: string, type: number) => ({
    timeUs,
    bytes: ethernet({}, ipv4({ src, dst }, icmp({ type }))),
  });
  const [both] = flowTexts(run([at(1, ORIG, RESP, 8), at(2, RESP, ORIG, 0)]).flows);
  assert.deepEqual([both!.packets, both!.sport, both!.dport, both!.orig], [[1, 1], 8, 0, ORIG]);
  const [reply] = flowTexts(run([at(2, RESP, ORIG, 0)]).flows);
  assert.deepEqual([reply!.orig, reply!.direction, reply!.sport], [ORIG, 'protocol', 8]);
});

test('a packet from the past belongs to its flow; a clock that steps back begins another', () => {
  const near = run([datagram(10), datagram(9, { back: true }), datagram(11)]);
  assert.equal(near.flows.count, 1);
  const [flow] = flowTexts(near.flows);
  assert.deepEqual([flow!.firstUs, flow!.lastUs], [1e9 + 9 * S, 1e9 + 11 * S]);
  assert.equal(near.tally.packets_backwards, 1);
  const far = run([datagram(3600), datagram(0), datagram(1)], { advance: (t, us) => t.advance(us) });
  assert.deepEqual(
    flowTexts(far.flows).map((f) => f.packets[0]),
    [2, 1],
  );
  assert.ok(far.tally.clock_steps! > 0);
});

test('after a clock step back, flows from the future leave and the table empties', () => {
  const table = new FlowTable({ memoryBytes: 1 << 20, seed: 3 });
  const later = run([datagram(7200)], {
    advance: (t) => {
      t.advance(1e9 + 7200 * S);
      for (let s = 0; s < 1100; s++) t.advance(1e9 + s * S);
      assert.equal(t.live, 0);
    },
  });
  assert.equal(later.flows.count, 1);
  assert.equal(table.live, 0);
});

test('expiry is on time: idle flows leave within a second of being due', () => {
  let left = 0;
  run([datagram(0), { ...datagram(0, { sport: 5 }), timeUs: 1e9 + 0.4 * S }], {
    advance: (t, _us, i) => {
      if (i !== 1) return;
      for (let s = 55; s < 70; s += 0.1) {
        t.advance(1e9 + s * S);
        if (left === 0 && t.live === 0) left = s;
      }
    },
  });
  assert.ok(left > 60.4 && left < 61.4, `${left}`);
});

test('a full table evicts and every packet is still in exactly one record', () => {
  const frames = Array.from({ length: 5000 }, (_, i) => datagram(i / 1000, { sport: 1 + (i % 2500) }));
  const { flows, tally } = run(frames, { table: { memoryBytes: 16384 + 200 * FlowTable.BYTES_PER_FLOW } });
  const packets = flowTexts(flows).reduce((n, f) => n + f.packets[0]! + f.packets[1]!, 0);
  assert.equal(packets, 5000);
  assert.ok(tally.left_evicted! > 4000);
  assert.equal(tally.records, flows.count);
});

test('an elephant survives a scan that fills the table', () => {
  const frames: Frame[] = [];
  for (let i = 0; i < 5000; i++) {
    frames.push(datagram(i / 100, { sport: 10_000 + i }));
    if (i % 10 === 0) frames.push(datagram(i / 100, { sport: 7, back: i % 20 === 0 }));
  }
  const { flows } = run(frames, { table: { memoryBytes: 16384 + 200 * FlowTable.BYTES_PER_FLOW } });
  const elephant = flowTexts(flows).filter((f) => f.sport === 7);
  assert.equal(elephant.length, 1);
  assert.deepEqual(elephant[0]!.packets, [250, 250]);
});

test('rows that nobody takes are lost beyond the bound, and counted', () => {
  const frames = Array.from({ length: 300 }, (_, i) => datagram(i * 100));
  const { tally } = run(frames, { table: { finishedMax: 20 } });
  assert.equal(tally.left_idle, 299);
  assert.equal(tally.lost_records, 279);
  assert.equal(tally.lost_packets, 279);
});

test('sums past 32 bits are carried', () => {
  const big = ethernet({}, ipv6({ src: 'fe80::1', dst: 'fe80::2' }, udp({ sport: 1, dport: 2 }, new Uint8Array(8))));
  big[18] = 0xff; // The IPv6 header claims 65,528 bytes.
  big[19] = 0xf8;
  const frames = Array.from({ length: 70_000 }, (_, i) => ({ timeUs: 1e9 + i, bytes: big }));
  const [flow] = flowTexts(run(frames).flows);
  assert.equal(flow!.bytes[0], 70_000 * (40 + 0xfff8));
});

test('memory and timeouts that make no sense are refused in a sentence', () => {
  assert.throws(() => new FlowTable({ memoryBytes: 1000, seed: 1 }), OperatorError);
  assert.throws(() => new FlowTable({ memoryBytes: 1 << 20, seed: 1, timeouts: { tcpUs: 0 } }), OperatorError);
  assert.throws(() => new FlowTable({ memoryBytes: 1 << 20, seed: 1, timeouts: { activeUs: 1e13 } }), OperatorError);
  assert.ok(FlowTable.BYTES_PER_FLOW <= 160);
});
