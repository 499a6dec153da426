import { readFileSync } from 'node:fs';
import { Decoder } from '../../../src/decode/decoder.js';
import { Packet } from '../../../src/decode/packet.js';
import { Verdict } from '../../../src/decode/verdict.js';

/**
 * A reader of capture files for these tests alone, so that they check the DNS stage and not the stage before it.
 * Calls `each` with the frame's number from 1, where it lies, and when it was seen. Stops at the first cut record.
 */
export function eachFrame(
  file: Buffer,
  each: (number: number, start: number, capLen: number, wireLen: number, linkType: number, timeUs: number) => void,
): void {
  const magic = file.readUInt32LE(0);
  if (magic === 0x0a0d0d0a) pcapng(file, each);
  else pcap(file, each);
}

type Each = Parameters<typeof eachFrame>[1];

function pcap(file: Buffer, each: Each): void {
  const magic = file.readUInt32LE(0);
  const little = magic === 0xa1b2c3d4 || magic === 0xa1b23c4d || magic === 0xa1b2cd34;
  const u32 = (at: number) => (little ? file.readUInt32LE(at) : file.readUInt32BE(at));
  const nano = u32(0) === 0xa1b23c4d;
  const header = u32(0) === 0xa1b2cd34 ? 24 : 16;
  const linkType = u32(20) & 0xffff;
  let number = 0;
  for (let at = 24; at + header <= file.length; ) {
    const capLen = u32(at + 8);
    if (at + header + capLen > file.length) return;
    const timeUs = u32(at) * 1e6 + u32(at + 4) / (nano ? 1000 : 1);
    each(++number, at + header, capLen, u32(at + 12), linkType, timeUs);
    at += header + capLen;
  }
}

function pcapng(file: Buffer, each: Each): void {
  let little = true;
  const u32 = (at: number) => (little ? file.readUInt32LE(at) : file.readUInt32BE(at));
  const u16 = (at: number) => (little ? file.readUInt16LE(at) : file.readUInt16BE(at));
  let interfaces: { linkType: number; perSecond: number; snapLen: number }[] = [];
  let number = 0;
  for (let at = 0; at + 12 <= file.length; ) {
    const type = u32(at);
    if (type === 0x0a0d0d0a) {
      little = file.readUInt32LE(at + 8) === 0x1a2b3c4d;
      interfaces = [];
    }
    const length = u32(at + 4);
    if (length < 12 || at + length > file.length) return;
    if (type === 1) {
      let perSecond = 1e6;
      for (let o = at + 16; o + 4 <= at + length - 4 && u16(o) !== 0; o += 4 + ((u16(o + 2) + 3) & ~3)) {
        const r = file[o + 4]!;
        if (u16(o) === 9) perSecond = r & 0x80 ? 2 ** (r & 0x7f) : 10 ** r;
      }
      interfaces.push({ linkType: u16(at + 8), perSecond, snapLen: u32(at + 12) });
    } else if (type === 6) {
      const face = interfaces[u32(at + 8)]!;
      const ticks = u32(at + 12) * 2 ** 32 + u32(at + 16);
      each(++number, at + 28, u32(at + 20), u32(at + 24), face.linkType, (ticks / face.perSecond) * 1e6);
    } else if (type === 3) {
      const wire = u32(at + 8);
      const kept = Math.min(wire, length - 16, interfaces[0]!.snapLen || wire);
      each(++number, at + 12, kept, wire, interfaces[0]!.linkType, 0);
    }
    at += length;
  }
}

/** Every whole packet of a capture file, in order, as the stage before this one would give it. */
export function eachPacket(
  path: string,
  each: (p: Packet, view: DataView, bytes: Uint8Array, frame: number) => void,
): void {
  const file = readFileSync(path);
  const view = new DataView(file.buffer, file.byteOffset, file.length);
  const decoder = new Decoder();
  const packet = new Packet();
  eachFrame(file, (number, start, capLen, wireLen, linkType, timeUs) => {
    const verdict = decoder.decode(view, start, capLen, wireLen, linkType, packet);
    packet.timeUs = timeUs;
    if (verdict === Verdict.ok || verdict === Verdict.snapped) each(packet, view, file, number);
  });
}
