import type { Packet } from '../decode/packet.js';
import { type BufferPool, WINDOW_BYTES } from '../decode/stream-buffer.js';
import { type Connections, IDLE_US, State } from './connections.js';
import { type Dialog, DialogKind, Mode, type Side } from './dialog.js';
import type { Dialogs } from './dialogs.js';
import { type HttpReader, Turn } from './http.js';
import { Start, sniff, sniffStart } from './sniff.js';
import { AppCount } from './tally.js';
import type { TlsReader } from './tls.js';

const FIN = 0x01;
const SYN = 0x02;
const RST = 0x04;
const ACK = 0x10;
/** Bodies without end are passed over in steps that sequence arithmetic can take. */
const STEP_MAX = 2 ** 30;

/**
 * The first bytes of TCP connections, and all heads of HTTP, in order. A connection is known from its SYN+ACK, which
 * tells where both directions begin, or from a segment that looks like the beginning of a message; every other packet
 * costs one look-up. Where segments overlap, the bytes that came first count.
 */
export class Streams {
  readonly #connections: Connections;
  readonly #counts: Float64Array;
  readonly #pool: BufferPool;
  readonly #dialogs: Dialogs;
  readonly #tls: TlsReader;
  readonly #http: HttpReader;

  constructor(
    connections: Connections,
    counts: Float64Array,
    pool: BufferPool,
    dialogs: Dialogs,
    tls: TlsReader,
    http: HttpReader,
  ) {
    this.#connections = connections;
    this.#counts = counts;
    this.#pool = pool;
    this.#dialogs = dialogs;
    this.#tls = tls;
    this.#http = http;
  }

  add(p: Packet, bytes: Uint8Array): void {
    const flags = p.tcpFlags;
    const n = p.payloadEnd - p.payloadStart;
    if (n === 0 && (flags & (FIN | RST)) === 0 && (flags & (SYN | ACK)) !== (SYN | ACK) && this.#dialogs.holes === 0)
      return;
    const connections = this.#connections;
    let slot = connections.find(p);
    if (slot >= 0 && Math.abs(p.timeUs - connections.lastUs[slot]!) > IDLE_US) {
      this.#dialogs.end(slot);
      connections.state[slot] = State.free;
      slot = -1;
    }
    const end = connections.end;
    if ((flags & (SYN | ACK)) === (SYN | ACK)) this.#greeting(p, slot, end);
    else if (slot >= 0) this.#known(p, slot, end, bytes, n);
    else if (n > 0) this.#stranger(p, bytes, end);
  }

  /** SYN+ACK: the next bytes of both directions are known. */
  #greeting(p: Packet, slot: number, end: number): void {
    const connections = this.#connections;
    const mine = (p.tcpSeq + 1) >>> 0;
    if (slot >= 0) {
      // Sent again, or ports used again.
      if (connections.base[slot * 2 + end] === mine) return;
      this.#dialogs.end(slot);
    } else slot = connections.claim(p);
    this.#counts[AppCount['app.connections']]!++;
    this.#counts[AppCount['app.segments']]!++;
    connections.state[slot] = State.opened;
    connections.lastUs[slot] = p.timeUs;
    connections.base[slot * 2 + end] = mine;
    connections.base[slot * 2 + 1 - end] = p.tcpAck;
  }

  /** A segment of a connection that was not seen from its start. */
  #stranger(p: Packet, bytes: Uint8Array, end: number): void {
    if (sniff(bytes, p.payloadStart, p.payloadEnd) === Start.no) return;
    const slot = this.#connections.claim(p);
    this.#counts[AppCount['app.connections']]!++;
    const d = this.#dialogs.open(slot, p.vlan);
    this.#learn(d, p, end);
    this.#counts[AppCount['app.segments']]!++;
    this.#segment(d, p, end, bytes);
    this.#settle(d);
  }

  #known(p: Packet, slot: number, end: number, bytes: Uint8Array, n: number): void {
    const connections = this.#connections;
    connections.lastUs[slot] = p.timeUs;
    const state = connections.state[slot]!;
    if (state === State.done) return;
    if (state === State.read && n > 0 && this.#passes(p, slot * 2 + end, n)) return;
    if (state !== State.read) {
      if (n === 0) return;
      if (state === State.foreign && sniff(bytes, p.payloadStart, p.payloadEnd) !== Start.tls) return;
      const d = this.#dialogs.open(slot, p.vlan);
      if (state === State.opened) {
        for (const e of [0, 1] as const) {
          d.sides[e].known = true;
          d.sides[e].base = connections.base[slot * 2 + e]!;
        }
      }
      this.#learn(d, p, end);
    }
    const d = this.#dialogs.of(slot);
    this.#counts[AppCount['app.segments']]!++;
    if ((p.tcpFlags & ACK) !== 0 && this.#dialogs.holes > 0) this.#acknowledged(d, p, 1 - end);
    if (n > 0 && d.slot >= 0) this.#segment(d, p, end, bytes);
    this.#settle(d);
    if (d.slot >= 0) for (const e of [0, 1] as const) this.#mayPass(d.sides[e], slot * 2 + e);
    if (d.slot < 0 || (p.tcpFlags & (FIN | RST)) === 0) return;
    if ((p.tcpFlags & RST) !== 0) d.closed = 3;
    else if (d.sides[end as 0 | 1].buffer === null) {
      d.closed |= 1 << end;
      if (d.kind === DialogKind.http) this.#http.closed(d, end);
    }
    if (d.closed === 3) this.#dialogs.end(slot);
  }

  /** Whether a segment lies in a body to its end, so that it tells nothing. Its parser is not even looked at. */
  #passes(p: Packet, direction: number, n: number): boolean {
    const connections = this.#connections;
    if (connections.passing[direction] === 0 || this.#dialogs.holes > 0) return false;
    return (p.tcpFlags & (FIN | SYN | RST)) === 0 && ((p.tcpSeq + n - connections.passUntil[direction]!) | 0) < 0;
  }

  /** Notes where the body of a direction ends, if it has one whose end is known. */
  #mayPass(side: Side, direction: number): void {
    const passing = side.mode === Mode.body && side.skip !== Number.POSITIVE_INFINITY;
    this.#connections.passing[direction] = passing ? 1 : 0;
    if (passing) this.#connections.passUntil[direction] = side.base + Math.min(side.skip, STEP_MAX);
  }

  /** A direction that is joined midway begins with the segment at hand, and nothing is known of what came before. */
  #learn(d: Dialog, p: Packet, end: number): void {
    const side = d.sides[end as 0 | 1];
    if (side.known) return;
    side.known = true;
    side.mode = Mode.resync;
    side.base = (p.tcpFlags & SYN) !== 0 ? p.tcpSeq + 1 : p.tcpSeq;
  }

  /** After bytes were read: is there more to come? */
  #settle(d: Dialog): void {
    if (d.slot >= 0 && d.kind === DialogKind.tls && this.#tls.over(d)) this.#dialogs.end(d.slot);
    this.#dialogs.settle(d);
  }

  #segment(d: Dialog, p: Packet, end: number, bytes: Uint8Array): void {
    this.#learn(d, p, end);
    const side = d.sides[end as 0 | 1];
    let from = p.payloadStart;
    const to = p.payloadEnd;
    let at = (p.tcpFlags & SYN) !== 0 ? p.tcpSeq + 1 : p.tcpSeq;
    let news = false;
    while (from < to && d.slot >= 0 && side.mode !== Mode.ignore) {
      const offset = (at - side.base) | 0;
      if (offset < 0) {
        const old = Math.min(-offset, to - from);
        from += old;
        at += old;
        continue;
      }
      news = true;
      if (side.mode === Mode.body) {
        const k = Math.min(side.skip, offset + to - from, STEP_MAX);
        this.#pass(d, side, end, p, k);
        const used = Math.max(0, k - offset);
        from += used;
        at += used;
        continue;
      }
      if (offset === 0 && side.buffer === null) {
        const used = this.#consume(d, side, end, p, bytes, from, to);
        if (d.slot < 0) return;
        side.base = (side.base + used) >>> 0;
        from += used;
        at += used;
        if (used > 0) continue;
      }
      if (!this.#hold(d, side, end, p, offset, bytes, from, to)) return;
      break;
    }
    if (!news) this.#counts[AppCount['app.retransmitted']]!++;
  }

  /** Keeps bytes[from, to) for later, `offset` bytes after `base`; false when they had to be given up. */
  #hold(
    d: Dialog,
    side: Side,
    end: number,
    p: Packet,
    offset: number,
    bytes: Uint8Array,
    from: number,
    to: number,
  ): boolean {
    const n = to - from;
    if (offset + n > WINDOW_BYTES) {
      this.#lose(d, side, end, p, bytes, from, to, offset);
      return false;
    }
    if (side.buffer === null) side.buffer = this.#pool.take(offset + n);
    if (side.buffer === null || !this.#pool.widen(side.buffer, offset + n)) {
      this.#counts[AppCount['app.no_buffer']]!++;
      if (side.buffer !== null) this.#dialogs.giveBack(side);
      this.#gap(d, side, end);
      side.base = (side.base + offset + n) >>> 0;
      return false;
    }
    const hadHole = side.buffer.holes > 0;
    const placed = side.buffer.place(offset, bytes, from, n);
    if (hadHole !== side.buffer.holes > 0) this.#dialogs.holes += hadHole ? -1 : 1;
    if (placed < 0) this.#skipHole(d, side, end, p);
    else if (placed > 0) this.#drain(d, side, end, p);
    return true;
  }

  /** Hands on what is whole in the buffer, and gives the buffer back once it is empty. */
  #drain(d: Dialog, side: Side, end: number, p: Packet): void {
    for (let buffer = side.buffer; buffer !== null && d.slot >= 0; buffer = side.buffer) {
      if (side.mode === Mode.ignore) {
        this.#dialogs.giveBack(side);
        return;
      }
      let used: number;
      if (side.mode === Mode.body) {
        used = Math.min(side.skip, buffer.extent);
        this.#pass(d, side, end, p, used);
        side.base = (side.base - used) >>> 0;
      } else {
        if (buffer.have === 0) return;
        used = this.#consume(d, side, end, p, buffer.bytes, 0, buffer.have);
        if (d.slot < 0 || used === 0) return;
      }
      const hadHole = buffer.holes > 0;
      buffer.drop(used);
      side.base = (side.base + used) >>> 0;
      if (hadHole && buffer.holes === 0) this.#dialogs.holes--;
      if (buffer.have === 0 && buffer.holes === 0) this.#dialogs.giveBack(side);
    }
  }

  /** Passes over `k` bytes of a body. */
  #pass(d: Dialog, side: Side, end: number, p: Packet, k: number): void {
    side.base = (side.base + k) >>> 0;
    if (side.skip === Number.POSITIVE_INFINITY) {
      this.#http.counted(d, end, k);
      if (d.response !== null) d.response.endUs = p.timeUs;
      return;
    }
    side.skip -= k;
    if (side.skip > 0) return;
    if (side.chunked) side.mode = Mode.chunk;
    else this.#http.bodyEnd(d, end, p);
  }

  /** Reads bytes that continue the stream; returns how many were used, 0 to wait for more. The dialog may be over. */
  #consume(d: Dialog, side: Side, end: number, p: Packet, bytes: Uint8Array, from: number, to: number): number {
    if (side.mode === Mode.fresh || side.mode === Mode.resync) {
      const used = this.#begin(d, side, p, bytes, from, to);
      if (used >= 0) return used;
    }
    if (side.mode === Mode.tls) return this.#tls.read(d, end, p, bytes, from, to);
    const used = this.#http.read(d, end, p, bytes, from, to);
    if (d.kind === DialogKind.http) this.#turn(d, this.#http.turn);
    return used;
  }

  #turn(d: Dialog, turn: number): void {
    if (turn === Turn.on) return;
    if (turn === Turn.tunnel) {
      // Behind CONNECT anything may come; it begins anew on both sides (RFC 9110 §9.3.6).
      this.#counts[AppCount['http.tunnels']]!++;
      this.#http.finish(d);
      d.kind = DialogKind.unknown;
      d.client = -1;
      for (const side of d.sides) side.begin(Mode.fresh);
    } else if (turn === Turn.over) this.#dialogs.close(d, State.done);
    else this.#foreign(d);
  }

  #foreign(d: Dialog): void {
    this.#counts[AppCount['app.foreign']]!++;
    this.#dialogs.close(d, State.foreign);
  }

  /** Decides what a direction is. Returns -1 when it is known now, else the bytes used: 0 to wait, all to pass over. */
  #begin(d: Dialog, side: Side, p: Packet, bytes: Uint8Array, from: number, to: number): number {
    if (d.kind === DialogKind.tls) {
      // The other side of a handshake: its hello, or an alert.
      const type = bytes[from]!;
      if (type >= 20 && type <= 24 && (to - from < 2 || bytes[from + 1] === 3)) {
        side.begin(Mode.tls);
        return -1;
      }
      if (side.mode === Mode.fresh) side.begin(Mode.ignore);
      return to - from;
    }
    const start = side.mode === Mode.fresh ? sniffStart(bytes, from, to) : sniff(bytes, from, to);
    if (start === Start.maybe) return 0;
    if (start === Start.http || (start === Start.tls && d.kind === DialogKind.unknown)) {
      d.kind = start === Start.tls ? DialogKind.tls : DialogKind.http;
      side.begin(start === Start.tls ? Mode.tls : Mode.head);
      if (start === Start.tls) d.handshake.startUs = p.timeUs;
      return -1;
    }
    if (d.kind === DialogKind.unknown) {
      this.#foreign(d);
      return to - from;
    }
    // A side of an HTTP connection that does not speak it, or the rest of a body after a gap.
    side.mode = Mode.resync;
    return to - from;
  }

  /** The peer has acknowledged everything before `ack`: a hole below that was lost by the capture. */
  #acknowledged(d: Dialog, p: Packet, other: number): void {
    const side = d.sides[other as 0 | 1];
    while (d.slot >= 0 && side.buffer !== null && side.buffer.holes > 0) {
      if (((p.tcpAck - side.base) | 0) < side.buffer.pieceStart) return;
      this.#skipHole(d, side, other, p);
    }
  }

  /** Goes on with the first piece after the hole. */
  #skipHole(d: Dialog, side: Side, end: number, p: Packet): void {
    const buffer = side.buffer!;
    this.#gap(d, side, end);
    if (d.slot < 0 || side.buffer === null) return;
    const skipped = buffer.holes > 0 ? buffer.pieceStart : buffer.have;
    const hadHole = buffer.holes > 0;
    buffer.drop(skipped);
    if (hadHole && buffer.holes === 0) this.#dialogs.holes--;
    side.base = (side.base + skipped) >>> 0;
    if (buffer.have === 0 && buffer.holes === 0) this.#dialogs.giveBack(side);
    else this.#drain(d, side, end, p);
  }

  /** A segment too far ahead: what waits before it is given up, and the stream goes on with it. */
  #lose(
    d: Dialog,
    side: Side,
    end: number,
    p: Packet,
    bytes: Uint8Array,
    from: number,
    to: number,
    offset: number,
  ): void {
    if (side.buffer !== null) this.#dialogs.giveBack(side);
    this.#gap(d, side, end);
    if (d.slot < 0) return;
    side.base = (side.base + offset) >>> 0;
    const used = side.mode === Mode.ignore ? to - from : this.#consume(d, side, end, p, bytes, from, to);
    if (d.slot < 0) return;
    side.base = (side.base + used) >>> 0;
    const rest = to - from - used;
    if (rest > 0 && rest <= WINDOW_BYTES && side.mode !== Mode.ignore && side.mode !== Mode.body)
      this.#hold(d, side, end, p, 0, bytes, from + used, to);
  }

  /** Bytes of a direction are missing for good. */
  #gap(d: Dialog, side: Side, end: number): void {
    this.#counts[AppCount['app.gaps']]!++;
    if (side.messages !== null) this.#pool.give(side.messages);
    side.messages = null;
    if (d.kind === DialogKind.http) this.#http.lost(d, end);
    else if (d.kind === DialogKind.tls) side.begin(Mode.ignore);
    else side.begin(Mode.resync);
  }
}
