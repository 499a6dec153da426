import { closeSync, openSync, writeSync } from 'node:fs';
import { FRAME_BYTES_MAX } from './batch.js';
import { LinkType } from './linktype.js';
import type { FrameBatch } from './source.js';

export interface PcapFormat {
  /** Default: microseconds, which every reader knows. */
  nanoseconds?: boolean;
  /** Default: little endian. */
  bigEndian?: boolean;
  /** Default: Ethernet. A classic file has one link type for all frames. */
  linkType?: number;
  snapLen?: number;
}

const HEADER_BYTES = 24;
const RECORD_BYTES = 16;

/** The 24 bytes at the head of a classic capture file. */
export function pcapFileHeader(format: PcapFormat = {}): Uint8Array {
  const bytes = new Uint8Array(HEADER_BYTES);
  const view = new DataView(bytes.buffer);
  const le = format.bigEndian !== true;
  view.setUint32(0, format.nanoseconds === true ? 0xa1b23c4d : 0xa1b2c3d4, le);
  view.setUint16(4, 2, le);
  view.setUint16(6, 4, le);
  view.setUint32(16, format.snapLen ?? FRAME_BYTES_MAX, le);
  view.setUint32(20, format.linkType ?? LinkType.ethernet, le);
  return bytes;
}

/**
 * Writes a classic capture file, a chunk at a time. A double holds today's microseconds in steps of 0.25, so the
 * nanoseconds written are multiples of 250.
 */
export class PcapWriter {
  readonly #fd: number;
  readonly #chunk: Uint8Array;
  readonly #view: DataView;
  readonly #format: PcapFormat;
  #used = 0;
  #open = true;

  /** Creates or empties `path`. Throws the system's error when it cannot, as do add() and close(). */
  constructor(path: string, format: PcapFormat = {}) {
    this.#format = format;
    this.#chunk = new Uint8Array(RECORD_BYTES + 2 * FRAME_BYTES_MAX);
    this.#view = new DataView(this.#chunk.buffer);
    this.#fd = openSync(path, 'w');
    this.#chunk.set(pcapFileHeader(format));
    this.#used = HEADER_BYTES;
  }

  /** Appends the frame arena[start, start + capLen). */
  add(arena: Uint8Array, start: number, capLen: number, wireLen: number, timeUs: number): void {
    if (capLen > FRAME_BYTES_MAX) throw new RangeError(`a frame of ${capLen} bytes`);
    if (this.#used + RECORD_BYTES + capLen > this.#chunk.length) this.#flush();
    const le = this.#format.bigEndian !== true;
    const perSecond = this.#format.nanoseconds === true ? 1e9 : 1e6;
    let seconds = Math.floor(timeUs / 1e6);
    let fraction = Math.round(((timeUs - seconds * 1e6) * perSecond) / 1e6);
    if (fraction >= perSecond) {
      seconds++;
      fraction -= perSecond;
    }
    const at = this.#used;
    this.#view.setUint32(at, seconds, le);
    this.#view.setUint32(at + 4, fraction, le);
    this.#view.setUint32(at + 8, capLen, le);
    this.#view.setUint32(at + 12, wireLen, le);
    this.#chunk.set(arena.subarray(start, start + capLen), at + RECORD_BYTES);
    this.#used = at + RECORD_BYTES + capLen;
  }

  addBatch(batch: FrameBatch): void {
    const { arena, start, capLen, wireLen, timeUs, count } = batch;
    for (let i = 0; i < count; i++) this.add(arena, start[i]!, capLen[i]!, wireLen[i]!, timeUs[i]!);
  }

  #flush(): void {
    let at = 0;
    while (at < this.#used) at += writeSync(this.#fd, this.#chunk, at, this.#used - at);
    this.#used = 0;
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    try {
      this.#flush();
    } finally {
      closeSync(this.#fd);
    }
  }
}
