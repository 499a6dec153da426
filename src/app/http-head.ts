import { HttpFlag } from './columns.js';

/** Where a value lies in the bytes of a head: from, and how many. */
export interface Span {
  from: number;
  length: number;
}

const CR = 13;
const LF = 10;
const SP = 32;
const TAB = 9;
const COLON = 58;
/** Header lines that are looked at; the rest of a longer head is passed over. */
const LINES_MAX = 256;
/** The longest first line that is waited for. */
const LINE_MAX = 16_384;

export const Kind = { neither: 0, request: 1, response: 2 } as const;

/** Where the head that begins at `from` ends (after its empty line), or -1; looks at bytes from `scanned` on. */
export function headEnd(bytes: Uint8Array, from: number, scanned: number, end: number): number {
  for (let i = Math.max(from, scanned - 3); i < end; i++) {
    if (bytes[i] !== LF) continue;
    if (i + 1 < end && bytes[i + 1] === LF) return i + 2;
    if (i + 2 < end && bytes[i + 1] === CR && bytes[i + 2] === LF) return i + 3;
  }
  return -1;
}

/** The head of an HTTP/1 message (RFC 9112 §2 to §6), as spans and the few facts that framing needs. */
export class Head {
  kind: number = Kind.neither;
  minor = 0;
  status = 0;
  readonly method: Span = { from: 0, length: 0 };
  readonly target: Span = { from: 0, length: 0 };
  readonly host: Span = { from: 0, length: 0 };
  readonly agent: Span = { from: 0, length: 0 };
  readonly referer: Span = { from: 0, length: 0 };
  readonly type: Span = { from: 0, length: 0 };
  /** Content-Length, or -1. */
  contentLength = -1;
  chunked = false;
  transferCoded = false;
  /** HttpFlag bits. */
  flags = 0;
  #bytes: Uint8Array = new Uint8Array(0);

  /** Whether bytes[from, to), a head that is not whole, may become one: its first line, if it is there, must be right. */
  mayBegin(bytes: Uint8Array, from: number, to: number): boolean {
    const limit = Math.min(to, from + LINE_MAX);
    let lf = from;
    while (lf < limit && bytes[lf] !== LF) lf++;
    if (lf === limit) return to - from < LINE_MAX;
    this.#bytes = bytes;
    return this.#startLine(from, lf > from && bytes[lf - 1] === CR ? lf - 1 : lf);
  }

  /** Reads bytes[from, to), which end with the empty line. False when the first line is not HTTP/1. */
  read(bytes: Uint8Array, from: number, to: number): boolean {
    this.#bytes = bytes;
    this.kind = Kind.neither;
    this.status = this.flags = 0;
    this.contentLength = -1;
    this.chunked = this.transferCoded = false;
    for (const span of [this.method, this.target, this.host, this.agent, this.referer, this.type]) {
      span.from = from;
      span.length = 0;
    }
    let at = from;
    let hosts = 0;
    for (let line = 0; at < to && line < LINES_MAX; line++) {
      let lf = at;
      while (lf < to && bytes[lf] !== LF) {
        if (bytes[lf] === 0 || (bytes[lf] === CR && bytes[lf + 1] !== LF)) this.flags |= HttpFlag.control;
        lf++;
      }
      const crlf = lf > at && bytes[lf - 1] === CR;
      if (!crlf) this.flags |= HttpFlag.bareLf;
      const end = crlf ? lf - 1 : lf;
      if (line === 0) {
        if (!this.#startLine(at, end)) return false;
      } else if (end > at) hosts += this.#field(at, end);
      at = lf + 1;
    }
    if (hosts > 1) this.flags |= HttpFlag.hostsDiffer;
    if (this.transferCoded && this.contentLength >= 0) this.flags |= HttpFlag.bothLengths;
    return true;
  }

  #startLine(from: number, to: number): boolean {
    const bytes = this.#bytes;
    if (isVersion(bytes, from, to)) {
      // HTTP/1.1 200 OK
      if (to - from < 12 || bytes[from + 8] !== SP) return false;
      this.minor = bytes[from + 7]! - 48;
      let status = 0;
      for (let i = from + 9; i < from + 12; i++) {
        const digit = bytes[i]! - 48;
        if (digit < 0 || digit > 9) return false;
        status = status * 10 + digit;
      }
      if (to - from > 12 && bytes[from + 12] !== SP) return false;
      this.status = status;
      this.kind = Kind.response;
      return status >= 100;
    }
    // GET /path HTTP/1.1; a target with spaces in it is taken whole.
    let space = from;
    while (space < to && bytes[space] !== SP) space++;
    const version = to - 8;
    if (space === from || version - 1 <= space || bytes[version - 1] !== SP) return false;
    if (!isVersion(bytes, version, to)) return false;
    for (let i = from; i < space; i++) if (!isToken(bytes[i]!)) return false;
    this.minor = bytes[version + 7]! - 48;
    this.kind = Kind.request;
    set(this.method, from, space);
    set(this.target, space + 1, version - 1);
    return true;
  }

  /** One header line; returns 1 when it is a Host. */
  #field(from: number, to: number): number {
    const bytes = this.#bytes;
    if (bytes[from] === SP || bytes[from] === TAB) {
      this.flags |= HttpFlag.folded;
      return 0;
    }
    let colon = from;
    while (colon < to && bytes[colon] !== COLON) colon++;
    let nameEnd = colon;
    while (nameEnd > from && (bytes[nameEnd - 1] === SP || bytes[nameEnd - 1] === TAB)) nameEnd--;
    if (colon === to || nameEnd !== colon || colon === from) this.flags |= HttpFlag.badName;
    if (colon === to) return 0;
    let valueFrom = colon + 1;
    let valueTo = to;
    while (valueFrom < valueTo && (bytes[valueFrom] === SP || bytes[valueFrom] === TAB)) valueFrom++;
    while (valueTo > valueFrom && (bytes[valueTo - 1] === SP || bytes[valueTo - 1] === TAB)) valueTo--;
    switch (nameEnd - from) {
      case 4:
        if (!same(bytes, from, 'host')) return 0;
        if (this.host.length === 0) set(this.host, valueFrom, valueTo);
        return 1;
      case 7:
        if (this.referer.length === 0 && same(bytes, from, 'referer')) set(this.referer, valueFrom, valueTo);
        return 0;
      case 10:
        if (this.agent.length === 0 && same(bytes, from, 'user-agent')) set(this.agent, valueFrom, valueTo);
        return 0;
      case 12:
        if (this.type.length === 0 && same(bytes, from, 'content-type')) set(this.type, valueFrom, valueTo);
        return 0;
      case 14:
        if (same(bytes, from, 'content-length')) this.#contentLength(valueFrom, valueTo);
        return 0;
      case 17:
        if (same(bytes, from, 'transfer-encoding')) this.#transferEncoding(valueFrom, valueTo);
        return 0;
    }
    return 0;
  }

  #contentLength(from: number, to: number): void {
    let length = 0;
    if (from === to || to - from > 15) length = -1;
    for (let i = from; i < to && length >= 0; i++) {
      const digit = this.#bytes[i]! - 48;
      length = digit < 0 || digit > 9 ? -1 : length * 10 + digit;
    }
    if (length < 0) this.flags |= HttpFlag.badLength;
    else if (this.contentLength >= 0 && this.contentLength !== length) this.flags |= HttpFlag.lengthsDiffer;
    else this.contentLength = length;
  }

  #transferEncoding(from: number, to: number): void {
    this.transferCoded = true;
    let last = to;
    while (last > from && this.#bytes[last - 1] !== 44) last--; // after the last comma
    while (last < to && (this.#bytes[last] === SP || this.#bytes[last] === TAB)) last++;
    this.chunked = to - last === 7 && same(this.#bytes, last, 'chunked');
    const identity = to - last === 8 && same(this.#bytes, last, 'identity');
    if (identity) this.transferCoded = false;
    else if (!this.chunked) this.flags |= HttpFlag.oddTransfer;
  }
}

function set(span: Span, from: number, to: number): void {
  span.from = from;
  span.length = to - from;
}

/** Whether the bytes at `from` are `text` in any case. `text` is lower case. */
function same(bytes: Uint8Array, from: number, text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const byte = bytes[from + i]!;
    const lower = byte >= 65 && byte <= 90 ? byte + 32 : byte;
    if (lower !== text.charCodeAt(i)) return false;
  }
  return true;
}

/** `HTTP/1.` and a digit. */
function isVersion(bytes: Uint8Array, from: number, to: number): boolean {
  if (to - from < 8) return false;
  for (let i = 0; i < 7; i++) if (bytes[from + i] !== VERSION[i]) return false;
  return bytes[from + 7]! >= 48 && bytes[from + 7]! <= 57;
}
const VERSION = Uint8Array.from(Buffer.from('HTTP/1.'));

/** tchar of RFC 9110 §5.6.2. */
function isToken(byte: number): boolean {
  if ((byte >= 97 && byte <= 122) || (byte >= 65 && byte <= 90) || (byte >= 48 && byte <= 57)) return true;
  return "!#$%&'*+-.^_`|~".includes(String.fromCharCode(byte));
}
