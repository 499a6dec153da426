import { Exit, OperatorError } from '../base/errors.js';
import { FRAME_BYTES_MAX } from './batch.js';
import { PcapReader, pcapHeader } from './pcap.js';
import { PcapngReader, SECTION_HEADER } from './pcapng.js';
import type { FrameBatch } from './source.js';

/**
 * Finds records in bytes that lie in a batch's arena, and points rows at them where they lie: nothing is copied and
 * nothing is allocated per frame. The bytes come from strangers; a reader never throws for what is in them.
 */
export interface RecordReader {
  /** 'pcap' or 'pcapng'. */
  readonly format: string;
  /** Frames found so far. */
  frames: number;
  /** Where arena[0] lies in the (uncompressed) file, for messages. The caller moves it with the bytes. */
  base: number;
  /** Bytes after the arena's last that belong to a block nobody wants; the caller discards them. */
  skip: number;
  /** Why nothing more can be read; null while all is well. */
  damage: string | null;
  /** Frames the recording itself says it lost; NaN where it says nothing. */
  droppedRing: number;
  droppedInterface: number;
  /**
   * Appends rows for the whole records in arena[at, end) while there are rows, and returns the offset of the first
   * byte not used.
   */
  scan(batch: FrameBatch, at: number, end: number): number;
}

/** Bytes needed to tell the formats apart and to read a classic pcap's header. */
export const HEADER_BYTES = 24;

/** The arena of a file: a few of the longest records, and big enough that a read is worth its system call. */
export const FILE_ARENA_BYTES = 4 * FRAME_BYTES_MAX;

/**
 * The reader for a file that begins with `head`, and the offset at which its records begin.
 * Throws an OperatorError when that is no capture, or one of a kind we do not read.
 */
export function readerFor(head: Uint8Array, name: string): { reader: RecordReader; at: number } {
  if (head.length < 4) throw notACapture(name, head.length === 0 ? 'it is empty' : 'it is too short');
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  if (view.getUint32(0) === SECTION_HEADER) return { reader: new PcapngReader(), at: 0 };
  const header = pcapHeader(view);
  if (typeof header === 'string') throw notACapture(name, header);
  return { reader: new PcapReader(header), at: HEADER_BYTES };
}

export function notACapture(name: string, why: string): OperatorError {
  return new OperatorError(
    'capture.not-a-capture',
    Exit.data,
    `${name} is not a capture file that can be read: ${why}. Tapspot reads pcap and pcapng, also compressed.`,
  );
}
