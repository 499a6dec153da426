import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { seeded } from '../../src/capture/faults.js';
import { openCapture } from '../../src/capture/file.js';
import { LinkType } from '../../src/capture/linktype.js';
import { shardOf } from '../../src/capture/shard.js';
import { PcapWriter } from '../../src/capture/write.js';
import { scratch, tally, udp4 } from './support.js';

const SHARDS = 5;
const random = seeded(21);

function ip4(src: Uint8Array, dst: Uint8Array): Uint8Array {
  const p = new Uint8Array(28);
  p[0] = 0x45;
  p.set(src, 12);
  p.set(dst, 16);
  return p;
}

function ip6(src: Uint8Array, dst: Uint8Array): Uint8Array {
  const p = new Uint8Array(48);
  p[0] = 0x60;
  p.set(src, 8);
  p.set(dst, 24);
  return p;
}

/** A link-layer header for an IP packet of the given ether type, by link type and tags. */
const HEADERS: [string, number, (type: number) => number[]][] = [
  ['ethernet', LinkType.ethernet, (t) => [...Array(12).fill(2), t >> 8, t & 255]],
  ['a VLAN', LinkType.ethernet, (t) => [...Array(12).fill(2), 0x81, 0, 0, 7, t >> 8, t & 255]],
  ['QinQ', LinkType.ethernet, (t) => [...Array(12).fill(2), 0x88, 0xa8, 0, 7, 0x81, 0, 0, 9, t >> 8, t & 255]],
  ['cooked', LinkType.linuxSll, (t) => [...Array(14).fill(0), t >> 8, t & 255]],
  ['cooked 2', LinkType.linuxSll2, (t) => [t >> 8, t & 255, ...Array(18).fill(0)]],
  ['raw', LinkType.raw, () => []],
  ['null', LinkType.null, () => [2, 0, 0, 0]],
  ['loop', LinkType.loop, () => [0, 0, 0, 2]],
];

function shard(linkType: number, header: number[], packet: Uint8Array): number {
  const frame = Uint8Array.from([0xee, ...header, ...packet]);
  return shardOf(new DataView(frame.buffer), 1, frame.length - 1, linkType, SHARDS);
}

test('both directions of an address pair meet in one shard, whatever lies below', () => {
  const used = new Map<string, Set<number>>();
  for (let n = 0; n < 2000; n++) {
    const bytes = (length: number) => Uint8Array.from({ length }, () => Math.floor(random() * 256));
    const [a4, b4, a6, b6] = [bytes(4), bytes(4), bytes(16), bytes(16)];
    for (const [what, type, there, back] of [
      ['4', 0x0800, ip4(a4, b4), ip4(b4, a4)],
      ['6', 0x86dd, ip6(a6, b6), ip6(b6, a6)],
    ] as const) {
      const found = new Set<number>();
      for (const [name, linkType, header] of HEADERS) {
        const one = shard(linkType, header(type), there);
        assert.equal(shard(linkType, header(type), back), one, `${name} IPv${what}`);
        found.add(one);
      }
      assert.equal(found.size, 1, 'the same pair goes to the same shard over every link type');
      used.set(what, (used.get(what) ?? new Set()).add([...found][0]!));
    }
  }
  assert.equal(used.get('4')!.size, SHARDS);
  assert.equal(used.get('6')!.size, SHARDS);
});

test('what is not IP, or too short to tell, goes to shard 0 and nothing is read past the frame', () => {
  const arp = [...Array(12).fill(2), 0x08, 0x06];
  assert.equal(shard(LinkType.ethernet, arp, new Uint8Array(28).fill(9)), 0);
  assert.equal(shard(147, [], ip4(Uint8Array.of(1, 2, 3, 4), Uint8Array.of(5, 6, 7, 8))), 0);
  for (const [, linkType, header] of HEADERS) {
    for (const [type, packet] of [
      [0x0800, ip4(Uint8Array.of(1, 2, 3, 4), Uint8Array.of(9, 6, 7, 8))],
      [0x86dd, ip6(new Uint8Array(16).fill(3), new Uint8Array(16))],
    ] as const) {
      const frame = Uint8Array.from([...header(type), ...packet.subarray(0, packet.length - 8)]);
      for (let length = 0; length < frame.length; length++) {
        // A view of exactly this length throws when anything past it is read.
        assert.equal(shardOf(new DataView(frame.buffer, 0, length), 0, length, linkType, SHARDS), 0);
      }
    }
  }
});

test('over all shards a file is read once, and evenly', async () => {
  const path = join(scratch('shard'), 'x.pcap');
  const writer = new PcapWriter(path);
  for (let n = 0; n < 30_000; n++) {
    const frame = udp4(0x0a000000 + Math.floor(random() * 5000), 0x0a010000 + (n % 500), 1, 2, 20 + (n % 100));
    writer.add(frame, 0, frame.length, frame.length, n);
  }
  writer.close();
  const whole = await tally(openCapture(path));
  let frames = 0;
  let digest = 0;
  for (let s = 0; s < 4; s++) {
    const source = openCapture(path, { shard: s, shards: 4 });
    const part = await tally(source);
    const stats = source.stats();
    assert.equal(stats.frames, part.frames);
    assert.equal(stats.frames + stats.otherShard, 30_000);
    assert.ok(part.frames > 6000 && part.frames < 9000, `${part.frames} in shard ${s}`);
    frames += part.frames;
    digest = (digest + part.digest) >>> 0;
    source.close();
  }
  assert.equal(frames, whole.frames);
  assert.equal(digest, whole.digest);
});

test('a shard to which nothing belongs still ends', async () => {
  const path = join(scratch('shard-empty'), 'x.pcap');
  const writer = new PcapWriter(path);
  const frame = udp4(1, 2, 3, 4, 1400);
  for (let n = 0; n < 12_000; n++) writer.add(frame, 0, frame.length, frame.length, n);
  writer.close();
  const counts: number[] = [];
  for (let s = 0; s < 3; s++) {
    const source = openCapture(path, { shard: s, shards: 3 });
    counts.push((await tally(source)).frames);
    source.close();
  }
  assert.deepEqual(counts.sort(), [0, 0, 12_000]);
});
