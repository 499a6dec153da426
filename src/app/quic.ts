import type { Packet } from '../decode/packet.js';
import type { Buffered, BufferPool } from '../decode/stream-buffer.js';
import { TlsFlag } from './columns.js';
import { type Connections, IDLE_US, State } from './connections.js';
import { Handshake } from './dialog.js';
import { Hello } from './hello.js';
import { type InitialKeys, initialKeys, openInitial, quicVersion } from './quic-keys.js';
import { AppCount } from './tally.js';
import { takeMessage } from './tls.js';
import type { Writer } from './writer.js';

/** Initials of one direction that are opened; a ClientHello with post-quantum keys takes two or three. */
const TRIES_MAX = 10;
/** Of one hello. */
const CRYPTO_MAX = 16_384;
const FRAMES_MAX = 64;
/** Opening a packet costs some 20 µs, and anybody may send one: so many per second of packet time. */
const OPENED_PER_SECOND = 4000;
const CLIENT_HELLO = 1;

/** A QUIC connection whose hellos are being put together. */
class Attempt {
  slot = -1;
  vlan = 0;
  version = 0;
  handshake = new Handshake();
  /** The client's destination connection id, from which both keys come. */
  id: Uint8Array = new Uint8Array(0);
  readonly keys: [InitialKeys | null, InitialKeys | null] = [null, null];
  readonly crypto: [Buffered | null, Buffered | null] = [null, null];
  readonly tries = [0, 0];
  /** Bytes of hellos, as counted in the total of all attempts. */
  held = 0;
}

/** Whether a UDP payload may begin with a long header of a version that is read, or is a Version Negotiation. */
export function isQuic(view: DataView, from: number, end: number): boolean {
  if (end - from < 23 || (view.getUint8(from) & 0x80) === 0) return false;
  const version = view.getUint32(from + 1);
  if (version === 0) return view.getUint8(from + 5) <= 20;
  return (view.getUint8(from) & 0x40) !== 0 && view.getUint8(from + 5) <= 20 && quicVersion(version) !== null;
}

/** ClientHello and ServerHello out of QUIC's Initial packets (RFC 9000 §17.2.2, RFC 9001 §4). */
export class QuicReader {
  readonly #connections: Connections;
  readonly #counts: Float64Array;
  readonly #pool: BufferPool;
  readonly #writer: Writer;
  readonly #hello = new Hello();
  readonly #attempts = new Map<number, Attempt>();
  readonly #attemptsMax: number;
  readonly #heldMax: number;
  /** Bytes of hellos that attempts hold. */
  #held = 0;
  #second = Number.NaN;
  #opened = 0;
  /** CRYPTO frames of the packet at hand: offset in the stream, place in the packet, length. */
  readonly #frames = new Int32Array(FRAMES_MAX * 3);
  #frameCount = 0;
  #closeCode = -1;

  constructor(
    connections: Connections,
    counts: Float64Array,
    pool: BufferPool,
    writer: Writer,
    attemptsMax: number,
    heldMax: number,
  ) {
    this.#connections = connections;
    this.#counts = counts;
    this.#pool = pool;
    this.#writer = writer;
    this.#attemptsMax = attemptsMax;
    this.#heldMax = heldMax;
  }

  /** One datagram for which isQuic() holds. */
  add(p: Packet, view: DataView, bytes: Uint8Array): void {
    const connections = this.#connections;
    let slot = connections.find(p);
    if (slot >= 0 && Math.abs(p.timeUs - connections.lastUs[slot]!) > IDLE_US) {
      this.end(slot);
      connections.state[slot] = State.free;
      slot = -1;
    }
    if (slot >= 0) connections.lastUs[slot] = p.timeUs;
    if (slot >= 0 && connections.state[slot] === State.done) return;
    const end = connections.end;
    let at = p.payloadStart;
    while (at >= 0 && p.payloadEnd - at >= 7) {
      at = this.#packet(p, view, bytes, at, slot, end);
      if (slot < 0) slot = this.#connections.find(p);
      if (slot >= 0 && connections.state[slot] === State.done) return;
    }
  }

  end(slot: number): void {
    const attempt = this.#attempts.get(slot);
    if (attempt !== undefined) this.#close(attempt);
  }

  sweep(nowUs: number, slackUs: number): void {
    // A Map may be walked while what was passed is taken out.
    for (const attempt of this.#attempts.values()) {
      if (!this.#writer.roomy) return;
      if (Math.abs(nowUs - this.#connections.lastUs[attempt.slot]!) > IDLE_US + slackUs) this.#close(attempt);
    }
  }

  /** Ends every connection; false when the table was full first. */
  flush(): boolean {
    for (const attempt of this.#attempts.values()) {
      if (!this.#writer.roomy) return false;
      this.#close(attempt);
    }
    return true;
  }

  /** One packet of a datagram; returns where the next one begins, or -1. */
  #packet(p: Packet, view: DataView, bytes: Uint8Array, start: number, slot: number, end: number): number {
    const limit = p.payloadEnd;
    const first = view.getUint8(start);
    if ((first & 0x80) === 0) return -1; // A short header has no length: it is the last.
    const number = view.getUint32(start + 1);
    let at = start + 5;
    const idAt = at + 1;
    const idLength = bytes[at]!;
    at += 1 + idLength;
    if (idLength > 20 || at >= limit || bytes[at]! > 20) return this.#malformed();
    at += 1 + bytes[at]!;
    if (at > limit) return this.#malformed();
    const attempt = slot >= 0 ? this.#attempts.get(slot) : undefined;
    if (number === 0) {
      if (attempt === undefined || end === attempt.handshake.client) return -1;
      this.#counts[AppCount['quic.version_negotiations']]!++;
      attempt.handshake.flags |= TlsFlag.quicVersionNegotiation;
      return -1;
    }
    const version = quicVersion(number);
    if (version === null) return -1;
    const type = (first >> 4) & 3;
    if (type === version.retry) {
      if (attempt === undefined || end === attempt.handshake.client) return -1;
      this.#counts[AppCount['quic.retries']]!++;
      attempt.handshake.flags |= TlsFlag.quicRetry;
      // From now on the keys come from the id that the server chose (RFC 9001 §5.2).
      attempt.keys[0] = attempt.keys[1] = null;
      return -1;
    }
    if (type === version.initial) {
      const token = varint(bytes, at, limit);
      if (token < 0) return this.#malformed();
      at += varintLength(bytes[at]!) + token;
    }
    const length = at < limit ? varint(bytes, at, limit) : -1;
    if (length < 0) return this.#malformed();
    at += varintLength(bytes[at]!);
    const next = at + length;
    // A snapped packet cannot be authenticated.
    if (next > limit) return p.payloadEnd - p.payloadStart < p.payloadBytes ? -1 : this.#malformed();
    if (type === version.initial) {
      const id = bytes.subarray(idAt, idAt + idLength);
      this.#initial(p, bytes, start, at, next, slot, end, number, id, attempt);
    }
    return next;
  }

  #malformed(): number {
    this.#counts[AppCount['quic.malformed']]!++;
    return -1;
  }

  #initial(
    p: Packet,
    bytes: Uint8Array,
    start: number,
    numberAt: number,
    next: number,
    slot: number,
    end: number,
    number: number,
    id: Uint8Array,
    known: Attempt | undefined,
  ): void {
    this.#counts[AppCount['quic.initials']]!++;
    let attempt = known;
    // After Version Negotiation a client begins again in another version.
    const anew = attempt === undefined || (end === attempt.handshake.client && attempt.version !== number);
    const client = anew || end === attempt!.handshake.client ? end : 1 - end;
    if (!anew) {
      const h = attempt!.handshake;
      if (end === client ? h.clientHello !== null : h.serverHello !== null) return;
      if (attempt!.tries[end]!++ >= TRIES_MAX) return;
    }
    if (!this.#mayOpen(p)) return;
    const version = quicVersion(number)!;
    let keys = anew ? null : attempt!.keys[end as 0 | 1];
    if (keys === null) {
      if (!anew && (attempt!.handshake.flags & TlsFlag.quicRetry) !== 0 && end === client) attempt!.id = id.slice();
      keys = initialKeys(version, anew ? id : attempt!.id, end === client);
      if (!anew) attempt!.keys[end as 0 | 1] = keys;
    }
    const frames = openInitial(keys, bytes, start, numberAt, next);
    if (frames === null) {
      this.#counts[AppCount['quic.undecryptable']]!++;
      return;
    }
    if (anew) {
      const flags = attempt?.handshake.flags ?? 0;
      if (attempt !== undefined) this.#forget(attempt);
      attempt = this.#begin(p, slot, end, number, id);
      attempt.keys[end as 0 | 1] = keys;
      attempt.tries[end] = 1;
      attempt.handshake.flags = flags & TlsFlag.quicVersionNegotiation;
    }
    if (!this.#findFrames(frames)) this.#counts[AppCount['quic.malformed']]!++;
    this.#take(attempt!, p, end, frames);
  }

  /** At most so many a second of packet time, so that a flood of Initials cannot take the processor. */
  #mayOpen(p: Packet): boolean {
    const second = Math.floor(p.timeUs / 1e6);
    if (second !== this.#second) {
      this.#second = second;
      this.#opened = 0;
    }
    if (this.#opened >= OPENED_PER_SECOND) {
      this.#counts[AppCount['quic.over_budget']]!++;
      return false;
    }
    this.#opened++;
    return true;
  }

  #begin(p: Packet, slot: number, end: number, version: number, id: Uint8Array): Attempt {
    if (this.#attempts.size >= this.#attemptsMax) this.#evictOldest();
    if (slot < 0) {
      slot = this.#connections.claim(p);
      this.#counts[AppCount['app.connections']]!++;
    }
    this.#connections.state[slot] = State.read;
    this.#connections.lastUs[slot] = p.timeUs;
    const attempt = new Attempt();
    attempt.slot = slot;
    attempt.vlan = p.vlan;
    attempt.version = version;
    attempt.id = id.slice();
    attempt.handshake.client = end;
    attempt.handshake.startUs = p.timeUs;
    this.#attempts.set(slot, attempt);
    return attempt;
  }

  /** Notes the CRYPTO frames of a packet in the order of their offsets; false when a frame makes no sense. */
  #findFrames(b: Uint8Array): boolean {
    this.#frameCount = 0;
    this.#closeCode = -1;
    let at = 0;
    while (at < b.length) {
      const type = b[at++]!;
      if (type === 0 || type === 1) continue; // PADDING, PING
      let fields = 0;
      if (type === 2 || type === 3) fields = 3;
      else if (type === 6) fields = 2;
      else if (type === 0x1c) fields = 3;
      else return false; // No other frame may be in an Initial (RFC 9000 §12.4).
      const values = [0, 0, 0];
      for (let i = 0; i < fields; i++) {
        values[i] = varint(b, at, b.length);
        if (values[i]! < 0) return false;
        at += varintLength(b[at]!);
      }
      if (type === 6) {
        const [offset, length] = values as [number, number, number];
        if (at + length > b.length) return false;
        this.#note(offset, at, length);
        at += length;
      } else if (type === 0x1c) {
        // CONNECTION_CLOSE with a code of TLS's own: 0x100 and the alert (RFC 9001 §4.8).
        if (values[0]! >= 0x100 && values[0]! <= 0x1ff) this.#closeCode = values[0]! & 0xff;
        return true;
      } else {
        // ACK: first range, then pairs of gap and range, then three counts where type is 3.
        const more = 1 + values[2]! * 2 + (type === 3 ? 3 : 0);
        if (more > 2 * b.length) return false;
        for (let i = 0; i < more; i++) {
          if (varint(b, at, b.length) < 0) return false;
          at += varintLength(b[at]!);
        }
      }
    }
    return true;
  }

  #note(offset: number, at: number, length: number): void {
    if (this.#frameCount === FRAMES_MAX || offset + length > CRYPTO_MAX || length === 0) return;
    const f = this.#frames;
    let i = this.#frameCount++ * 3;
    for (; i > 0 && f[i - 3]! > offset; i -= 3) {
      f[i] = f[i - 3]!;
      f[i + 1] = f[i - 2]!;
      f[i + 2] = f[i - 1]!;
    }
    f[i] = offset;
    f[i + 1] = at;
    f[i + 2] = length;
  }

  /** Adds the noted frames to the stream of hellos and reads what is whole. */
  #take(attempt: Attempt, p: Packet, end: number, frames: Uint8Array): void {
    const h = attempt.handshake;
    if (this.#closeCode >= 0) {
      if (end === h.client) h.clientAlert = this.#closeCode;
      else h.serverAlert = this.#closeCode;
    }
    const f = this.#frames;
    let crypto = attempt.crypto[end as 0 | 1];
    for (let i = 0; i < this.#frameCount * 3; i += 3) {
      const size = f[i]! + f[i + 2]!;
      crypto ??= attempt.crypto[end as 0 | 1] = this.#pool.take(size);
      if (crypto === null || !this.#pool.widen(crypto, size)) {
        this.#counts[AppCount['app.no_buffer']]!++;
        return;
      }
      crypto.place(f[i]!, frames, f[i + 1]!, f[i + 2]!);
    }
    if (crypto === null || crypto.have < 4) return;
    const b = crypto.bytes;
    const length = (b[1]! << 16) | (b[2]! << 8) | b[3]!;
    const wrong = b[0] !== (end === h.client ? CLIENT_HELLO : 2) || length + 4 > CRYPTO_MAX;
    if (!wrong && crypto.have < 4 + length) return;
    if (wrong || !takeMessage(h, this.#hello, end, b[0]!, b, 4, 4 + length, p.timeUs)) {
      this.#counts[AppCount['tls.malformed_hello']]!++;
      this.#close(attempt);
      return;
    }
    if (end === h.client) {
      this.#counts[AppCount['quic.hellos']]!++;
    } else {
      this.#counts[AppCount['quic.server_hellos']]!++;
      if (h.serverHello === null) {
        // A HelloRetryRequest; the real hello follows it.
        crypto.drop(4 + length);
        return;
      }
      h.flags |= TlsFlag.established;
    }
    if (h.serverHello !== null && h.clientHello !== null) {
      this.#close(attempt);
      return;
    }
    this.#held += h.bytes - attempt.held;
    attempt.held = h.bytes;
    while (this.#held > this.#heldMax) this.#evictOldest();
  }

  #evictOldest(): void {
    this.#counts[AppCount['app.evicted_dialogs']]!++;
    this.#close(this.#attempts.values().next().value!);
  }

  /** Writes what is known; nothing of the connection is read after that. */
  #close(attempt: Attempt): void {
    const h = attempt.handshake;
    if (h.clientHello !== null || h.serverHello !== null) {
      this.#writer.tls(attempt.slot, attempt.vlan, h, attempt.version);
    }
    this.#forget(attempt);
    this.#connections.state[attempt.slot] = State.done;
  }

  #forget(attempt: Attempt): void {
    for (const crypto of attempt.crypto) if (crypto !== null) this.#pool.give(crypto);
    this.#attempts.delete(attempt.slot);
    this.#held -= attempt.held;
  }
}

function varintLength(first: number): number {
  return 1 << (first >> 6);
}

/** A variable-length integer (RFC 9000 §16), or -1 when it is cut; those too large for any packet are 2^53. */
function varint(bytes: Uint8Array, at: number, end: number): number {
  if (at >= end) return -1;
  const length = varintLength(bytes[at]!);
  if (at + length > end) return -1;
  let value = bytes[at]! & 0x3f;
  for (let i = 1; i < length; i++) value = value * 256 + bytes[at + i]!;
  return Math.min(value, 2 ** 53);
}
