import type { Packet } from '../decode/packet.js';
import { type Buffered, BufferPool, WINDOW_BYTES } from '../decode/stream-buffer.js';
import { Fault, FLAG_QR, HEADER_BYTES, likelyHeader } from './scan.js';
import { DnsCount } from './tally.js';

/**
 * Called with each whole message; its memory is only lent for the call. `reversed`: it was sent the other way than the
 * packet at hand, whose acknowledgement set it free. Returns what the bytes were.
 */
export type MessageSink = (view: DataView, bytes: Uint8Array, start: number, end: number, reversed: boolean) => Fault;

const WAYS = 8;
const SYN = 0x02;
const RST = 0x04;
const ACK = 0x10;
/** What a slot costs without its buffer. */
const SLOT_BYTES = 32 + 4 + 4 + 8 + 1 + 16;
/** Silence after which a stream's next segment is taken for that of another connection. */
const IDLE_US = 30_000_000;
const SWEEP_US = 1_000_000;
/** Questions a query over TCP has at most, when there is only the header to judge a message by. */
const QUESTIONS_MAX = 1;

/**
 * - opened: a SYN was seen and no data yet.
 * - unsure: joined midway or after a gap; `base` may or may not be the start of a message.
 * - synced: `base` is the start of a message's length field (RFC 1035 §4.2.2).
 * - foreign: not DNS; ignored until another SYN.
 */
const State = { free: 0, opened: 1, unsure: 2, synced: 3, foreign: 4 } as const;

/**
 * DNS messages out of TCP segments, each direction of a connection by itself (RFC 7766: several messages a segment,
 * several segments a message, answers in any order).
 *
 * `base` is the sequence number of the first byte not yet delivered. In the common case whole messages are handed on
 * where they lie in the packet; only what is incomplete, or came too early, is copied to a buffer of at most 64 KiB + 2.
 * Where segments overlap, the bytes that came first count.
 *
 * A hole is waited for until the peer acknowledges bytes beyond it (then the capture lost them) or the window of 64 KiB
 * is full. Then the stream goes on with the first byte after the hole, if a message begins there: that is believed
 * when its length and header make sense, and otherwise the next segment is tried.
 */
export class TcpStreams {
  readonly #sets: number;
  readonly #seed: number;
  readonly #counts: Float64Array;
  readonly #sink: MessageSink;
  readonly #pool: BufferPool;
  readonly #addr: Uint32Array;
  readonly #ports: Uint32Array;
  readonly #base: Uint32Array;
  readonly #lastUs: Float64Array;
  readonly #state: Uint8Array;
  readonly #buffers: (Buffered | null)[];
  /** Slots with a buffer, for the sweep; and how many of them have a hole. */
  #held = 0;
  #holes = 0;
  #reversed = false;
  readonly #sweptUs = new Float64Array([Number.NEGATIVE_INFINITY]);

  constructor(memoryBytes: number, seed: number, counts: Float64Array, sink: MessageSink) {
    this.#sets = 2 ** Math.max(0, Math.floor(Math.log2(memoryBytes / 4 / SLOT_BYTES / WAYS)));
    const slots = this.#sets * WAYS;
    this.#pool = new BufferPool(Math.max(2 * WINDOW_BYTES, memoryBytes - slots * SLOT_BYTES));
    this.#seed = seed | 0;
    this.#counts = counts;
    this.#sink = sink;
    this.#addr = new Uint32Array(slots * 8);
    this.#ports = new Uint32Array(slots);
    this.#base = new Uint32Array(slots);
    this.#lastUs = new Float64Array(slots);
    this.#state = new Uint8Array(slots);
    this.#buffers = new Array<Buffered | null>(slots).fill(null);
  }

  add(p: Packet, view: DataView, bytes: Uint8Array): void {
    const counts = this.#counts;
    counts[DnsCount.tcp_segments]!++;
    const flags = p.tcpFlags;
    const length = p.payloadEnd - p.payloadStart;

    if ((flags & ACK) !== 0 && this.#holes > 0) {
      const peer = this.#find(p.addr, 4, 0, (p.dstPort << 16) | p.srcPort);
      if (peer >= 0) {
        this.#reversed = true;
        this.#acknowledged(peer, p.tcpAck);
        this.#reversed = false;
      }
    }
    if (length === 0 && (flags & (SYN | RST)) === 0) return;

    const ports = (p.srcPort << 16) | p.dstPort;
    let slot = this.#find(p.addr, 0, 4, ports);
    if ((flags & RST) !== 0) {
      if (slot >= 0) this.#release(slot);
      return;
    }
    if (slot >= 0 && Math.abs(p.timeUs - this.#lastUs[slot]!) > IDLE_US) {
      this.#release(slot);
      slot = -1;
    }
    if (slot < 0) {
      slot = this.#open(p.addr, ports);
      this.#state[slot] = (flags & SYN) !== 0 ? State.opened : State.unsure;
      this.#base[slot] = (flags & SYN) !== 0 ? p.tcpSeq + 1 : p.tcpSeq;
    } else if (
      (flags & SYN) !== 0 &&
      (this.#base[slot] !== (p.tcpSeq + 1) >>> 0 || this.#state[slot] === State.foreign)
    ) {
      // Ports used again before the old connection was forgotten.
      this.#letGo(slot);
      counts[DnsCount.tcp_streams]!++;
      this.#state[slot] = State.opened;
      this.#base[slot] = p.tcpSeq + 1;
    }
    this.#lastUs[slot] = p.timeUs;
    if (length === 0) return;
    if (this.#state[slot] === State.foreign) {
      counts[DnsCount.tcp_ignored]!++;
      return;
    }
    if (this.#state[slot] === State.opened) this.#state[slot] = State.synced;
    const seq = (flags & SYN) !== 0 ? p.tcpSeq + 1 : p.tcpSeq;
    this.#segment(slot, seq, view, bytes, p.payloadStart, p.payloadEnd);
  }

  /** Gives back the buffers of streams that fell silent in the middle of a message. */
  advance(nowUs: number): void {
    if (this.#held === 0 || Math.abs(nowUs - this.#sweptUs[0]!) < SWEEP_US) return;
    this.#sweptUs[0] = nowUs;
    for (let slot = 0; slot < this.#buffers.length; slot++) {
      if (this.#buffers[slot] !== null && Math.abs(nowUs - this.#lastUs[slot]!) > IDLE_US + SWEEP_US)
        this.#release(slot);
    }
  }

  /** Ends every stream. */
  flush(): void {
    for (let slot = 0; slot < this.#buffers.length; slot++) if (this.#state[slot] !== State.free) this.#release(slot);
  }

  #segment(slot: number, seq: number, view: DataView, bytes: Uint8Array, start: number, end: number): void {
    let from = start;
    let at = seq;
    let news = false;
    let jumped = false;
    while (from < end && this.#state[slot] !== State.foreign) {
      const offset = (at - this.#base[slot]!) | 0;
      if (offset < 0) {
        if (this.#state[slot] === State.unsure && this.#buffers[slot] === null) {
          this.#base[slot] = at; // nothing was believed yet, so the earlier byte is as good a start
          continue;
        }
        const old = Math.min(-offset, end - from);
        from += old;
        at += old;
        continue;
      }
      let buffer = this.#buffers[slot]!;
      if (offset === 0 && buffer === null) {
        const used = this.#deliver(slot, view, bytes, from, end);
        if (used !== 0) news = true;
        if (used < 0) return;
        from += used;
        at += used;
        if (from >= end || this.#state[slot] === State.foreign) break;
        if (used > 0) continue;
      }
      const n = Math.min(WINDOW_BYTES - offset, end - from);
      if (n <= 0) {
        // Either far ahead of a hole, or from another connection altogether.
        if (buffer !== null) this.#skipHole(slot);
        else if (!jumped) this.#counts[DnsCount.tcp_gaps]!++;
        jumped = true;
        if (this.#buffers[slot] === null) {
          this.#state[slot] = State.unsure;
          this.#base[slot] = at;
        }
        continue;
      }
      if (buffer === null) {
        const fresh = this.#pool.take(offset + n);
        if (fresh === null) {
          this.#noBuffer(slot, at + end - from);
          return;
        }
        this.#buffers[slot] = buffer = fresh;
        this.#held++;
      } else if (!this.#pool.widen(buffer, offset + n)) {
        this.#noBuffer(slot, at + end - from);
        return;
      }
      const hadHole = buffer.holes > 0;
      const placed = buffer.place(offset, bytes, from, n);
      if (hadHole !== buffer.holes > 0) this.#holes += hadHole ? -1 : 1;
      if (placed < 0) {
        this.#skipHole(slot); // more pieces than are kept track of
        continue;
      }
      if (placed > 0) news = true;
      from += n;
      at += n;
      this.#drain(slot);
    }
    if (!news) this.#counts[DnsCount.tcp_retransmitted]!++;
  }

  /**
   * Hands on the whole messages at the start of [from, end). Returns the bytes used, 0 when the first one is not whole,
   * or -1 when no message can begin here and the rest of the segment was passed over.
   */
  #deliver(slot: number, view: DataView, bytes: Uint8Array, from: number, end: number): number {
    let at = from;
    while (end - at >= 2) {
      const length = view.getUint16(at);
      if (this.#state[slot] === State.unsure) {
        if (length < HEADER_BYTES || (end - at >= 6 + 2 && !likelyStart(view, at))) {
          this.#counts[DnsCount.tcp_unsynced]!++;
          this.#base[slot] = this.#base[slot]! + (end - at);
          return -1;
        }
        if (end - at >= 8) this.#state[slot] = State.synced;
      }
      if (end - at < 2 + length) break;
      this.#counts[DnsCount.tcp_messages]!++;
      const fault = this.#sink(view, bytes, at + 2, at + 2 + length, this.#reversed);
      at += 2 + length;
      this.#base[slot] = this.#base[slot]! + 2 + length;
      if (fault === Fault.notDns) {
        this.#counts[DnsCount.tcp_not_dns]!++;
        this.#state[slot] = State.foreign;
        break;
      }
    }
    return at - from;
  }

  /** Hands on what is whole in the buffer, and gives the buffer back once it is empty. */
  #drain(slot: number): void {
    const buffer = this.#buffers[slot]!;
    const used = this.#deliver(slot, buffer.view, buffer.bytes, 0, buffer.have);
    if (this.#state[slot] === State.foreign) {
      this.#letGo(slot);
      return;
    }
    const hadHole = buffer.holes > 0;
    buffer.drop(used < 0 ? buffer.have : used);
    if (hadHole && buffer.holes === 0) this.#holes--;
    if (buffer.have === 0 && buffer.holes === 0) this.#giveBack(slot);
  }

  /** The peer has acknowledged everything before `ack`: a hole below that was lost by the capture, not by the network. */
  #acknowledged(slot: number, ack: number): void {
    for (let buffer = this.#buffers[slot]!; buffer !== null && buffer.holes > 0; buffer = this.#buffers[slot]!) {
      if (((ack - this.#base[slot]!) | 0) < buffer.pieceStart) return;
      this.#skipHole(slot);
    }
  }

  /** Goes on with the first piece after the hole, or with nothing if there is none. */
  #skipHole(slot: number): void {
    const buffer = this.#buffers[slot]!;
    this.#counts[DnsCount.tcp_gaps]!++;
    const hadHole = buffer.holes > 0;
    const skipped = hadHole ? buffer.pieceStart : buffer.have;
    this.#base[slot] = this.#base[slot]! + skipped;
    this.#state[slot] = State.unsure;
    buffer.drop(skipped);
    if (hadHole && buffer.holes === 0) this.#holes--;
    if (buffer.have > 0) this.#drain(slot);
    else this.#giveBack(slot);
  }

  #noBuffer(slot: number, next: number): void {
    this.#counts[DnsCount.tcp_no_buffer]!++;
    this.#letGo(slot);
    this.#state[slot] = State.unsure;
    this.#base[slot] = next;
  }

  #find(addr: Uint32Array, source: number, target: number, ports: number): number {
    const first = this.#setOf(addr, source, target, ports);
    for (let slot = first; slot < first + WAYS; slot++) {
      if (this.#state[slot] === State.free || this.#ports[slot] !== ports >>> 0) continue;
      let same = true;
      for (let i = 0; i < 4 && same; i++) {
        same = this.#addr[slot * 8 + i] === addr[source + i] && this.#addr[slot * 8 + 4 + i] === addr[target + i];
      }
      if (same) return slot;
    }
    return -1;
  }

  /** A slot for a new stream: a free one, else that of a SYN nobody followed up, else the one silent for longest. */
  #open(addr: Uint32Array, ports: number): number {
    const first = this.#setOf(addr, 0, 4, ports);
    let best = first;
    for (let slot = first; slot < first + WAYS; slot++) {
      const rank = this.#rank(slot) - this.#rank(best);
      if (rank < 0 || (rank === 0 && this.#lastUs[slot]! < this.#lastUs[best]!)) best = slot;
    }
    if (this.#state[best] !== State.free) {
      this.#counts[DnsCount.tcp_evicted]!++;
      this.#release(best);
    }
    this.#counts[DnsCount.tcp_streams]!++;
    for (let i = 0; i < 8; i++) this.#addr[best * 8 + i] = addr[i]!;
    this.#ports[best] = ports;
    return best;
  }

  #rank(slot: number): number {
    const state = this.#state[slot]!;
    return state === State.free ? 0 : state === State.opened ? 1 : 2;
  }

  #release(slot: number): void {
    this.#letGo(slot);
    this.#state[slot] = State.free;
  }

  /** Drops what the stream has waiting. */
  #letGo(slot: number): void {
    const buffer = this.#buffers[slot]!;
    if (buffer === null) return;
    this.#counts[DnsCount.tcp_incomplete]!++;
    if (buffer.holes > 0) this.#holes--;
    this.#giveBack(slot);
  }

  #giveBack(slot: number): void {
    this.#pool.give(this.#buffers[slot]!);
    this.#buffers[slot] = null;
    this.#held--;
  }

  #setOf(addr: Uint32Array, source: number, target: number, ports: number): number {
    let h = this.#seed ^ ports;
    for (let i = 0; i < 4; i++) {
      h = Math.imul(h ^ addr[source + i]!, 0x85ebca6b);
      h ^= h >>> 13;
      h = Math.imul(h ^ addr[target + i]!, 0xc2b2ae35);
      h ^= h >>> 16;
    }
    return (h & (this.#sets - 1)) * WAYS;
  }
}

/** Whether a length field and the beginning of a header (six bytes) look like a message. */
function likelyStart(view: DataView, at: number): boolean {
  const flags = view.getUint16(at + 4);
  const questions = view.getUint16(at + 6);
  return likelyHeader(flags, questions) && questions <= QUESTIONS_MAX && (questions === 1 || (flags & FLAG_QR) !== 0);
}
