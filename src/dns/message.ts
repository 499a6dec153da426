import { className, typeName } from './codes.js';
import { type Edns, readOptions } from './edns.js';
import { NameBuf, nameText, readName } from './name.js';
import { rdataText } from './rdata.js';
import { FAULTS, Fault, faultOfName, HEADER_BYTES } from './scan.js';

export interface DnsQuestion {
  name: string;
  type: string;
  class: string;
}

export interface DnsRecord {
  /** Owner as sent, without a final dot; `.` for the root. */
  name: string;
  type: string;
  class: string;
  /** Seconds. */
  ttl: number;
  /** As in a zone file, names without a final dot; RFC 3597 form where the type is unknown or the data unfit. */
  data: string;
}

/** One message with everything in it, as text. What follows a fault is missing. */
export interface DnsMessage {
  id: number;
  response: boolean;
  opcode: number;
  /** Extended by EDNS. */
  rcode: number;
  aa: boolean;
  tc: boolean;
  rd: boolean;
  ra: boolean;
  ad: boolean;
  cd: boolean;
  /** As the header counts them: questions, answers, authority, additional. */
  counts: readonly [number, number, number, number];
  questions: DnsQuestion[];
  answers: DnsRecord[];
  authority: DnsRecord[];
  /** Without the OPT record, which is `edns`. */
  additional: DnsRecord[];
  edns: Edns | null;
  /** What was wrong first; null when nothing was. */
  fault: keyof typeof Fault | null;
  /** Offset of the record in which it was found, or where the message should have ended. */
  faultAt: number | null;
}

/**
 * Most characters of names and data that one message may make. Compression lets 64 KiB of bytes ask for tens of
 * megabytes of text; an honest message needs about four times its own length.
 */
const TEXT_MAX = 1 << 20;
const TYPE_OPT = 41;
const NO_DATA = { text: '', ok: true };

/**
 * Reads the whole message that lies in `msg` from `start` to `end`, for a report: it allocates as it likes. It never
 * throws; bytes that are no message at all give empty sections and a fault. In mDNS the top bit of a class is a flag
 * (RFC 6762 §5.4 and §10.2) and no part of it.
 */
export function decodeMessage(msg: Uint8Array, start = 0, end = msg.length, mdns = false): DnsMessage {
  const classMask = mdns ? 0x7fff : 0xffff;
  const u16 = (at: number) => (at + 2 <= end ? (msg[at]! << 8) | msg[at + 1]! : 0);
  const flags = u16(start + 2);
  const message: DnsMessage = {
    id: u16(start),
    response: (flags & 0x8000) !== 0,
    opcode: (flags >> 11) & 15,
    rcode: flags & 15,
    aa: (flags & 0x400) !== 0,
    tc: (flags & 0x200) !== 0,
    rd: (flags & 0x100) !== 0,
    ra: (flags & 0x80) !== 0,
    ad: (flags & 0x20) !== 0,
    cd: (flags & 0x10) !== 0,
    counts: [u16(start + 4), u16(start + 6), u16(start + 8), u16(start + 10)],
    questions: [],
    answers: [],
    authority: [],
    additional: [],
    edns: null,
    fault: null,
    faultAt: null,
  };
  const noteFault = (fault: Fault, at: number) => {
    if (message.fault === null) {
      message.fault = FAULTS[fault]!;
      message.faultAt = at - start;
    }
  };
  if (end - start < HEADER_BYTES) {
    noteFault(Fault.short, end);
    return message;
  }

  const name = new NameBuf();
  let text = 0;
  let at = start + HEADER_BYTES;
  for (let i = 0; i < message.counts[0]; i++) {
    const next = readName(msg, start, end, at, name, true);
    if (next < 0 || next + 4 > end || text > TEXT_MAX) {
      noteFault(next < 0 ? faultOfName(next) : next + 4 > end ? Fault.cut : Fault.large, at);
      return message;
    }
    const owner = nameText(name.bytes, 0, name.length);
    text += owner.length;
    message.questions.push({ name: owner, type: typeName(u16(next)), class: className(u16(next + 2) & classMask) });
    at = next + 4;
  }

  const sections = [message.answers, message.authority, message.additional] as const;
  for (const [s, section] of sections.entries()) {
    for (let i = 0; i < message.counts[s + 1]!; i++) {
      const next = readName(msg, start, end, at, name, true);
      if (next < 0 || next + 10 > end || text > TEXT_MAX) {
        noteFault(next < 0 ? faultOfName(next) : next + 10 > end ? Fault.cut : Fault.large, at);
        return message;
      }
      const type = u16(next);
      const cls = u16(next + 2);
      const ttl = u16(next + 4) * 65_536 + u16(next + 6);
      const data = next + 10;
      const stop = data + u16(next + 8);
      if (stop > end) {
        noteFault(Fault.cut, at);
        return message;
      }
      if (s === 2 && type === TYPE_OPT && name.length === 0 && message.edns === null) {
        const { options, ok } = readOptions(msg, start, end, data, stop);
        if (!ok) noteFault(Fault.rdata, at);
        message.rcode |= (ttl >>> 24) << 4;
        const bits = ttl & 0xffff;
        message.edns = { version: (ttl >>> 16) & 255, udpSize: cls, do: bits >= 0x8000, flags: bits & 0x7fff, options };
      } else {
        const owner = nameText(name.bytes, 0, name.length);
        // A dynamic update deletes by records without data, of class NONE or ANY (RFC 2136 §2.5).
        const bare = stop === data && cls >= 254;
        const { text: content, ok } = bare ? NO_DATA : rdataText(msg, start, end, type, data, stop);
        if (!ok) noteFault(Fault.rdata, at);
        text += owner.length + content.length;
        section.push({ name: owner, type: typeName(type), class: className(cls & classMask), ttl, data: content });
      }
      at = stop;
    }
  }
  if (at < end) noteFault(Fault.trailing, at);
  return message;
}
