import { join } from 'node:path';
import { HEAD_BYTES, Kind, MAX_RECORD, RECORD_BYTES, recordAt, type Scan, scanSegment } from './format.js';
import type { SpoolFs } from './fs.js';
import { readSegment, Segment, segmentName, segmentNumbers } from './segment.js';

/** A spool never writes longer segments; what lies behind that is not read. */
const MAX_SEGMENT = 2 * MAX_RECORD;
/** Kept for a human in bad/, at most; more is only counted. */
const MAX_BAD_FILES = 64;
const MAX_BAD_BYTES = 2 ** 20;

export interface Recovered {
  /** 0 when no segment told it. */
  epoch: number;
  /** The next sequence: above everything that was ever readable, and above what seems to have been. */
  next: number;
  acknowledged: number;
  segments: Segment[];
  /** Number for the next segment. */
  nextNumber: number;
  /** Stretches that should have been records; those at the end of a file are writes that were cut off. */
  corrupt: number;
  torn: number;
  /** Segments of another epoch: somebody mixed two spools. They are not looked into. */
  foreign: number;
}

/** Reads everything in `dir` and believes only what its checksums say. Changes nothing but bad/. */
export async function recover(fs: SpoolFs, dir: string, keepBad: boolean): Promise<Recovered> {
  const out: Recovered = {
    epoch: 0,
    next: 1,
    acknowledged: 0,
    segments: [],
    nextNumber: 1,
    corrupt: 0,
    torn: 0,
    foreign: 0,
  };
  let last = 0;
  for (const number of await segmentNumbers(fs, dir)) {
    const bytes = await readSegment(fs, dir, number, MAX_SEGMENT);
    const scan = scanSegment(bytes);
    const segment = new Segment(number);
    segment.bytes = bytes.length;
    out.segments.push(segment);
    out.nextNumber = number + 1;
    await noteJunk(fs, dir, segment, bytes, scan, out, keepBad);
    if (scan.head !== null && out.epoch === 0) out.epoch = scan.head.epoch;
    if (scan.head !== null && scan.head.epoch !== out.epoch) {
      out.foreign++;
      continue;
    }
    // A head that was cut off: the crash came before anything could follow it.
    if (bytes.length < HEAD_BYTES) continue;
    out.next = Math.max(out.next, scan.head?.first ?? 0);
    for (const record of scan.records) {
      if (record.kind === Kind.acknowledged) {
        out.acknowledged = Math.max(out.acknowledged, record.sequence);
        continue;
      }
      // A sequence is written twice only where the disk failed the first time; the contents are the same.
      if (record.sequence <= last) continue;
      last = record.sequence;
      segment.add(record.sequence, record.start, record.end, record.atMs);
    }
    out.next = Math.max(out.next, last + 1);
    const tail = scan.junk.at(-1);
    if (tail !== undefined && tail.end === bytes.length) {
      // What was damaged at the end may have been sent: its sequences are not for another body. What it claims is
      // believed as far as so many records could have been there.
      const most = last + Math.ceil((tail.end - tail.start) / RECORD_BYTES);
      out.next = Math.max(out.next, last + Math.max(1, scan.tailRecords) + 1);
      if (scan.tailSequence <= most) out.next = Math.max(out.next, scan.tailSequence + 1);
    }
  }
  for (const segment of out.segments) segment.acknowledge(out.acknowledged);
  out.next = Math.max(out.next, out.acknowledged + 1);
  return out;
}

async function noteJunk(
  fs: SpoolFs,
  dir: string,
  segment: Segment,
  bytes: Buffer,
  scan: Scan,
  out: Recovered,
  keep: boolean,
): Promise<void> {
  for (const { start, end } of scan.junk) {
    if (end === bytes.length) out.torn++;
    else out.corrupt++;
    if (keep) await keepAside(fs, dir, `${segmentName(segment.number)}-${start}`, bytes.subarray(start, end));
  }
}

/** Keeps damaged bytes for a human: best effort, bounded, once. */
export async function keepAside(fs: SpoolFs, dir: string, name: string, bytes: Uint8Array): Promise<void> {
  try {
    const bad = join(dir, 'bad');
    if ((await fs.readdir(bad)).length >= MAX_BAD_FILES) return;
    const file = await fs.open(join(bad, name), 'create');
    try {
      await file.write(bytes.subarray(0, MAX_BAD_BYTES), 0);
    } finally {
      await file.close();
    }
  } catch {
    // Already there, or no room for what cannot be used anyway.
  }
}

/** One body from the disk; null when its checksum is wrong, and it is kept aside. Rejects with the disk's error. */
export async function readBody(
  fs: SpoolFs,
  dir: string,
  number: number,
  place: { sequence: number; start: number; end: number },
): Promise<Uint8Array | null> {
  const bytes = Buffer.allocUnsafe(place.end - place.start);
  const file = await fs.open(join(dir, segmentName(number)), 'read');
  try {
    for (let at = 0; at < bytes.length; ) {
      const n = await file.read(bytes.subarray(at), place.start + at);
      if (n === 0) break;
      at += n;
    }
  } finally {
    await file.close();
  }
  const record = recordAt(bytes, 0);
  if (record?.sequence === place.sequence && record.end === bytes.length) return bytes.subarray(RECORD_BYTES);
  await keepAside(fs, dir, `${segmentName(number)}-${place.start}`, bytes);
  return null;
}
