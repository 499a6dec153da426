import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FrameBatch } from '../../src/capture/source.js';
import { Decoder } from '../../src/decode/decoder.js';
import { Packet } from '../../src/decode/packet.js';
import { IS_V4, P_MARKS, PACKET_WORDS, Packets } from '../../src/decode/packets.js';
import { isInFlow } from '../../src/decode/verdict.js';
import { concat, ethernet, ipv4, tcp, udp } from '../support/frames.js';
import { Prng } from '../support/prng.js';

const FRAMES = 200_000;

/** Frames near what the short way takes: whole, cut, padded, and with any byte of their headers spoilt. */
function frame(random: Prng): Uint8Array {
  const payload = random.bytes(random.below(60));
  const ends = { sport: random.below(65536), dport: random.pick([53, 80, 443, random.below(65536)]) };
  const options = new Uint8Array(4 * random.pick([0, 0, 3]));
  const flags = random.below(256);
  const inner = random.chance(0.5)
    ? tcp(
        { ...ends, flags, seq: random.u32(), ack: random.u32(), window: random.pick([0, 1, 65535]), options },
        payload,
      )
    : udp({ ...ends, ...(random.chance(0.3) ? { length: random.below(80) } : {}) }, payload);
  const badChecksum = random.chance(0.1);
  const ip = ipv4({ src: `10.0.0.${random.below(9)}`, dst: `192.0.2.${random.below(9)}`, badChecksum }, inner);
  const vlans = random.pick([[], [], [0], [7], [4095], [7, 8]]);
  const bytes = concat(ethernet({ vlans }, ip), random.bytes(random.pick([0, 0, 6])));
  // A checksum of which the lowest bits are 0 is drawn to be verified.
  if (random.chance(0.2)) bytes[bytes.length - payload.length - 1]! &= 0xe0;
  for (let n = random.pick([0, 0, 0, 1, 2]); n > 0; n--) bytes[random.below(bytes.length)] = random.below(256);
  return random.chance(0.3) ? bytes.slice(0, random.below(bytes.length + 1)) : bytes;
}

/** A batch of one frame. */
function batchOf(view: DataView, start: number, capLen: number, linkType: number, timeUs: number): FrameBatch {
  return {
    count: 1,
    arena: new Uint8Array(view.buffer as ArrayBuffer, view.byteOffset),
    view,
    start: Uint32Array.of(start),
    capLen: Uint32Array.of(capLen),
    wireLen: Uint32Array.of(capLen),
    timeUs: Float64Array.of(timeUs),
    linkType: Uint16Array.of(linkType),
  };
}

/** What the flow table may look at of one packet. */
function told(packets: Packets): number[] {
  const words = [...packets.words.subarray(0, PACKET_WORDS - 1)];
  if ((words[P_MARKS]! & IS_V4) !== 0) for (const n of [0, 1, 2, 4, 5, 6]) words[n] = 0;
  return [...words, packets.timeUs[0]!];
}

test('the short way says of a frame what the long way says, or leaves it alone', () => {
  const random = new Prng(7);
  const short = new Decoder((port) => port === 53);
  const long = new Decoder();
  const p = new Packet();
  let taken = 0;
  for (let n = 0; n < FRAMES; n++) {
    const bytes = frame(random);
    const before = random.below(40);
    const view = new DataView(concat(new Uint8Array(before), bytes, random.bytes(random.below(4))).buffer);
    const wireLen = bytes.length + random.pick([0, 0, 100]);
    const got = new Packets();
    p.timeUs = 1.7e15 + n;
    const isTaken = short.decodeShort(batchOf(view, before, bytes.length, 1, p.timeUs), 0, 1, got) === 1;
    assert.equal(got.count, isTaken ? 1 : 0);
    if (!isTaken) continue;
    taken++;
    const verdict = long.decode(view, before, bytes.length, wireLen, 1, p);
    assert.ok(isInFlow(verdict) && p.srcPort !== 53 && p.dstPort !== 53);
    const want = new Packets();
    want.put(p);
    assert.deepEqual(told(got), told(want), `frame ${n}`);
  }
  assert.deepEqual([...short.verdicts], [...long.verdicts]);
  assert.deepEqual(short.tally, long.tally);
  assert.ok(taken > FRAMES / 4 && taken < FRAMES * 0.9, `${taken} taken`);
  const { bad_ip_checksums, bad_transport_checksums, transport_checksums_checked } = short.tally;
  assert.ok(bad_ip_checksums! > 1000 && bad_transport_checksums! > 100, JSON.stringify(short.tally));
  assert.ok(transport_checksums_checked! > bad_transport_checksums! + 1000, JSON.stringify(short.tally));
  assert.ok(short.verdicts[1]! > 1000, 'frames that were cut behind the ports');
});

test('other links, fragments and ports that somebody reads are left to the long way', () => {
  const decoder = new Decoder((port) => port === 53);
  const out = new Packets();
  const takes = (bytes: Uint8Array, linkType = 1) => {
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    return decoder.decodeShort(batchOf(view, 0, bytes.length, linkType, 0), 0, 1, out) === 1;
  };
  const v4 = { src: '10.0.0.1', dst: '10.0.0.2' };
  const plain = () => udp({ sport: 1000, dport: 2000 }, new Uint8Array(8));
  assert.ok(takes(ethernet({}, ipv4(v4, plain()))));
  assert.ok(!takes(ethernet({}, ipv4(v4, plain())), 113));
  assert.ok(!takes(ethernet({}, ipv4({ ...v4, moreFragments: true }, plain()))));
  assert.ok(!takes(ethernet({}, ipv4({ ...v4, offset: 8 }, plain()))));
  assert.ok(!takes(ethernet({}, ipv4(v4, udp({ sport: 53, dport: 2000 }, new Uint8Array(8))))));
  assert.ok(!takes(ethernet({}, ipv4(v4, udp({ sport: 2000, dport: 53 }, new Uint8Array(8))))));
  assert.equal(out.count, 1);
});
