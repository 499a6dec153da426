import { NameBuf, NameFault, readName, skipName } from './name.js';

/**
 * What is wrong with a message. `short` and `notDns` are no message at all; with any other the header and whatever
 * was read before the fault still hold. `rdata` and `large` are only ever found by decodeMessage.
 */
export const Fault = {
  none: 0,
  /** Fewer bytes than a header has. */
  short: 1,
  /** Something else on a DNS port: neither the first section nor the header make sense. */
  notDns: 2,
  /** A name or record runs past the end. */
  cut: 3,
  /** The same, and the capture itself was cut by its snap length. */
  snapped: 4,
  /** A label type that does not exist. */
  label: 5,
  /** A compression pointer that does not point backwards, or one too many. */
  pointer: 6,
  /** A name of more than 255 bytes. */
  long: 7,
  /** Bytes after the last record. */
  trailing: 8,
  /** The data of a record does not fit its type. */
  rdata: 9,
  /** The text of the message would exceed what a report may hold. */
  large: 10,
} as const;
export type Fault = (typeof Fault)[keyof typeof Fault];
export const FAULTS = Object.keys(Fault) as readonly (keyof typeof Fault)[];

/** Header length (RFC 1035 §4.1.1). */
export const HEADER_BYTES = 12;
export const FLAG_QR = 0x8000;
const FLAG_Z = 0x0040;
/** Opcodes that IANA has assigned: 0, 1, 2, 4, 5, 6. */
const OPCODES_KNOWN = 0b1110111;
const QUESTIONS_LIKELY = 64;
const TYPE_OPT = 41;

/** The fault that a name's refusal stands for. */
export function faultOfName(refusal: number): Fault {
  if (refusal === NameFault.label) return Fault.label;
  if (refusal === NameFault.pointer) return Fault.pointer;
  return refusal === NameFault.long ? Fault.long : Fault.cut;
}

/** Whether four header fields look like those of a DNS message. */
export function likelyHeader(flags: number, questions: number): boolean {
  return ((OPCODES_KNOWN >> ((flags >> 11) & 15)) & 1) === 1 && (flags & FLAG_Z) === 0 && questions <= QUESTIONS_LIKELY;
}

/**
 * The hot pass over one message: what the columns want to know, and whether the skeleton holds, sections, names and
 * lengths. One Scan per stage, overwritten by each read(); it allocates nothing. What lies inside a record's data is
 * judged only by decodeMessage, for the few messages that are reported.
 */
export class Scan {
  id = 0;
  /** Low word of the header as sent. */
  flags = 0;
  opcode = 0;
  /** Extended by the first OPT record of the additional section (RFC 6891 §6.1.3). */
  rcode = 0;
  /** Questions and answers that could be read. */
  questions = 0;
  answers = 0;
  /** First question; empty and 0 when there is none. */
  readonly name = new NameBuf();
  qtype = 0;
  qclass = 0;

  read(view: DataView, msg: Uint8Array, start: number, end: number): Fault {
    const name = this.name;
    name.length = this.qtype = this.qclass = this.questions = this.answers = 0;
    name.verbatim = false;
    if (end - start < HEADER_BYTES) return Fault.short;
    const flags = view.getUint16(start + 2);
    const questions = view.getUint16(start + 4);
    const answers = view.getUint16(start + 6);
    const beforeAdditional = answers + view.getUint16(start + 8);
    const records = beforeAdditional + view.getUint16(start + 10);
    this.id = view.getUint16(start);
    this.flags = flags;
    this.opcode = (flags >> 11) & 15;
    this.rcode = flags & 15;

    let at: number = start + HEADER_BYTES;
    for (let i = 0; i < questions; i++) {
      const next = i === 0 ? readName(msg, start, end, at, name) : skipName(msg, start, end, at);
      if (next < 0 || next + 4 > end) {
        if (i === 0) name.length = 0;
        return this.#broken(next < 0 ? faultOfName(next) : Fault.cut, flags, questions);
      }
      if (i === 0) {
        this.qtype = view.getUint16(next);
        this.qclass = view.getUint16(next + 2);
      }
      this.questions++;
      at = next + 4;
    }

    let extended = false;
    for (let i = 0; i < records; i++) {
      const next = skipName(msg, start, end, at);
      if (next < 0 || next + 10 > end) {
        return this.#broken(next < 0 ? faultOfName(next) : Fault.cut, flags, questions);
      }
      if (i >= beforeAdditional && !extended && next === at + 1 && view.getUint16(next) === TYPE_OPT) {
        this.rcode |= view.getUint8(next + 4) << 4;
        extended = true;
      }
      at = next + 10 + view.getUint16(next + 8);
      if (at > end) return this.#broken(Fault.cut, flags, questions);
      if (i < answers) this.answers++;
    }
    return at < end ? Fault.trailing : Fault.none;
  }

  /** Bytes whose first section already fails under a header nobody would send are no DNS. */
  #broken(fault: Fault, flags: number, questions: number): Fault {
    if (this.questions === 0 && this.answers === 0 && !likelyHeader(flags, questions)) return Fault.notDns;
    return fault;
  }
}
