import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { seeded } from '../../src/capture/faults.js';
import type { Frame } from '../../src/capture/memory.js';
import type { FrameSource } from '../../src/capture/source.js';

/** A folder of this test file's own, removed when it is done. */
export function scratch(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), `tapspot-capture-${name}-`));
  after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export interface Row {
  bytes: string;
  wireLen: number;
  timeUs: number;
  linkType: number;
}

/** Everything a source gives, as plain rows. A source that never ends fails the test. */
export async function collect(source: FrameSource): Promise<Row[]> {
  const rows: Row[] = [];
  for (let idle = 0; idle < 1000; ) {
    const got = source.read();
    if (got === 'end') return rows;
    if (got === 'idle') {
      idle++;
      await source.ready(5000);
      continue;
    }
    const { arena, start, capLen, wireLen, timeUs, linkType, count } = source.batch;
    for (let i = 0; i < count; i++) {
      const bytes = Buffer.from(arena.subarray(start[i]!, start[i]! + capLen[i]!)).toString('hex');
      rows.push({ bytes, wireLen: wireLen[i]!, timeUs: timeUs[i]!, linkType: linkType[i]! });
    }
  }
  throw new Error(`${source.name} was idle a thousand times`);
}

export interface Tally {
  frames: number;
  capBytes: number;
  wireBytes: number;
  firstUs: number;
  lastUs: number;
  /** Sum of a hash of each frame: equal for the same frames in any order. */
  digest: number;
}

export function newTally(): Tally {
  return { frames: 0, capBytes: 0, wireBytes: 0, firstUs: Number.POSITIVE_INFINITY, lastUs: 0, digest: 0 };
}

export function tallyBatch(t: Tally, source: FrameSource): void {
  const { arena, start, capLen, wireLen, timeUs, count } = source.batch;
  for (let i = 0; i < count; i++) {
    let hash = 0x811c9dc5; // FNV-1a
    for (let at = start[i]!; at < start[i]! + capLen[i]!; at++) hash = Math.imul(hash ^ arena[at]!, 0x01000193);
    t.digest = (t.digest + hash) >>> 0;
    t.frames++;
    t.capBytes += capLen[i]!;
    t.wireBytes += wireLen[i]!;
    t.firstUs = Math.min(t.firstUs, timeUs[i]!);
    t.lastUs = Math.max(t.lastUs, timeUs[i]!);
  }
}

export async function tally(source: FrameSource): Promise<Tally> {
  const t = newTally();
  for (;;) {
    const got = source.read();
    if (got === 'end') return t;
    if (got === 'idle') await source.ready(5000);
    else tallyBatch(t, source);
  }
}

/** An Ethernet frame with an IPv4 UDP packet whose addresses and ports are numbers; `tag` puts a VLAN tag in. */
export function udp4(src: number, dst: number, srcPort: number, dstPort: number, payload: number, tag = 0): Uint8Array {
  const l2 = tag === 0 ? 14 : 18;
  const bytes = new Uint8Array(l2 + 28 + payload);
  const view = new DataView(bytes.buffer);
  bytes.set([2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1]);
  if (tag !== 0) view.setUint32(12, 0x8100_0000 + tag);
  view.setUint16(l2 - 2, 0x0800);
  view.setUint16(l2, 0x4500);
  view.setUint16(l2 + 2, 28 + payload);
  view.setUint16(l2 + 8, 0x4011);
  view.setUint32(l2 + 12, src);
  view.setUint32(l2 + 16, dst);
  let sum = 0;
  for (let at = l2; at < l2 + 20; at += 2) sum += view.getUint16(at);
  view.setUint16(l2 + 10, ~((sum & 0xffff) + (sum >>> 16)) & 0xffff);
  view.setUint16(l2 + 20, srcPort);
  view.setUint16(l2 + 22, dstPort);
  view.setUint16(l2 + 24, 8 + payload);
  bytes.fill(0x5a, l2 + 28);
  return bytes;
}

/** Frames of all lengths, some snapped, at times that a double, a microsecond and a nanosecond file all hold. */
export function someFrames(count: number, seed: number): Frame[] {
  const random = seeded(seed);
  const frames: Frame[] = [];
  let timeUs = 1_700_000_000_000_000;
  for (let i = 0; i < count; i++) {
    const payload = Math.floor(random() ** 3 * 1472);
    const bytes = udp4(0x0a000000 + Math.floor(random() * 50), 0x0a000100, 1024 + (i % 99), 53, payload);
    const snapped = random() < 0.1 ? bytes.subarray(0, Math.floor(random() * bytes.length)) : bytes;
    timeUs += Math.floor(random() * 2000);
    frames.push({ bytes: snapped, wireLen: bytes.length, timeUs });
  }
  return frames;
}
