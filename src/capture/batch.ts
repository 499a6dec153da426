import type { FrameBatch } from './source.js';

/** Rows of a batch. At 100-byte frames a full batch is under 1 MiB, so arena and columns stay in the cache. */
export const BATCH_ROWS = 8192;

/** The longest frame a capture file may hold (libpcap's MAXIMUM_SNAPLEN). */
export const FRAME_BYTES_MAX = 262_144;

/** An empty batch with room for `rows` frames and `arenaBytes` of their bytes. */
export function newBatch(rows: number, arenaBytes: number): FrameBatch {
  const arena = new Uint8Array(arenaBytes);
  return {
    count: 0,
    arena,
    view: new DataView(arena.buffer),
    start: new Uint32Array(rows),
    capLen: new Uint32Array(rows),
    wireLen: new Uint32Array(rows),
    timeUs: new Float64Array(rows),
    linkType: new Uint16Array(rows),
  };
}

/** Bytes that newBatch() takes, for a memory budget. */
export function batchBytes(rows: number, arenaBytes: number): number {
  return arenaBytes + rows * (3 * 4 + 8 + 2);
}

/** Keeps the rows marked with a value other than 0, in their order; the frames themselves stay where they lie. */
export function keepRows(batch: FrameBatch, keep: Uint8Array): void {
  const { start, capLen, wireLen, timeUs, linkType, count } = batch;
  let to = 0;
  for (let i = 0; i < count; i++) {
    if (keep[i] === 0) continue;
    start[to] = start[i]!;
    capLen[to] = capLen[i]!;
    wireLen[to] = wireLen[i]!;
    timeUs[to] = timeUs[i]!;
    linkType[to] = linkType[i]!;
    to++;
  }
  batch.count = to;
}

/** Sum of the bytes on the wire. */
export function wireBytesOf(batch: FrameBatch): number {
  const { wireLen, count } = batch;
  let sum = 0;
  for (let i = 0; i < count; i++) sum += wireLen[i]!;
  return sum;
}
