import { parseAddress } from '../../../src/base/address.js';
import { Packet } from '../../../src/decode/packet.js';
import { concat } from '../../support/frames.js';

/** Bytes of numbers, texts and arrays. */
export function bytes(...parts: readonly (number | string | Uint8Array)[]): Uint8Array {
  return concat(
    ...parts.map((p) =>
      typeof p === 'number' ? Uint8Array.of(p) : typeof p === 'string' ? Buffer.from(p, 'latin1') : p,
    ),
  );
}

export const u16 = (n: number) => Uint8Array.of(n >> 8, n & 255);
export const u32 = (n: number) => Uint8Array.of(n >>> 24, (n >> 16) & 255, (n >> 8) & 255, n & 255);

/** Wire form of a plain dotted name; `.` or empty for the root. */
export function name(text: string): Uint8Array {
  const labels = text.split('.').filter((l) => l !== '');
  return bytes(...labels.map((l) => bytes(l.length, l)), 0);
}

export function question(text: string, type = 1, cls = 1): Uint8Array {
  return bytes(name(text), u16(type), u16(cls));
}

export function record(owner: Uint8Array, type: number, data: Uint8Array, ttl = 300, cls = 1): Uint8Array {
  return bytes(owner, u16(type), u16(cls), u32(ttl), u16(data.length), data);
}

export interface Parts {
  id?: number;
  flags?: number;
  questions?: readonly Uint8Array[];
  answers?: readonly Uint8Array[];
  authority?: readonly Uint8Array[];
  additional?: readonly Uint8Array[];
}

export function message(m: Parts): Uint8Array {
  const sections = [m.questions ?? [], m.answers ?? [], m.authority ?? [], m.additional ?? []];
  return bytes(u16(m.id ?? 1), u16(m.flags ?? 0x0100), ...sections.map((s) => u16(s.length)), ...sections.flat());
}

export const query = (id: number, text: string, type = 1) => message({ id, questions: [question(text, type)] });
export const answer = (id: number, text: string, type = 1, rcode = 0) =>
  message({
    id,
    flags: 0x8180 | rcode,
    questions: [question(text, type)],
    answers: rcode === 0 ? [record(bytes(0xc0, 12), 1, bytes(192, 0, 2, 1))] : [],
  });

export interface Sent {
  from: string;
  fromPort: number;
  to: string;
  toPort: number;
  timeUs: number;
  payload: Uint8Array;
  proto?: number;
  flags?: number;
  seq?: number;
  ack?: number;
  vlan?: number;
  /** Bytes of the payload that were captured; all unless said. */
  captured?: number;
}

/** A packet as decode would leave it, and the memory its payload lies in (not at its start). */
export function packet(s: Sent): { p: Packet; view: DataView; arena: Uint8Array } {
  const arena = bytes(new Uint8Array(9).fill(0xee), s.payload, new Uint8Array(5).fill(0xee));
  const p = new Packet();
  p.timeUs = s.timeUs;
  p.proto = s.proto ?? 17;
  p.srcPort = s.fromPort;
  p.dstPort = s.toPort;
  parseAddress(s.from, p.addr, 0);
  parseAddress(s.to, p.addr, 4);
  p.vlan = s.vlan ?? 0;
  p.tcpFlags = s.flags ?? 0;
  p.tcpSeq = s.seq ?? 0;
  p.tcpAck = s.ack ?? 0;
  p.payloadBytes = s.payload.length;
  p.payloadStart = 9;
  p.payloadEnd = 9 + (s.captured ?? s.payload.length);
  p.wireBytes = s.payload.length + 42;
  return { p, view: new DataView(arena.buffer), arena };
}
