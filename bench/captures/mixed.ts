import { openCapture } from '../../src/capture/file.js';
import { LinkType } from '../../src/capture/linktype.js';
import type { PcapWriter } from '../../src/capture/write.js';
import { hash2 } from './random.js';

/** Copies begin this much after one another, so that they are mixed and not in step. */
const SHIFT_US = 370_021;
const START_US = Date.UTC(2026, 0, 15, 12) * 1000;

interface Frames {
  bytes: Uint8Array[];
  wireLen: number[];
  timeUs: number[];
}

/**
 * Real traffic, made larger: the samples of this repository, `copies` times, each copy with other hosts. Addresses of
 * private networks stay private. Checksums follow (RFC 1624), so a wrong one is as wrong as it was.
 */
export async function mixed(writer: PcapWriter, samples: readonly string[], copies: number, seed: number) {
  const from = await readAll(samples);
  const at = new Uint32Array(copies);
  const n = from.bytes.length;
  const scratch = new Uint8Array(65_600);
  const view = new DataView(scratch.buffer);
  // Each copy is in order, so the next frame is the earliest of their heads: a heap of copies by that time.
  const timeOf = (copy: number) => from.timeUs[at[copy]!]! + copy * SHIFT_US;
  const heap = Array.from({ length: copies }, (_, copy) => copy);
  while (heap.length > 0) {
    const copy = heap[0]!;
    const bytes = from.bytes[at[copy]!]!;
    scratch.set(bytes);
    move(view, bytes.length, copy, seed);
    writer.add(scratch, 0, bytes.length, from.wireLen[at[copy]!]!, START_US + timeOf(copy));
    at[copy]!++;
    if (at[copy] === n) {
      heap[0] = heap.at(-1)!;
      heap.pop();
    }
    sink(heap, timeOf);
  }
}

function sink(heap: number[], timeOf: (copy: number) => number): void {
  for (let i = 0; ; ) {
    let least = i;
    for (const child of [2 * i + 1, 2 * i + 2]) {
      if (child < heap.length && timeOf(heap[child]!) < timeOf(heap[least]!)) least = child;
    }
    if (least === i) return;
    [heap[i], heap[least]] = [heap[least]!, heap[i]!];
    i = least;
  }
}

/** The Ethernet frames of the samples, one sample after the other, times from zero and never back. */
async function readAll(samples: readonly string[]): Promise<Frames> {
  const out: Frames = { bytes: [], wireLen: [], timeUs: [] };
  let began = 0;
  for (const path of samples) {
    const source = openCapture(path);
    let first = Number.NaN;
    let last = began;
    for (;;) {
      const got = source.read();
      if (got === 'end') break;
      if (got === 'idle') await source.ready(1000);
      const { arena, start, capLen, wireLen, timeUs, linkType, count } = source.batch;
      for (let i = 0; i < count; i++) {
        if (linkType[i] !== LinkType.ethernet) continue;
        if (Number.isNaN(first)) first = timeUs[i]!;
        last = Math.max(last, began + timeUs[i]! - first);
        out.bytes.push(arena.slice(start[i]!, start[i]! + capLen[i]!));
        out.wireLen.push(wireLen[i]!);
        out.timeUs.push(last);
      }
    }
    source.close();
    began = last + 1000;
  }
  return out;
}

/** Gives the hosts of a frame the addresses of their copy. Copy 0 keeps them. */
function move(v: DataView, length: number, copy: number, seed: number): void {
  if (copy === 0 || length < 34) return;
  let at = 12;
  while (at + 4 < length && v.getUint16(at) === 0x8100) at += 4;
  const type = v.getUint16(at);
  at += 2;
  if (type === 0x0806 && at + 28 <= length) {
    v.setUint32(at + 14, movedV4(v.getUint32(at + 14), copy, seed));
    v.setUint32(at + 24, movedV4(v.getUint32(at + 24), copy, seed));
  } else if (type === 0x0800 && at + 20 <= length) {
    const header = (v.getUint8(at) & 15) * 4;
    const isLater = (v.getUint16(at + 6) & 0x1fff) !== 0;
    const sum = isLater ? -1 : checksumAt(v, at + header, length, v.getUint8(at + 9));
    for (const field of [at + 12, at + 16]) replace(v, field, movedV4(v.getUint32(field), copy, seed), [at + 10, sum]);
  } else if (type === 0x86dd && at + 40 <= length) {
    const sum = checksumAt(v, at + 40, length, v.getUint8(at + 6));
    // The last word but one: multicast and link-local prefixes stay what they are.
    for (const field of [at + 16, at + 32]) {
      if (v.getUint8(field - 8) !== 0xff) replace(v, field, (v.getUint32(field) ^ hash2(copy, seed)) >>> 0, [sum]);
    }
  }
}

function movedV4(address: number, copy: number, seed: number): number {
  const top = address >>> 24;
  if (top === 0 || top === 127 || top >= 224 || address === 0xffffffff) return address;
  const mask =
    top === 10 ? 0x00ffff00 : address >>> 20 === 0xac1 ? 0x000fff00 : address >>> 16 === 0xc0a8 ? 0xff00 : 0xffff00;
  // Within a copy one network stays one network.
  return (address ^ (hash2(copy, seed) & mask)) >>> 0;
}

/** Where the transport's checksum lies in full; -1 when there is none, or none was sent. */
function checksumAt(v: DataView, at: number, length: number, proto: number): number {
  const offset = proto === 6 ? at + 16 : proto === 17 ? at + 6 : proto === 58 ? at + 2 : -1;
  if (offset < 0 || offset + 2 > length) return -1;
  return proto === 17 && v.getUint16(offset) === 0 ? -1 : offset;
}

/** Writes a word and carries the difference into the checksums over it (RFC 1624, equation 3). */
function replace(v: DataView, at: number, word: number, sums: readonly number[]): void {
  const old = v.getUint32(at);
  v.setUint32(at, word);
  for (const sum of sums) {
    if (sum < 0) continue;
    let s = (~v.getUint16(sum) & 0xffff) + (~old & 0xffff) + (~(old >>> 16) & 0xffff) + (word & 0xffff) + (word >>> 16);
    while (s > 0xffff) s = (s & 0xffff) + (s >>> 16);
    v.setUint16(sum, ~s & 0xffff);
  }
}
