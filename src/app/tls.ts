import type { Packet } from '../decode/packet.js';
import { type BufferPool, WINDOW_BYTES } from '../decode/stream-buffer.js';
import { TlsFlag } from './columns.js';
import { type Dialog, type Handshake, Mode, type Side } from './dialog.js';
import { Hello } from './hello.js';
import { AppCount } from './tally.js';

/** Content types of records (RFC 8446 §5.1). */
const Content = { changeCipherSpec: 20, alert: 21, handshake: 22, applicationData: 23, heartbeat: 24 } as const;
const Message = { clientHello: 1, serverHello: 2, certificate: 11 } as const;
const RECORD_MAX = 16_384 + 2048;
/** The longest hello and certificate that a row keeps, and the longest message that is waited for. */
const HELLO_MAX = 16_384;
const CERTIFICATE_MAX = 8192;
const MESSAGE_MAX = WINDOW_BYTES;

/**
 * Takes one whole handshake message into `h`, from the end `end`; bytes[from, to) is its body. Returns false when it is
 * malformed. TLS 1.3 encrypts certificates, so those seen are of TLS 1.2 and older.
 */
export function takeMessage(
  h: Handshake,
  hello: Hello,
  end: number,
  type: number,
  bytes: Uint8Array,
  from: number,
  to: number,
  timeUs: number,
): boolean {
  if (type === Message.clientHello) {
    if (h.clientHello !== null) return true;
    if (to - from > HELLO_MAX || !hello.readClient(bytes, from, to)) return false;
    h.client = end;
    h.clientHello = bytes.slice(from, to);
    h.sniFrom = hello.sniLength > 0 ? hello.sniFrom - from : 0;
    h.sniLength = hello.sniLength;
  } else if (type === Message.serverHello) {
    if (to - from > HELLO_MAX || !hello.readServer(bytes, from, to)) return false;
    if (hello.helloRetry) {
      h.flags |= TlsFlag.helloRetry;
      return true;
    }
    if (h.serverHello !== null) return true;
    if (h.client < 0) h.client = 1 - end;
    h.serverHello = bytes.slice(from, to);
    h.serverUs = timeUs;
  } else if (type === Message.certificate) {
    if (h.client < 0) return true;
    if (end === h.client) h.flags |= TlsFlag.clientCertificate;
    else if (h.certificate === null) return takeCertificates(h, bytes, from, to);
  }
  return true;
}

/** Certificate (RFC 5246 §7.4.2): a list of certificates, the server's own first, each after three bytes of length. */
function takeCertificates(h: Handshake, bytes: Uint8Array, from: number, to: number): boolean {
  if (to - from < 3 || u24(bytes, from) !== to - from - 3) return false;
  for (let at = from + 3; at < to; ) {
    if (to - at < 3) return false;
    const length = u24(bytes, at);
    at += 3;
    if (length === 0 || at + length > to) return false;
    if (h.chain === 0) {
      if (length <= CERTIFICATE_MAX) h.certificate = bytes.slice(at, at + length);
      else h.flags |= TlsFlag.certificateTooLong;
    }
    if (h.chain < 255) h.chain++;
    at += length;
  }
  return true;
}

const u24 = (bytes: Uint8Array, at: number) => (bytes[at]! << 16) | (bytes[at + 1]! << 8) | bytes[at + 2]!;

/** Records to handshake messages and alerts, one direction of a connection at a time. */
export class TlsReader {
  readonly #counts: Float64Array;
  readonly #pool: BufferPool;
  readonly #hello = new Hello();

  constructor(counts: Float64Array, pool: BufferPool) {
    this.#counts = counts;
    this.#pool = pool;
  }

  /** Whether neither side has anything more to say in the clear. */
  over(d: Dialog): boolean {
    return d.sides[0].mode === Mode.ignore && d.sides[1].mode === Mode.ignore;
  }

  /** Reads bytes[from, to), which follow what was read before; returns how many it used. */
  read(d: Dialog, end: number, p: Packet, bytes: Uint8Array, from: number, to: number): number {
    const side = d.sides[end as 0 | 1];
    let at = from;
    while (at < to && side.mode === Mode.tls) {
      if (side.recordLeft === 0) {
        if (to - at < 5) break;
        this.#record(d, side, end, bytes, at);
        at += 5;
        continue;
      }
      const n = Math.min(side.recordLeft, to - at);
      if (side.recordType === Content.handshake) this.#handshake(d, side, end, p, bytes, at, n);
      else if (side.recordType === Content.alert) this.#alert(d, side, end, bytes, at, n);
      at += n;
      side.recordLeft -= n;
    }
    if (side.mode === Mode.ignore) {
      if (side.messages !== null) this.#pool.give(side.messages);
      side.messages = null;
      return to - from;
    }
    return at - from;
  }

  #record(d: Dialog, side: Side, end: number, bytes: Uint8Array, at: number): void {
    const type = bytes[at]!;
    const length = (bytes[at + 3]! << 8) | bytes[at + 4]!;
    if (type < Content.changeCipherSpec || type > Content.heartbeat || bytes[at + 1] !== 3 || length > RECORD_MAX) {
      this.#counts[AppCount['tls.malformed_record']]!++;
      side.mode = Mode.ignore;
      return;
    }
    side.recordType = type;
    side.recordLeft = length;
    side.alertBytes = 0;
    if (type !== Content.applicationData && type !== Content.changeCipherSpec) return;
    // After a HelloRetryRequest a change of cipher is for show (RFC 8446 §D.4); the real ServerHello is yet to come.
    const h = d.handshake;
    const forShow = type === Content.changeCipherSpec && (h.flags & TlsFlag.helloRetry) !== 0;
    if (forShow && end !== h.client && h.serverHello === null) return;
    side.encrypted = true;
    side.mode = Mode.ignore;
    if (d.sides[0].encrypted && d.sides[1].encrypted && h.serverHello !== null) h.flags |= TlsFlag.established;
  }

  #alert(d: Dialog, side: Side, end: number, bytes: Uint8Array, at: number, n: number): void {
    // Level and description; a longer record is an encrypted one.
    if (side.alertBytes === 0 && side.recordLeft !== 2) return;
    if (side.alertBytes + n < 2) {
      side.alertBytes += n;
      return;
    }
    side.alertBytes = 0;
    this.#counts[AppCount['tls.alerts']]!++;
    const h = d.handshake;
    if (end === h.client) h.clientAlert = bytes[at + n - 1]!;
    else h.serverAlert = bytes[at + n - 1]!;
  }

  #handshake(d: Dialog, side: Side, end: number, p: Packet, bytes: Uint8Array, from: number, n: number): void {
    let at = from;
    const to = from + n;
    while (at < to && side.mode === Mode.tls) {
      if (side.messageSkip > 0) {
        const k = Math.min(side.messageSkip, to - at);
        side.messageSkip -= k;
        at += k;
        continue;
      }
      let have = side.messages?.have ?? 0;
      // The four bytes that say what comes.
      if (have < 4) {
        if (!this.#append(side, bytes, at, Math.min(4 - have, to - at), 4)) return;
        at += Math.min(4 - have, to - at);
        have = side.messages!.have;
        if (have < 4) return;
      }
      const message = side.messages!;
      const type = message.bytes[0]!;
      const length = u24(message.bytes, 1);
      const wanted = type === Message.clientHello || type === Message.serverHello || type === Message.certificate;
      if (length + 4 > MESSAGE_MAX || (type > 24 && type !== 254 && type !== 67 && type !== 25 && type !== 203)) {
        this.#counts[AppCount[length + 4 > MESSAGE_MAX ? 'tls.too_long' : 'tls.malformed_record']]!++;
        side.mode = Mode.ignore;
        return;
      }
      if (!wanted) {
        side.messageSkip = length;
        message.reset();
        continue;
      }
      const k = Math.min(4 + length - have, to - at);
      if (!this.#append(side, bytes, at, k, 4 + length)) return;
      at += k;
      if (message.have < 4 + length) return;
      this.#message(d, side, end, type, p, length);
      message.reset();
    }
  }

  #message(d: Dialog, side: Side, end: number, type: number, p: Packet, length: number): void {
    const h = d.handshake;
    const before = h.bytes;
    const bytes = side.messages!.bytes;
    if (!takeMessage(h, this.#hello, end, type, bytes, 4, 4 + length, p.timeUs)) {
      const name = type === Message.certificate ? 'tls.malformed_certificate' : 'tls.malformed_hello';
      this.#counts[AppCount[name]]!++;
      side.mode = Mode.ignore;
      return;
    }
    d.held += h.bytes - before;
    const name =
      type === Message.clientHello
        ? 'tls.hellos'
        : type === Message.serverHello
          ? 'tls.server_hellos'
          : 'tls.certificates';
    this.#counts[AppCount[name]]!++;
  }

  /** Puts `n` bytes after those that wait, in a buffer that will take `size`; false when there is no memory for it. */
  #append(side: Side, bytes: Uint8Array, at: number, n: number, size: number): boolean {
    side.messages ??= this.#pool.take(size);
    if (side.messages === null || !this.#pool.widen(side.messages, size)) {
      this.#counts[AppCount['app.no_buffer']]!++;
      side.mode = Mode.ignore;
      return false;
    }
    side.messages.place(side.messages.have, bytes, at, n);
    return true;
  }
}
