import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Decoder } from '../../src/decode/decoder.js';
import { Fragments } from '../../src/decode/fragments.js';
import { Packet } from '../../src/decode/packet.js';
import { isInFlow, VERDICTS } from '../../src/decode/verdict.js';
import { FlowTable } from '../../src/flow/table.js';
import {
  arp,
  concat,
  cooked1,
  cooked2,
  ethernet,
  fragmentBody,
  icmp,
  ipv4,
  ipv6,
  llcSnap,
  pppoe,
  tcp,
  udp,
} from '../support/frames.js';
import { Prng } from '../support/prng.js';

const FRAMES = 300_000;
const LINKS = [0, 1, 9, 12, 14, 50, 51, 101, 108, 113, 228, 229, 276, 777];

/** Whole frames of every kind, to be spoilt. */
function seeds(random: Prng): { bytes: Uint8Array; linkType: number }[] {
  const out: { bytes: Uint8Array; linkType: number }[] = [];
  for (let i = 0; i < 300; i++) {
    const payload = random.bytes(random.below(80));
    const ends = { sport: random.below(65536), dport: random.pick([53, 80, 443, random.below(65536)]) };
    const v4 = { src: `10.0.0.${random.below(4)}`, dst: `10.0.1.${random.below(4)}`, id: random.below(8) };
    const v6 = { src: `2001:db8::${random.below(4)}`, dst: `2001:db8:1::${random.below(4)}` };
    const inner = () =>
      random.pick([
        () => tcp({ ...ends, flags: random.below(64), seq: random.u32(), ack: random.u32() }, payload),
        () => udp(ends, payload),
        () => icmp({ type: random.below(20) }, payload),
        () => random.bytes(40),
      ])();
    const extensions = Array.from({ length: random.below(4) }, () => {
      const type = random.pick([0, 43, 44, 51, 60, 135]);
      const offset = random.below(4) * 24;
      return { type, body: type === 44 ? fragmentBody(random.below(8), offset, random.chance(0.5)) : random.bytes(6) };
    });
    const ip = random.pick([
      () => ipv4({ ...v4, offset: random.below(4) * 24, moreFragments: random.chance(0.3) }, inner()),
      () => ipv4({ ...v4, proto: random.below(256), options: new Uint8Array(4 * random.below(10)) }, inner()),
      () => ipv4(v4, inner()),
      () => ipv6({ ...v6, extensions }, inner()),
    ])();
    const type = ip[0]! >> 4 === 6 ? 0x86dd : 0x0800;
    out.push(
      random.pick([
        () => ({
          bytes: ethernet({ vlans: Array(random.pick([0, 0, 0, 1, 2, 9])).fill(random.below(4096)) }, ip),
          linkType: 1,
        }),
        () => ({ bytes: llcSnap(type, ip), linkType: 1 }),
        () => ({ bytes: pppoe(type === 0x86dd ? 0x57 : 0x21, ip), linkType: 1 }),
        () => ({ bytes: cooked1(type, ip), linkType: 113 }),
        () => ({ bytes: cooked2(type, ip), linkType: 276 }),
        () => ({ bytes: ip, linkType: 101 }),
        () => ({ bytes: arp(), linkType: 1 }),
      ])(),
    );
  }
  // Datagrams in two pieces, some of which stay unspoilt and are put together.
  for (let id = 0; id < 20; id++) {
    const message = udp({ sport: 53, dport: 4000 + id }, random.bytes(60));
    const six = id % 2 === 1;
    for (const [offset, piece] of [
      [0, message.slice(0, 24)],
      [24, message.slice(24)],
    ] as const) {
      const more = offset === 0;
      const ip = six
        ? ipv6({ src: '::1', dst: '::2', extensions: [{ type: 44, body: fragmentBody(id, offset, more) }] }, piece)
        : ipv4({ src: '10.0.0.1', dst: '10.0.0.2', id, offset, moreFragments: more }, piece);
      out.push({ bytes: ip, linkType: 101 });
    }
  }
  return out;
}

test('any bytes: no throw, one verdict, the payload inside the frame, every packet in one flow', () => {
  const random = new Prng(20_240_601);
  const from = seeds(random);
  const decoder = new Decoder();
  const fragments = new Fragments({ memoryBytes: 256 << 10, seed: 5 });
  const table = new FlowTable({ memoryBytes: 40_000, seed: 5 });
  const p = new Packet();
  const arena = new Uint8Array(4096);
  const v = new DataView(arena.buffer);
  let inFlows = 0;
  let whole = 0;
  let reported = 0;
  let rows = 0;
  const drain = () => {
    const flows = table.take();
    rows += flows.count;
    for (let i = 0; i < flows.count; i++) reported += flows.origPackets[i]! + flows.respPackets[i]!;
  };
  let timeUs = 1e15;
  for (let n = 0; n < FRAMES; n++) {
    const seed = random.pick(from);
    const frame = random.chance(0.02) ? random.bytes(random.below(120)) : seed.bytes;
    const start = random.below(64);
    arena.fill(random.u32(), 0, 512);
    arena.set(frame, start);
    for (let k = random.below(4); k > 0; k--) arena[start + random.below(frame.length || 1)] = random.u32();
    const capLen = random.chance(0.2) ? random.below(frame.length + 1) : frame.length;
    const wireLen = random.chance(0.1) ? random.below(2000) : frame.length;
    const linkType = random.chance(0.03) ? random.pick(LINKS) : seed.linkType;
    timeUs += random.pick([10, 1000, 1e6, -5e5, 0]);
    if (random.chance(0.0005)) timeUs += random.pick([-1e10, 1e10]);
    p.timeUs = timeUs;

    const verdict = decoder.decode(v, start, capLen, wireLen, linkType, p);
    if (isInFlow(verdict)) {
      inFlows++;
      const where = `frame ${n}: ${VERDICTS[verdict]}, ${p.payloadStart}..${p.payloadEnd} in ${start}+${capLen}`;
      assert.ok(start <= p.ipStart && p.ipStart < p.payloadStart, where);
      assert.ok(p.payloadStart <= p.payloadEnd && p.payloadEnd <= start + capLen, where);
      assert.ok(p.payloadEnd - p.payloadStart <= p.payloadBytes, `${where} of ${p.payloadBytes}`);
      assert.ok(p.payloadBytes >= 0 && p.payloadBytes < p.ipBytes, where);
      assert.ok(p.ipBytes >= 20 && p.wireBytes >= capLen, where);
      assert.equal(p.fragment, VERDICTS[verdict] === 'fragment', where);
      if (p.fragment && fragments.add(p, v)) {
        whole++;
        const d = fragments.datagram;
        assert.ok(d.payloadStart <= d.payloadEnd && d.payloadEnd <= d.transportBytes, where);
      }
      table.add(p);
    }
    if (n % 64 === 0) table.advance(timeUs);
    if (table.finished.count > 10_000) drain();
  }
  while (!table.flush()) drain();
  drain();
  assert.equal(
    decoder.verdicts.reduce((a, b) => a + b, 0),
    FRAMES,
  );
  assert.equal(reported, inFlows);
  assert.equal(table.tally.lost_records, 0);
  assert.equal(table.tally.records, rows);

  // The fuzz must reach what it is for.
  VERDICTS.forEach((name, i) => {
    assert.ok(decoder.verdicts[i]! > 50, `${name}: only ${decoder.verdicts[i]}`);
  });
  assert.ok(inFlows > FRAMES / 2, `only ${inFlows} in flows`);
  assert.ok(whole > 100, `only ${whole} datagrams put together`);
  const { left_evicted, left_idle, left_closed, clock_steps } = table.tally;
  for (const n of [left_evicted, left_idle, left_closed, clock_steps]) assert.ok(n! > 50, JSON.stringify(table.tally));
});

test('any bytes in place of a chain of IPv6 extension headers halt the walk', () => {
  const random = new Prng(7);
  const decoder = new Decoder();
  const p = new Packet();
  for (let n = 0; n < 20_000; n++) {
    const bytes = concat(ipv6({ src: '::1', dst: '::2', proto: 60 }, new Uint8Array(200)));
    for (let i = 0; i < 12; i++) bytes[40 + 8 * random.below(24)] = random.pick([0, 43, 44, 51, 60, 135, 139, 140]);
    for (let i = 0; i < 12; i++) bytes[41 + 8 * random.below(24)] = random.pick([0, 0, 0, 1]);
    decoder.decode(new DataView(bytes.buffer), 0, bytes.length, bytes.length, 101, p);
  }
  assert.ok(decoder.verdicts[VERDICTS.indexOf('too_deep')]! > 100);
});
