import { crc32 } from 'node:zlib';

/**
 * A segment file, little-endian:
 *
 *   segment head   "TAPSPOOL"  version u32  crc u32  epoch f64  first f64      32 bytes, crc of what follows it
 *   record         "TSPR"  kind u32  length u32  crc u32  sequence f64  at f64  32 bytes, crc of the rest of head and body
 *                  body
 *   record ...
 *
 * `first` is the lowest sequence that may follow: with it, an empty file remembers where counting has to go on. A
 * reader believes neither the name nor the size of a file, only checksums; after bytes that make no record it looks
 * for the next one that does.
 */
export const HEAD_BYTES = 32;
export const RECORD_BYTES = 32;
export const MAX_RECORD = 16 * 2 ** 20;

const MAGIC = 0x52505354; // "TSPR"
const SEGMENT_MAGIC = Buffer.from('TAPSPOOL');
const SEGMENT_VERSION = 1;

/** A record holds a body, or says that all up to its sequence was acknowledged. */
export const Kind = { body: 1, acknowledged: 2 } as const;
export type Kind = (typeof Kind)[keyof typeof Kind];

export interface SegmentHead {
  epoch: number;
  first: number;
}

export function segmentHead({ epoch, first }: SegmentHead): Buffer {
  const b = Buffer.alloc(HEAD_BYTES);
  SEGMENT_MAGIC.copy(b);
  b.writeUInt32LE(SEGMENT_VERSION, 8);
  b.writeDoubleLE(epoch, 16);
  b.writeDoubleLE(first, 24);
  b.writeUInt32LE(crc32(b.subarray(16)), 12);
  return b;
}

/** null where the bytes are no head. */
export function parseSegmentHead(b: Buffer): SegmentHead | null {
  if (b.length < HEAD_BYTES || SEGMENT_MAGIC.compare(b, 0, 8) !== 0) return null;
  if (b.readUInt32LE(8) !== SEGMENT_VERSION || b.readUInt32LE(12) !== crc32(b.subarray(16, HEAD_BYTES))) return null;
  return { epoch: b.readDoubleLE(16), first: b.readDoubleLE(24) };
}

/** Writes a record at `at` of `into`, which has room; gives where it ends. */
export function putRecord(into: Buffer, at: number, kind: Kind, sequence: number, atMs: number, body: Uint8Array) {
  into.writeUInt32LE(MAGIC, at);
  into.writeUInt32LE(kind, at + 4);
  into.writeUInt32LE(body.length, at + 8);
  into.writeDoubleLE(sequence, at + 16);
  into.writeDoubleLE(atMs, at + 24);
  into.set(body, at + RECORD_BYTES);
  const end = at + RECORD_BYTES + body.length;
  into.writeUInt32LE(checksum(into, at, end), at + 12);
  return end;
}

export interface FoundRecord {
  kind: Kind;
  sequence: number;
  atMs: number;
  /** Where the record begins, and where its body ends. */
  start: number;
  end: number;
}

/** The record at `at`; null where there is none whose checksum is right. */
export function recordAt(b: Buffer, at: number): FoundRecord | null {
  if (at + RECORD_BYTES > b.length || b.readUInt32LE(at) !== MAGIC) return null;
  const kind = b.readUInt32LE(at + 4);
  const length = b.readUInt32LE(at + 8);
  const end = at + RECORD_BYTES + length;
  if (length > MAX_RECORD || end > b.length || (kind !== Kind.body && kind !== Kind.acknowledged)) return null;
  if (checksum(b, at, end) !== b.readUInt32LE(at + 12)) return null;
  return { kind, sequence: b.readDoubleLE(at + 16), atMs: b.readDoubleLE(at + 24), start: at, end };
}

export interface Scan {
  head: SegmentHead | null;
  records: FoundRecord[];
  /** Stretches that make no record, `start` to `end`; one that reaches the end of the file is most likely a torn write. */
  junk: { start: number; end: number }[];
  /** Records that seem to begin in junk at the end of the file, and the highest sequence they claim. */
  tailRecords: number;
  tailSequence: number;
}

/** Reads a whole segment. */
export function scanSegment(b: Buffer): Scan {
  const head = parseSegmentHead(b);
  const scan: Scan = { head, records: [], junk: [], tailRecords: 0, tailSequence: 0 };
  let at = head === null ? 0 : HEAD_BYTES;
  while (at < b.length) {
    const record = recordAt(b, at);
    if (record !== null) {
      scan.records.push(record);
      at = record.end;
      continue;
    }
    const start = at;
    scan.tailRecords = scan.tailSequence = 0;
    do {
      if (at + RECORD_BYTES <= b.length && b.readUInt32LE(at) === MAGIC) {
        scan.tailRecords++;
        scan.tailSequence = Math.max(scan.tailSequence, b.readDoubleLE(at + 16) || 0);
      }
      at = nextMagic(b, at + 1);
    } while (at < b.length && recordAt(b, at) === null);
    scan.junk.push({ start, end: at });
    if (at < b.length) scan.tailRecords = scan.tailSequence = 0;
  }
  return scan;
}

function nextMagic(b: Buffer, from: number): number {
  const found = b.indexOf('TSPR', from, 'latin1');
  return found < 0 ? b.length : found;
}

function checksum(b: Buffer, start: number, end: number): number {
  return crc32(b.subarray(start + 16, end), crc32(b.subarray(start + 4, start + 12)));
}
