import type { Packet } from '../decode/packet.js';
import { HttpFlag } from './columns.js';
import { type Dialog, Mode, type Request, type Response, type Side } from './dialog.js';
import { Head, headEnd, Kind, type Span } from './http-head.js';
import { AppCount } from './tally.js';
import type { Writer } from './writer.js';

/** Bytes of a head, and of the line with a chunk's size, that are waited for. */
const HEAD_MAX = 65_000;
const LINE_MAX = 4096;
/** Requests of one connection that may wait for their responses. */
const QUEUE_MAX = 64;
/** What a row keeps of method, target, host, user agent and referer; and of the content type. */
const KEPT = [32, 8192, 512, 1024, 4096] as const;
const TYPE_KEPT = 256;
const LF = 10;
const CR = 13;

/** What became of a read: nothing special, or the connection is not HTTP (any more). */
export const Turn = { on: 0, foreign: 1, tunnel: 2, over: 3 } as const;

/** HTTP/1 messages out of the two directions of a connection, matched in order (RFC 9112 §9.3.2). */
export class HttpReader {
  /** Of the last read(). */
  turn: number = Turn.on;
  readonly #counts: Float64Array;
  readonly #writer: Writer;
  readonly #head = new Head();

  constructor(counts: Float64Array, writer: Writer) {
    this.#counts = counts;
    this.#writer = writer;
  }

  /** Reads bytes[from, to), which follow what was read before; returns how many it used, 0 to wait for more. */
  read(d: Dialog, end: number, p: Packet, bytes: Uint8Array, from: number, to: number): number {
    this.turn = Turn.on;
    const side = d.sides[end as 0 | 1];
    if (side.mode === Mode.head) return this.#readHead(d, side, end, p, bytes, from, to);
    let lf = from;
    while (lf < to && bytes[lf] !== LF) lf++;
    if (lf - from > LINE_MAX) return this.#badChunk(d, side, end, to - from);
    if (lf === to) return 0;
    const line = lf > from && bytes[lf - 1] === CR ? lf - 1 : lf;
    if (side.mode === Mode.trailer) {
      if (line === from) this.bodyEnd(d, end, p);
    } else {
      const size = chunkSize(bytes, from, line);
      if (size < 0) return this.#badChunk(d, side, end, to - from);
      if (size === 0) side.mode = Mode.trailer;
      else {
        // The chunk and the line end after it.
        side.skip = size + 2;
        side.mode = Mode.body;
        this.counted(d, end, size);
      }
    }
    return lf + 1 - from;
  }

  /** So many bytes of a body were seen whose length nobody told. */
  counted(d: Dialog, end: number, n: number): void {
    if (end !== d.client) {
      if (d.response !== null) d.response.bodyBytes += n;
    } else if (d.sending !== null) d.sending.bodyBytes += n;
  }

  /** The message of one direction has ended. */
  bodyEnd(d: Dialog, end: number, p: Packet): void {
    const side = d.sides[end as 0 | 1];
    side.begin(Mode.head);
    if (end === d.client) d.sending = null;
    else if (d.response !== null) {
      d.response.endUs = p.timeUs;
      this.#emit(d, d.response.request, d.response);
      d.response = null;
    }
  }

  /** Bytes of one direction were lost: what follows is looked at segment by segment. */
  lost(d: Dialog, end: number): void {
    if (end === d.client) {
      if (d.sending !== null) d.sending.flags |= HttpFlag.incomplete;
      d.sending = null;
    } else {
      this.#endResponse(d, HttpFlag.incomplete);
      // Whose responses were lost cannot be known; the newest request may still get its own.
      while (d.requests.length > 1) this.#emit(d, d.requests.shift()!, null);
    }
    d.sides[end as 0 | 1].begin(Mode.resync);
  }

  /** One end has closed: a response that goes on until then is whole. */
  closed(d: Dialog, end: number): void {
    if (end === d.client || d.response === null) return;
    this.#endResponse(d, d.sides[end as 0 | 1].skip === Number.POSITIVE_INFINITY ? 0 : HttpFlag.incomplete);
  }

  /** The connection is over: whatever waits becomes rows. */
  finish(d: Dialog): void {
    this.#endResponse(d, HttpFlag.incomplete);
    for (const request of d.requests) this.#emit(d, request, null);
    d.requests = [];
    d.sending = null;
  }

  #endResponse(d: Dialog, flags: number): void {
    if (d.response === null) return;
    d.response.flags |= flags;
    this.#emit(d, d.response.request, d.response);
    d.response = null;
  }

  #emit(d: Dialog, request: Request | null, response: Response | null): void {
    if (request !== null) d.held -= request.text.length;
    this.#writer.http(d.slot, d.vlan, d.client, request, response);
  }

  #badChunk(d: Dialog, side: Side, end: number, used: number): number {
    if (end === d.client) {
      if (d.sending !== null) d.sending.flags |= HttpFlag.badChunk | HttpFlag.incomplete;
      d.sending = null;
    } else this.#endResponse(d, HttpFlag.badChunk | HttpFlag.incomplete);
    side.begin(Mode.resync);
    return used;
  }

  #readHead(d: Dialog, side: Side, end: number, p: Packet, bytes: Uint8Array, from: number, to: number): number {
    // Empty lines before a message are passed over (RFC 9112 §2.2).
    if (bytes[from] === LF) return 1;
    if (bytes[from] === CR && to - from >= 2 && bytes[from + 1] === LF) return 2;
    const stop = headEnd(bytes, from, from + side.scanned, to);
    const head = this.#head;
    if (stop < 0 && to - from < HEAD_MAX && head.mayBegin(bytes, from, to)) {
      side.scanned = to - from;
      return 0;
    }
    if (stop < 0 || !head.read(bytes, from, stop)) {
      // What was never HTTP is merely foreign.
      if (d.client >= 0) this.#counts[AppCount[to - from < HEAD_MAX ? 'http.malformed' : 'http.too_long']]!++;
      return this.#notHttp(d, end, side, to - from);
    }
    if (d.client < 0) d.client = head.kind === Kind.request ? end : 1 - end;
    side.begin(Mode.head);
    if (head.kind === Kind.request) {
      if (end !== d.client) {
        this.#counts[AppCount['http.malformed']]!++;
        return this.#notHttp(d, end, side, to - from);
      }
      this.#request(d, side, p, bytes);
    } else {
      if (end === d.client) {
        this.#counts[AppCount['http.malformed']]!++;
        return this.#notHttp(d, end, side, to - from);
      }
      this.#response(d, side, end, p, bytes);
    }
    return stop - from;
  }

  #notHttp(d: Dialog, end: number, side: Side, used: number): number {
    if (d.requests.length === 0 && d.response === null) this.turn = Turn.foreign;
    else this.lost(d, end);
    side.mode = Mode.resync;
    return used;
  }

  #request(d: Dialog, side: Side, p: Packet, bytes: Uint8Array): void {
    const head = this.#head;
    this.#counts[AppCount['http.requests']]!++;
    const spans = [head.method, head.target, head.host, head.agent, head.referer];
    let flags = head.flags;
    const lengths = spans.map((span, i) => Math.min(span.length, KEPT[i]!));
    if (spans.some((span, i) => span.length > lengths[i]!)) flags |= HttpFlag.cut;
    const text = new Uint8Array(lengths.reduce((sum, n) => sum + n, 0));
    let at = 0;
    for (const [i, span] of spans.entries()) {
      for (let k = 0; k < lengths[i]!; k++) text[at++] = bytes[span.from + k]!;
    }
    const request: Request = {
      timeUs: p.timeUs,
      minor: head.minor,
      flags,
      text,
      lengths,
      bodyBytes: Math.max(0, head.contentLength),
      head: isWord(bytes, head.method, 'HEAD'),
      connect: isWord(bytes, head.method, 'CONNECT'),
    };
    if (d.requests.length >= QUEUE_MAX) {
      this.#counts[AppCount['http.queue_full']]!++;
      this.#emit(d, d.requests.shift()!, null);
    }
    d.requests.push(request);
    d.held += text.length;
    if (head.chunked) {
      request.bodyBytes = 0;
      side.mode = Mode.chunk;
      side.chunked = true;
      d.sending = request;
    } else if (head.contentLength > 0) {
      side.mode = Mode.body;
      side.skip = head.contentLength;
      d.sending = request;
    }
  }

  #response(d: Dialog, side: Side, end: number, p: Packet, bytes: Uint8Array): void {
    const head = this.#head;
    const { status } = head;
    if (status < 200 && status !== 101) {
      this.#counts[AppCount['http.interim']]!++;
      return;
    }
    this.#counts[AppCount['http.responses']]!++;
    this.#endResponse(d, HttpFlag.incomplete);
    const request = d.requests.shift() ?? null;
    if (request === null) this.#counts[AppCount['http.orphan_responses']]!++;
    const length = Math.min(TYPE_KEPT, head.type.length);
    const response: Response = {
      request,
      timeUs: p.timeUs,
      endUs: p.timeUs,
      status,
      minor: head.minor,
      flags: head.flags | (length < head.type.length ? HttpFlag.cut : 0),
      type: bytes.slice(head.type.from, head.type.from + length),
      bodyBytes: 0,
    };
    d.response = response;
    // RFC 9112 §6.3, in its order.
    if (status === 101 || (request?.connect === true && status < 300)) {
      this.#endResponse(d, 0);
      this.turn = status === 101 ? Turn.over : Turn.tunnel;
    } else if (request?.head === true || status === 204 || status === 304) this.bodyEnd(d, end, p);
    else if (head.chunked) {
      side.mode = Mode.chunk;
      side.chunked = true;
    } else if (head.transferCoded || head.contentLength < 0) {
      side.mode = Mode.body;
      side.skip = Number.POSITIVE_INFINITY;
    } else if (head.contentLength === 0) this.bodyEnd(d, end, p);
    else {
      response.bodyBytes = head.contentLength;
      side.mode = Mode.body;
      side.skip = head.contentLength;
    }
  }
}

function isWord(bytes: Uint8Array, span: Span, word: string): boolean {
  if (span.length !== word.length) return false;
  for (let i = 0; i < word.length; i++) if (bytes[span.from + i] !== word.charCodeAt(i)) return false;
  return true;
}

/** The hexadecimal number that begins a chunk (RFC 9112 §7.1), or -1. Extensions after `;` are passed over. */
function chunkSize(bytes: Uint8Array, from: number, to: number): number {
  let size = 0;
  let at = from;
  for (; at < to; at++) {
    const byte = bytes[at]!;
    let digit = -1;
    if (byte >= 48 && byte <= 57) digit = byte - 48;
    else if ((byte | 32) >= 97 && (byte | 32) <= 102) digit = (byte | 32) - 87;
    if (digit < 0) break;
    size = size * 16 + digit;
    if (at - from >= 12) return -1;
  }
  if (at === from) return -1;
  while (at < to && (bytes[at] === 32 || bytes[at] === 9)) at++;
  return at === to || bytes[at] === 59 ? size : -1;
}
