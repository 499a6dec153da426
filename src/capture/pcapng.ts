import { FRAME_BYTES_MAX } from './batch.js';
import { linkTypeInFile } from './linktype.js';
import type { RecordReader } from './reader.js';
import type { FrameBatch } from './source.js';

/** Block types (draft-ietf-opsawg-pcapng §4); the first reads the same in both byte orders. */
export const SECTION_HEADER = 0x0a0d0d0a;
const INTERFACE_DESCRIPTION = 1;
const PACKET_OBSOLETE = 2;
const SIMPLE_PACKET = 3;
const INTERFACE_STATISTICS = 5;
const ENHANCED_PACKET = 6;

const BYTE_ORDER_MAGIC = 0x1a2b3c4d;
/** A block we must hold whole: the longest frame, and options as long again. */
const BLOCK_BYTES_MAX = 2 * FRAME_BYTES_MAX;
/** More than any capture has; without a limit a file of interface blocks alone would fill the memory. */
const INTERFACES_MAX = 65_536;

const OPTION_TSRESOL = 9;
const OPTION_TSOFFSET = 14;
const OPTION_IFDROP = 5;
const OPTION_OSDROP = 7;

/** The interfaces of the current section, as columns. */
class Interfaces {
  count = 0;
  linkType = new Uint16Array(8);
  snapLen = new Uint32Array(8);
  /** Clock ticks in a second (if_tsresol). */
  ticks = new Float64Array(8);
  /** Seconds to add to every stamp (if_tsoffset), as microseconds. */
  offsetUs = new Float64Array(8);
  ifDropped = new Float64Array(8);
  osDropped = new Float64Array(8);

  add(linkType: number, snapLen: number): number {
    const i = this.count++;
    if (i === this.linkType.length) this.#grow();
    this.linkType[i] = linkType;
    this.snapLen[i] = snapLen;
    this.ticks[i] = 1e6;
    this.offsetUs[i] = this.ifDropped[i] = this.osDropped[i] = 0;
    return i;
  }

  #grow(): void {
    const wider = <T extends Uint16Array | Uint32Array | Float64Array>(old: T, fresh: T): T => {
      fresh.set(old);
      return fresh;
    };
    const n = 2 * this.linkType.length;
    this.linkType = wider(this.linkType, new Uint16Array(n));
    this.snapLen = wider(this.snapLen, new Uint32Array(n));
    this.ticks = wider(this.ticks, new Float64Array(n));
    this.offsetUs = wider(this.offsetUs, new Float64Array(n));
    this.ifDropped = wider(this.ifDropped, new Float64Array(n));
    this.osDropped = wider(this.osDropped, new Float64Array(n));
  }
}

/**
 * Blocks of a pcapng file: any number of sections, each in its own byte order and with its own interfaces. Enhanced,
 * simple and obsolete packet blocks become rows; interface statistics tell what the recording lost; the rest is
 * passed over. A simple packet block has no time: it gets that of the frame before it, 0 if it is the first.
 */
export class PcapngReader implements RecordReader {
  readonly format = 'pcapng';
  frames = 0;
  base = 0;
  skip = 0;
  damage: string | null = null;
  droppedRing = Number.NaN;
  droppedInterface = Number.NaN;
  #littleEndian = true;
  #interfaces = new Interfaces();
  #lastUs = 0;

  scan(batch: FrameBatch, at: number, end: number): number {
    const { view } = batch;
    const rows = batch.start.length;
    while (batch.count < rows && at + 12 <= end) {
      // Runs of sound enhanced packet blocks, which is nearly all of a file; the rest goes the long way.
      at = this.#enhancedPackets(batch, at, end);
      if (batch.count === rows || at + 12 > end) break;
      const type = view.getUint32(at, this.#littleEndian);
      if (type === SECTION_HEADER && !this.#readByteOrder(view, at)) return at;
      const total = view.getUint32(at + 4, this.#littleEndian);
      if (total < 12 || (total & 3) !== 0) return this.#fail(at, `a block claims ${total} bytes`);
      const wanted = isWanted(type);
      if (wanted && total > BLOCK_BYTES_MAX) return this.#fail(at, `a block claims ${total} bytes`);
      if (at + total > end) {
        if (wanted || total <= BLOCK_BYTES_MAX) return at;
        // Too long to hold, and nobody wants it: let the caller throw its rest away.
        this.skip = at + total - end;
        return end;
      }
      if (view.getUint32(at + total - 4, this.#littleEndian) !== total) {
        return this.#fail(at, 'the two lengths of a block differ');
      }
      if (wanted && !this.#take(type, batch, at, total)) return at;
      at += total;
    }
    return at;
  }

  /** Takes enhanced packet blocks for as long as nothing is odd about them, and returns where it stopped. */
  #enhancedPackets(batch: FrameBatch, at: number, end: number): number {
    const { view, start, capLen, wireLen, timeUs, linkType } = batch;
    const { count: interfaces, linkType: types, ticks: resolution, offsetUs } = this.#interfaces;
    const le = this.#littleEndian;
    const rows = start.length;
    const first = batch.count;
    let row = first;
    let us = this.#lastUs;
    while (row < rows && at + 32 <= end) {
      const total = view.getUint32(at + 4, le);
      const iface = view.getUint32(at + 8, le);
      const captured = view.getUint32(at + 20, le);
      const next = at + total;
      if (
        view.getUint32(at, le) !== ENHANCED_PACKET ||
        next > end ||
        total < 32 ||
        captured > total - 32 ||
        captured > FRAME_BYTES_MAX ||
        iface >= interfaces ||
        (total & 3) !== 0 ||
        total > BLOCK_BYTES_MAX ||
        view.getUint32(next - 4, le) !== total
      ) {
        break;
      }
      start[row] = at + 28;
      capLen[row] = captured;
      wireLen[row] = Math.max(view.getUint32(at + 24, le), captured);
      linkType[row] = types[iface]!;
      const ticks = resolution[iface]!;
      const high = view.getUint32(at + 12, le);
      const low = view.getUint32(at + 16, le);
      us = stampUs(high, low, ticks) + offsetUs[iface]!;
      timeUs[row] = us;
      row++;
      at = next;
    }
    this.#lastUs = us;
    this.frames += row - first;
    batch.count = row;
    return at;
  }

  #fail(at: number, what: string): number {
    this.damage = `${what}, at byte ${this.base + at}, after frame ${this.frames}`;
    return at;
  }

  #readByteOrder(view: DataView, at: number): boolean {
    if (view.getUint32(at + 8, true) === BYTE_ORDER_MAGIC) this.#littleEndian = true;
    else if (view.getUint32(at + 8, false) === BYTE_ORDER_MAGIC) this.#littleEndian = false;
    else this.#fail(at, 'a section header has no byte order');
    return this.damage === null;
  }

  /** One whole block that matters. False when it is damaged. */
  #take(type: number, batch: FrameBatch, at: number, total: number): boolean {
    switch (type) {
      case ENHANCED_PACKET:
        return this.#packet(batch, at, total, batch.view.getUint32(at + 8, this.#littleEndian));
      case PACKET_OBSOLETE:
        return this.#packet(batch, at, total, batch.view.getUint16(at + 8, this.#littleEndian));
      case SIMPLE_PACKET:
        return this.#simplePacket(batch, at, total);
      case SECTION_HEADER:
        return this.#section(batch.view, at, total);
      case INTERFACE_DESCRIPTION:
        return this.#interface(batch.view, at, total);
      default:
        return this.#statistics(batch.view, at, total);
    }
  }

  /** Enhanced and obsolete packet blocks agree from the time stamp on (§4.3, appendix A). */
  #packet(batch: FrameBatch, at: number, total: number, iface: number): boolean {
    const { view } = batch;
    const le = this.#littleEndian;
    const ifs = this.#interfaces;
    if (total < 32) return this.#fail(at, `a packet block of ${total} bytes`) < 0;
    if (iface >= ifs.count) return this.#fail(at, `a packet of interface ${iface} where there are ${ifs.count}`) < 0;
    const captured = view.getUint32(at + 20, le);
    if (captured > total - 32 || captured > FRAME_BYTES_MAX) {
      return this.#fail(at, `a packet claims ${captured} bytes in a block of ${total}`) < 0;
    }
    const wire = view.getUint32(at + 24, le);
    const row = batch.count++;
    batch.start[row] = at + 28;
    batch.capLen[row] = captured;
    batch.wireLen[row] = Math.max(wire, captured);
    batch.linkType[row] = ifs.linkType[iface]!;

    const high = view.getUint32(at + 12, le);
    const low = view.getUint32(at + 16, le);
    const ticks = ifs.ticks[iface]!;
    this.#lastUs = stampUs(high, low, ticks) + ifs.offsetUs[iface]!;
    batch.timeUs[row] = this.#lastUs;
    this.frames++;
    return true;
  }

  #simplePacket(batch: FrameBatch, at: number, total: number): boolean {
    const ifs = this.#interfaces;
    if (total < 16) return this.#fail(at, `a packet block of ${total} bytes`) < 0;
    if (ifs.count === 0) return this.#fail(at, 'a packet of interface 0 where there are 0') < 0;
    const wire = batch.view.getUint32(at + 8, this.#littleEndian);
    // The captured length is not written: it is the wire length, cut at the snap length (§4.4).
    const snapLen = ifs.snapLen[0]! === 0 ? FRAME_BYTES_MAX : ifs.snapLen[0]!;
    const captured = Math.min(wire, snapLen, total - 16, FRAME_BYTES_MAX);
    const row = batch.count++;
    batch.start[row] = at + 12;
    batch.capLen[row] = captured;
    batch.wireLen[row] = wire;
    batch.timeUs[row] = this.#lastUs;
    batch.linkType[row] = ifs.linkType[0]!;
    this.frames++;
    return true;
  }

  #section(view: DataView, at: number, total: number): boolean {
    if (total < 28) return this.#fail(at, `a section header of ${total} bytes`) < 0;
    const major = view.getUint16(at + 12, this.#littleEndian);
    if (major !== 1) return this.#fail(at, `pcapng version ${major}, of which only 1 is known`) < 0;
    this.#interfaces = new Interfaces();
    return true;
  }

  #interface(view: DataView, at: number, total: number): boolean {
    const le = this.#littleEndian;
    const ifs = this.#interfaces;
    if (total < 20) return this.#fail(at, `an interface description of ${total} bytes`) < 0;
    if (ifs.count === INTERFACES_MAX) return this.#fail(at, `more than ${INTERFACES_MAX} interfaces`) < 0;
    const i = ifs.add(linkTypeInFile(view.getUint16(at + 8, le)), view.getUint32(at + 12, le));
    const resolution = findOption(view, at + 16, at + total - 4, OPTION_TSRESOL, 1, le);
    if (resolution >= 0) {
      const value = view.getUint8(resolution);
      ifs.ticks[i] = (value & 0x80) !== 0 ? 2 ** (value & 0x7f) : 10 ** value;
    }
    const offset = findOption(view, at + 16, at + total - 4, OPTION_TSOFFSET, 8, le);
    if (offset >= 0) ifs.offsetUs[i] = Number(view.getBigInt64(offset, le)) * 1e6;
    return true;
  }

  /** Totals since the recording began (§4.6); the last block of an interface counts. */
  #statistics(view: DataView, at: number, total: number): boolean {
    const le = this.#littleEndian;
    const ifs = this.#interfaces;
    const i = total < 24 ? ifs.count : view.getUint32(at + 8, le);
    // No packet hangs on it, so a statistics block that makes no sense is passed over.
    if (i >= ifs.count) return true;
    const byInterface = findOption(view, at + 20, at + total - 4, OPTION_IFDROP, 8, le);
    if (byInterface >= 0) {
      const n = Number(view.getBigUint64(byInterface, le));
      this.droppedInterface = (this.droppedInterface || 0) + n - ifs.ifDropped[i]!;
      ifs.ifDropped[i] = n;
    }
    const byKernel = findOption(view, at + 20, at + total - 4, OPTION_OSDROP, 8, le);
    if (byKernel >= 0) {
      const n = Number(view.getBigUint64(byKernel, le));
      this.droppedRing = (this.droppedRing || 0) + n - ifs.osDropped[i]!;
      ifs.osDropped[i] = n;
    }
    return true;
  }
}

function isWanted(type: number): boolean {
  return (
    type === ENHANCED_PACKET ||
    type === SIMPLE_PACKET ||
    type === PACKET_OBSOLETE ||
    type === INTERFACE_DESCRIPTION ||
    type === INTERFACE_STATISTICS ||
    type === SECTION_HEADER
  );
}

/** Where the value of the first option `code` of at least `bytes` bytes lies in [at, end), or -1 (§3.5). */
function findOption(view: DataView, at: number, end: number, code: number, bytes: number, le: boolean): number {
  while (at + 4 <= end) {
    const found = view.getUint16(at, le);
    const length = view.getUint16(at + 2, le);
    if (found === 0 || at + 4 + length > end) return -1;
    if (found === code && length >= bytes) return at + 4;
    at += 4 + ((length + 3) & ~3);
  }
  return -1;
}

/**
 * A 64-bit count of ticks as microseconds. Nanoseconds since 1970 do not fit a double, so the seconds are split off
 * first and the rest is found modulo 2^32; the result is then the same as a classic file's seconds and fraction give.
 */
function stampUs(high: number, low: number, ticks: number): number {
  const whole = high * 0x1_0000_0000 + low;
  if (ticks === 1e6) return whole; // exact until 2^53 µs, the year 2255
  if (ticks > 0x4000_0000) return (whole / ticks) * 1e6;
  let seconds = Math.floor(whole / ticks);
  let rest = (low - Math.imul(seconds, ticks)) | 0;
  if (rest < 0) {
    seconds--;
    rest += ticks;
  } else if (rest >= ticks) {
    seconds++;
    rest -= ticks;
  }
  return seconds * 1e6 + (rest * 1e6) / ticks;
}
