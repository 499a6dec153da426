import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addressText } from '../../src/base/address.js';
import { Decoder } from '../../src/decode/decoder.js';
import { Packet } from '../../src/decode/packet.js';
import { VERDICTS } from '../../src/decode/verdict.js';
import {
  arp,
  concat,
  cooked1,
  cooked2,
  ethernet,
  fragmentBody,
  hex,
  icmp,
  icmp6,
  ipv4,
  ipv6,
  llcSnap,
  padded,
  pppoe,
  tcp,
  udp,
} from '../support/frames.js';

interface Shot {
  linkType?: number;
  capLen?: number;
  wireLen?: number;
}

/** Decodes one frame from the middle of a larger buffer, so that wrong offsets show. */
function decode(frame: Uint8Array, o: Shot = {}) {
  const decoder = new Decoder();
  const p = new Packet();
  const arena = concat(new Uint8Array(13).fill(0xee), frame, new Uint8Array(64).fill(0xee));
  const v = new DataView(arena.buffer);
  const capLen = o.capLen ?? frame.length;
  const verdict = decoder.decode(v, 13, capLen, o.wireLen ?? frame.length, o.linkType ?? 1, p);
  assert.equal(decoder.verdicts[verdict], 1);
  const payload = arena.subarray(p.payloadStart, p.payloadEnd);
  return {
    verdict: VERDICTS[verdict]!,
    p,
    decoder,
    src: addressText(p.addr, 0),
    dst: addressText(p.addr, 4),
    payload: Buffer.from(payload).toString('latin1'),
  };
}

const V4 = { src: '192.0.2.1', dst: '198.51.100.2' };
const V6 = { src: '2001:db8::1', dst: 'fe80::2' };
const PORTS = { sport: 40000, dport: 53 };
const text = (s: string) => new Uint8Array(Buffer.from(s, 'latin1'));

test('a DNS query over Ethernet, byte by byte', () => {
  const { verdict, p, src, dst, payload } = decode(
    hex(`
      02 00 00 00 00 02  02 00 00 00 00 01  08 00   # Ethernet, IPv4
      45 00 00 20  ab cd 40 00  3f 11 4a d4         # 32 bytes, id abcd, don't fragment, ttl 63, UDP
      c0 00 02 01  c6 33 64 02                      # 192.0.2.1 to 198.51.100.2
      9c 40 00 35  00 0c 00 00                      # 40000 to 53, 12 bytes, no checksum
      61 62 63 64                                   # abcd
      00 00 00 00 00 00 00 00 00 00 00 00 00 00     # padding to 60
    `),
  );
  assert.equal(verdict, 'ok');
  assert.deepEqual([src, dst, p.srcPort, p.dstPort, p.proto], [V4.src, V4.dst, 40000, 53, 17]);
  assert.deepEqual([p.ipBytes, p.payloadBytes, p.ttl, p.wireBytes, p.fragment], [32, 4, 63, 60, false]);
  assert.equal(payload, 'abcd');
});

test('a SYN with options: flags, numbers, window', () => {
  const segment = tcp(
    { sport: 1, dport: 65535, seq: 0xfffffff0, ack: 7, flags: 0xc2, window: 1024, options: hex('020405b4') },
    text('early'),
  );
  const { verdict, p, payload } = decode(ethernet({}, ipv4(V4, segment)));
  assert.equal(verdict, 'ok');
  assert.deepEqual([p.tcpFlags, p.tcpSeq, p.tcpAck, p.tcpWindow], [0xc2, 0xfffffff0, 7, 1024]);
  assert.equal(payload, 'early');
});

const query = () => udp(PORTS, text('hello'));
for (const [what, frame, linkType] of [
  ['Ethernet', ethernet({}, ipv4(V4, query())), 1],
  ['802.3 with LLC and SNAP', llcSnap(0x0800, ipv4(V4, query())), 1],
  ['PPPoE', pppoe(0x0021, ipv4(V4, query())), 1],
  ['PPPoE alone', pppoe(0x0021, ipv4(V4, query())).subarray(14), 51],
  ['PPP', concat(hex('ff 03 00 21'), ipv4(V4, query())), 9],
  ['PPP with everything compressed', concat(hex('21'), ipv4(V4, query())), 9],
  ['PPP in HDLC', concat(hex('ff 03 00 21'), ipv4(V4, query())), 50],
  ['cooked v1', cooked1(0x0800, ipv4(V4, query())), 113],
  ['cooked v2', cooked2(0x0800, ipv4(V4, query())), 276],
  ['raw', ipv4(V4, query()), 101],
  ['raw of BSD', ipv4(V4, query()), 12],
  ['raw of OpenBSD', ipv4(V4, query()), 14],
  ['raw IPv4', ipv4(V4, query()), 228],
  ['BSD loopback, little end first', concat(hex('02000000'), ipv4(V4, query())), 0],
  ['BSD loopback, big end first', concat(hex('00000002'), ipv4(V4, query())), 0],
  ['OpenBSD loop', concat(hex('00000002'), ipv4(V4, query())), 108],
  ['raw IPv6', ipv6(V6, query()), 229],
  ['raw, which is IPv6', ipv6(V6, query()), 101],
  ['BSD loopback of Darwin, IPv6', concat(hex('1e000000'), ipv6(V6, query())), 0],
  ['PPPoE with IPv6', pppoe(0x0057, ipv6(V6, query())), 1],
] as const) {
  test(`reads ${what}`, () => {
    const r = decode(frame, { linkType });
    assert.equal(r.verdict, 'ok');
    assert.equal(r.payload, 'hello');
    assert.equal(r.dst, r.p.ipVersion === 4 ? V4.dst : V6.dst);
    assert.equal(r.decoder.badIpChecksums, 0);
  });
}

test('VLAN tags: none, one, two, priority tags, old QinQ, and too many', () => {
  const inside = ipv4(V4, query());
  const ids = (frame: Uint8Array) => {
    const r = decode(frame);
    return [r.verdict, r.p.vlan, r.p.innerVlan];
  };
  assert.deepEqual(ids(ethernet({}, inside)), ['ok', 0, 0]);
  assert.deepEqual(ids(ethernet({ vlans: [0xe064] }, inside)), ['ok', 100, 0]);
  assert.deepEqual(ids(ethernet({ vlans: [{ vid: 7, tpid: 0x88a8 }, 9] }, inside)), ['ok', 7, 9]);
  assert.deepEqual(ids(ethernet({ vlans: [{ vid: 7, tpid: 0x9100 }, 9, 11] }, inside)), ['ok', 7, 9]);
  assert.deepEqual(ids(ethernet({ vlans: [0, 9] }, inside)), ['ok', 9, 0]);
  assert.equal(ids(ethernet({ vlans: Array(8).fill(3) }, inside))[0], 'ok');
  assert.equal(ids(ethernet({ vlans: Array(9).fill(3) }, inside))[0], 'too_deep');
});

for (const [what, frame, verdict, shot] of [
  ['ARP', arp(), 'arp', {}],
  ['ARP in a VLAN', ethernet({ type: 0x0806, vlans: [4] }, new Uint8Array(28)), 'arp', {}],
  ['LLDP', ethernet({ type: 0x88cc }, new Uint8Array(40)), 'not_ip', {}],
  ['spanning tree', concat(hex('0180c2000000 020000000001 0026 424203'), new Uint8Array(40)), 'llc', {}],
  ['PPPoE discovery', ethernet({ type: 0x8863 }, new Uint8Array(40)), 'ppp_control', {}],
  ['LCP', pppoe(0xc021, new Uint8Array(10)), 'ppp_control', {}],
  ['PPPoE of an unknown version', ethernet({ type: 0x8864 }, new Uint8Array(40)), 'bad_header', {}],
  ['an empty frame', new Uint8Array(0), 'cut', {}],
  ['half an Ethernet header', new Uint8Array(9), 'cut', {}],
  ['a link type nobody knows', new Uint8Array(60), 'unknown_link', { linkType: 9999 }],
  ['CAN in a cooked capture', cooked1(0x000c, new Uint8Array(20)), 'not_ip', { linkType: 113 }],
  [
    'IPv4 in an IPv6 frame',
    ethernet({ type: 0x86dd }, concat(ipv4(V4, query()), new Uint8Array(20))),
    'bad_header',
    {},
  ],
  ['a header length of four words', ethernet({}, concat(hex('44'), ipv4(V4, query()).subarray(1))), 'bad_header', {}],
  ['a length below the header', ethernet({}, ipv4({ ...V4, totalLength: 19 }, query())), 'bad_header', {}],
  [
    'TCP shorter than its header',
    ethernet({}, padded(ipv4({ ...V4, proto: 6 }, new Uint8Array(19)))),
    'bad_header',
    {},
  ],
  ['a TCP data offset of 3', ethernet({}, ipv4({ ...V4, proto: 6 }, badOffset(0x30))), 'bad_header', {}],
  ['a TCP data offset past the end', ethernet({}, ipv4({ ...V4, proto: 6 }, badOffset(0xf0))), 'bad_header', {}],
  ['a UDP length of 7', ethernet({}, ipv4(V4, udp({ ...PORTS, length: 7 }))), 'bad_header', {}],
  ['IPv4 cut before its end', ethernet({}, ipv4(V4, query())), 'cut', { capLen: 30 }],
  ['UDP cut before its ports', ethernet({}, ipv4(V4, query())), 'cut', { capLen: 37 }],
] as const) {
  test(`says ${verdict} to ${what}`, () => assert.equal(decode(frame, shot).verdict, verdict));
}

function badOffset(value: number): Uint8Array {
  const segment = new Uint8Array(tcp(PORTS, new Uint8Array(4)));
  segment[12] = value;
  return segment;
}

test('what was not captured still counts by the headers', () => {
  const frame = ethernet({}, ipv4(V4, tcp({ ...PORTS, flags: 24 }, new Uint8Array(1000))));
  const snapped = decode(frame, { capLen: 54 });
  assert.equal(snapped.verdict, 'snapped');
  assert.deepEqual([snapped.p.ipBytes, snapped.p.payloadBytes, snapped.payload], [1040, 1000, '']);
  assert.deepEqual([snapped.p.srcPort, snapped.p.tcpFlags, snapped.p.wireBytes], [40000, 24, frame.length]);
  const onlyPorts = decode(frame, { capLen: 38 });
  assert.equal(onlyPorts.verdict, 'snapped');
  assert.deepEqual([onlyPorts.p.srcPort, onlyPorts.p.tcpFlags, onlyPorts.p.payloadBytes], [40000, 0, 1000]);
});

test('an IP length beyond the frame is a lie that is counted as snapped', () => {
  const r = decode(ethernet({}, ipv4({ ...V4, totalLength: 500 }, udp({ ...PORTS, length: 480 }, text('x')))));
  assert.equal(r.verdict, 'snapped');
  assert.deepEqual([r.p.ipBytes, r.payload], [500, 'x']);
});

test('an IP length of 0 is a super-packet: the frame tells', () => {
  const r = decode(ethernet({}, ipv4({ ...V4, totalLength: 0 }, tcp(PORTS, new Uint8Array(3000)))));
  assert.deepEqual([r.verdict, r.p.ipBytes, r.p.payloadBytes], ['ok', 3040, 3000]);
  const six = decode(ethernet({}, ipv6({ ...V6, payloadLength: 0 }, tcp(PORTS, new Uint8Array(3000)))));
  assert.deepEqual([six.verdict, six.p.ipBytes, six.p.payloadBytes], ['ok', 3060, 3000]);
});

test('IPv4 options are stepped over', () => {
  const r = decode(ethernet({}, ipv4({ ...V4, options: hex('94040000 01010101') }, query())));
  assert.deepEqual([r.verdict, r.payload], ['ok', 'hello']);
});

test('IPv6 extension headers are walked, bounded, and end where there is no next header', () => {
  const walk = [0, 60, 43, 51, 135, 139, 140, 60].map((type) => ({ type, body: new Uint8Array(type === 51 ? 22 : 6) }));
  const r = decode(ethernet({}, ipv6({ ...V6, extensions: walk }, query())));
  assert.deepEqual([r.verdict, r.p.proto, r.payload], ['ok', 17, 'hello']);
  const many = Array.from({ length: 17 }, () => ({ type: 60, body: new Uint8Array(6) }));
  assert.equal(decode(ethernet({}, ipv6({ ...V6, extensions: many }, query()))).verdict, 'too_deep');
  const none = decode(ethernet({}, ipv6({ ...V6, proto: 59 }, new Uint8Array(0))));
  assert.deepEqual([none.verdict, none.p.proto, none.p.srcPort], ['ok', 59, 0]);
  const beyond = ipv6({ ...V6, extensions: [{ type: 60, body: new Uint8Array(6) }] }, new Uint8Array(0));
  beyond[41] = 200;
  assert.equal(decode(ethernet({}, beyond)).verdict, 'bad_header');
});

test('an atomic fragment is a whole packet; others are fragments, of which the first has ports', () => {
  const fragment = (offset: number, more: boolean) =>
    decode(ethernet({}, ipv6({ ...V6, extensions: [{ type: 44, body: fragmentBody(99, offset, more) }] }, query())));
  assert.equal(fragment(0, false).verdict, 'ok');
  const first = fragment(0, true);
  assert.deepEqual(
    [first.verdict, first.p.srcPort, first.p.fragmentId, first.p.moreFragments],
    ['fragment', 40000, 99, true],
  );
  const later = fragment(1480, false);
  assert.deepEqual([later.verdict, later.p.srcPort, later.p.fragmentOffset], ['fragment', 0, 1480]);
  assert.equal(later.p.payloadBytes, 13);
});

test('SCTP, DCCP and UDP-Lite have ports; ESP and GRE are flows without', () => {
  const ports = hex('9c40 0035 01020304 05060708');
  for (const proto of [132, 136]) {
    const r = decode(ethernet({}, ipv4({ ...V4, proto }, concat(ports, new Uint8Array(8)))));
    assert.deepEqual([r.verdict, r.p.srcPort, r.p.dstPort], ['ok', 40000, 53]);
  }
  const dccp = decode(ethernet({}, ipv4({ ...V4, proto: 33 }, concat(hex('9c40 0035 04000000'), new Uint8Array(12)))));
  assert.deepEqual([dccp.verdict, dccp.p.srcPort, dccp.p.payloadBytes], ['ok', 40000, 4]);
  for (const proto of [47, 50, 89]) {
    const r = decode(ethernet({}, ipv4({ ...V4, proto }, ports)));
    assert.deepEqual([r.verdict, r.p.srcPort, r.p.dstPort, r.p.payloadBytes], ['ok', 0, 0, 12]);
  }
});

test('ICMP carries type and counterpart, so that a reply is its request turned round', () => {
  const ports = (frame: Uint8Array) => {
    const { p } = decode(frame);
    return [p.srcPort, p.dstPort, p.icmpType, p.icmpCode];
  };
  assert.deepEqual(ports(ethernet({}, ipv4(V4, icmp({ type: 8 })))), [8, 0, 8, 0]);
  assert.deepEqual(ports(ethernet({}, ipv4(V4, icmp({ type: 0 })))), [0, 8, 0, 0]);
  assert.deepEqual(ports(ethernet({}, ipv4(V4, icmp({ type: 3, code: 13 })))), [3, 13, 3, 13]);
  assert.deepEqual(ports(ethernet({}, ipv6(V6, icmp6({ type: 135 })))), [135, 136, 135, 0]);
  assert.deepEqual(ports(ethernet({}, ipv6(V6, icmp6({ type: 129 })))), [129, 128, 129, 0]);
});

test('a wrong checksum is counted and refuses nothing', () => {
  const bad = decode(ethernet({}, ipv4({ ...V4, badChecksum: true }, query())));
  assert.deepEqual([bad.verdict, bad.decoder.badIpChecksums], ['ok', 1]);
  let right = 0;
  let wrong = 0;
  let checked = 0;
  for (let i = 0; i < 2000; i++) {
    const payload = text(`packet ${i}`);
    const ends = { sport: 1000 + i, dport: 53 };
    for (const make of [tcp, udp]) {
      const good = decode(ethernet({}, i % 2 ? ipv4(V4, make(ends, payload)) : ipv6(V6, make(ends, payload))));
      right += good.decoder.badTransportChecksums;
      const broken = decode(ethernet({}, ipv4(V4, make({ ...ends, badChecksum: true }, payload))));
      assert.equal(broken.verdict, 'ok');
      wrong += broken.decoder.badTransportChecksums;
      checked += broken.decoder.transportChecked;
    }
  }
  assert.equal(right, 0);
  assert.equal(wrong, checked);
  assert.ok(checked > 60, `only ${checked} of 4,000 were drawn`);
});
