import { FRAME_BYTES_MAX } from './batch.js';
import { linkTypeInFile } from './linktype.js';
import type { RecordReader } from './reader.js';
import type { FrameBatch } from './source.js';

/** What the 24 bytes at the head of a classic capture file say (draft-ietf-opsawg-pcap). */
export interface PcapHeader {
  littleEndian: boolean;
  /** Sub-second units in a microsecond: 1, or 1000 in a nanosecond file. */
  unitsPerUs: number;
  linkType: number;
}

const MAGIC_US = 0xa1b2c3d4;
const MAGIC_NS = 0xa1b23c4d;
/** Variants with longer record headers, which would be read as garbage. */
const FOREIGN = new Map([
  [0xa1b2cd34, "it is a 'modified' pcap of a patched libpcap of the 1990s; convert it with editcap"],
  [0xa1e2cb12, "it is a 'modified' pcap of a patched libpcap of the 1990s; convert it with editcap"],
  [0x1c0001ac, 'it is an IXIA lcap file; convert it with editcap'],
  [0x1c0001ab, 'it is an IXIA lcap file; convert it with editcap'],
]);

/** Reads the header, or says why this is none. */
export function pcapHeader(view: DataView): PcapHeader | string {
  for (const littleEndian of [true, false]) {
    const magic = view.getUint32(0, littleEndian);
    const foreign = FOREIGN.get(magic);
    if (foreign !== undefined) return foreign;
    if (magic !== MAGIC_US && magic !== MAGIC_NS) continue;
    if (view.byteLength < 24) return 'it ends within its own header';
    const major = view.getUint16(4, littleEndian);
    if (major !== 2) return `it says it is pcap version ${major}, and only 2 is known`;
    // The upper bits tell of frame check sequences (draft §4); the type is in the lower 16.
    const linkType = linkTypeInFile(view.getUint32(20, littleEndian) & 0xffff);
    return { littleEndian, unitsPerUs: magic === MAGIC_NS ? 1000 : 1, linkType };
  }
  return 'it does not begin like one';
}

const RECORD_HEADER_BYTES = 16;

/** Records of a classic capture file: seconds, fraction, captured length, wire length, bytes. */
export class PcapReader implements RecordReader {
  readonly format = 'pcap';
  frames = 0;
  base = 0;
  skip = 0;
  damage: string | null = null;
  droppedRing = Number.NaN;
  droppedInterface = Number.NaN;
  readonly #header: PcapHeader;

  constructor(header: PcapHeader) {
    this.#header = header;
  }

  scan(batch: FrameBatch, at: number, end: number): number {
    const { view, start, capLen, wireLen, timeUs, linkType } = batch;
    const { littleEndian, unitsPerUs, linkType: type } = this.#header;
    const rows = start.length;
    let row = batch.count;
    while (row < rows && at + RECORD_HEADER_BYTES <= end) {
      const captured = view.getUint32(at + 8, littleEndian);
      if (captured > FRAME_BYTES_MAX) {
        const frame = this.frames + row - batch.count + 1;
        this.damage = `frame ${frame}, at byte ${this.base + at}, claims ${captured} bytes`;
        break;
      }
      const bytes = at + RECORD_HEADER_BYTES;
      const next = bytes + captured;
      if (next > end) break;
      const wire = view.getUint32(at + 12, littleEndian);
      start[row] = bytes;
      capLen[row] = captured;
      // Some writers leave the wire length 0, or count less than they wrote.
      wireLen[row] = Math.max(wire, captured);
      timeUs[row] = view.getUint32(at, littleEndian) * 1e6 + view.getUint32(at + 4, littleEndian) / unitsPerUs;
      linkType[row] = type;
      row++;
      at = next;
    }
    this.frames += row - batch.count;
    batch.count = row;
    return at;
  }
}
