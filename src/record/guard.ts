import { RecordFault } from './fault.js';
import { MAX_ELEMENTS, MAX_ENTRIES, MAX_TABLE_ENTRIES } from './limits.js';

/** Field numbers of Batch (proto/tapspot.proto) that hold many of something. */
const LEDGER = 9;
const ADDRESSES = 10;
const STRINGS = 11;
const FLOWS = 12;
const DNS = 13;
const WORDS = 14;
const FINDINGS = 15;

const VARINT = 0;
const FIXED64 = 1;
const BYTES = 2;
const FIXED32 = 5;

/**
 * Counts what a decoder would build from the bytes of a Batch, before it builds anything. A zero in a packed column is
 * one byte on the wire and eight in memory, an empty message two and a hundred, so that a bound on the bytes alone
 * would let 64 MiB become gigabytes. Throws RecordFault 'oversize', or 'malformed' where the bytes make no fields.
 */
export function guardBatch(bytes: Uint8Array): void {
  let elements = 0;
  let tables = 0;
  let entries = 0;
  fields(bytes, 0, bytes.length, (field, from, to) => {
    if (field === FLOWS || field === DNS || field === WORDS) elements += elementsIn(bytes, from, to);
    else if (field === ADDRESSES || field === STRINGS) tables++;
    else if (field === LEDGER) entries++;
    else if (field === FINDINGS) {
      entries++;
      fields(bytes, from, to, () => void entries++);
    } else entries++;
    if (elements > MAX_ELEMENTS) throw new RecordFault('oversize', 'more numbers than a reader will hold');
    if (tables > MAX_TABLE_ENTRIES) throw new RecordFault('oversize', 'more strings than a reader will hold');
    if (entries > MAX_ENTRIES) throw new RecordFault('oversize', 'more entries than a reader will hold');
  });
}

/** Numbers in a block: of a packed column, the varints that end in it, which for doubles is at most all bytes. */
function elementsIn(bytes: Uint8Array, start: number, end: number): number {
  let sum = 0;
  fields(bytes, start, end, (_field, from, to) => {
    sum++;
    for (let i = from; i < to; i++) sum += 1 - (bytes[i]! >>> 7);
  });
  return sum;
}

/** Calls `see` for each field of a message; `from` and `to` bound the content of a length-delimited one. */
function fields(
  bytes: Uint8Array,
  start: number,
  end: number,
  see: (field: number, from: number, to: number) => void,
): void {
  let at = start;
  const varint = (): number => {
    let value = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      if (at >= end) break;
      const byte = bytes[at++]!;
      value += (byte & 127) * 2 ** shift;
      if (byte < 128) return value;
    }
    throw new RecordFault('malformed', `no whole varint before byte ${at}`);
  };
  while (at < end) {
    const tag = varint();
    let length = 0;
    let from = at;
    switch (tag % 8) {
      case VARINT:
        varint();
        from = at;
        break;
      case FIXED64:
        length = 8;
        break;
      case FIXED32:
        length = 4;
        break;
      case BYTES:
        length = varint();
        from = at;
        break;
      default:
        throw new RecordFault('malformed', `wire type ${tag % 8} at byte ${at}`);
    }
    if (length > end - at) throw new RecordFault('malformed', `${length} bytes wanted, ${end - at} left`);
    at += length;
    see(Math.floor(tag / 8), from, at);
  }
}
