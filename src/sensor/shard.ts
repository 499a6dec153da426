import type { FrameBatch, FrameSource } from '../capture/source.js';
import { Decoder } from '../decode/decoder.js';
import { Fragments } from '../decode/fragments.js';
import { Packet } from '../decode/packet.js';
import { PACKETS_MAX, Packets } from '../decode/packets.js';
import { isInFlow, VERDICTS } from '../decode/verdict.js';
import type { DnsTable } from '../dns/columns.js';
import { DnsStage, isDns, isDnsPort } from '../dns/stage.js';
import type { FlowColumns } from '../flow/columns.js';
import { FlowTable } from '../flow/table.js';
import type { Ledger } from '../record/ledger.js';
import type { Budget } from './budget.js';

export interface ShardOptions {
  budget: Budget;
  /** Seed of the hash tables; not to be known to those who send the packets. */
  hashSeed: number;
  /** Seconds. */
  timeouts: { tcp: number; udp: number; icmp: number; active: number; dns: number };
}

/** Why a shard paused: the next frame is not before `untilUs`, its rows are full, its turn is over, the tap is quiet, all is read. */
export type Pause = 'until' | 'full' | 'turn' | 'idle' | 'end';

/** What a shard hands on when a window closes. */
export interface Part {
  flows: FlowColumns;
  dns: DnsTable;
}

/**
 * Frames to finished flows and DNS transactions: the upper pipeline of one thread, with no thread in it.
 * Nothing here looks at a clock: time comes with the frames, and with `advance` when there are none.
 */
export class Shard {
  readonly #sources: readonly FrameSource[];
  readonly #ended: boolean[];
  readonly #budget: Budget;
  readonly #decoder = new Decoder(isDnsPort);
  readonly #packets = new Packets();
  readonly #packet = new Packet();
  readonly #fragments: Fragments;
  readonly #flows: FlowTable;
  readonly #dns: DnsStage;
  /** The source being worked off, and the next row of its batch. */
  #source = 0;
  #row = 0;
  #bytes = 0;
  #firstUs = Number.POSITIVE_INFINITY;
  #lastUs = Number.NEGATIVE_INFINITY;

  constructor(sources: readonly FrameSource[], options: ShardOptions) {
    const { budget, hashSeed, timeouts } = options;
    this.#sources = sources;
    this.#ended = sources.map(() => false);
    this.#budget = budget;
    this.#fragments = new Fragments({ memoryBytes: budget.fragments });
    this.#flows = new FlowTable({
      memoryBytes: budget.flowTable,
      seed: hashSeed,
      timeouts: {
        tcpUs: timeouts.tcp * 1e6,
        otherUs: timeouts.udp * 1e6,
        icmpUs: timeouts.icmp * 1e6,
        activeUs: timeouts.active * 1e6,
      },
      finishedMax: budget.flowRows,
    });
    this.#dns = new DnsStage({
      memoryBytes: budget.dnsPending,
      rowsMax: budget.dnsRows,
      bytesMax: budget.dnsBytes,
      timeoutUs: timeouts.dns * 1e6,
      seed: hashSeed,
    });
  }

  /** Works until it must pause; `more` is asked once a batch whether the turn goes on. */
  run(untilUs: number, more: () => boolean): Pause {
    for (;;) {
      const source = this.#sources[this.#source]!;
      if (this.#row >= source.batch.count) {
        const got = this.#refill();
        if (got !== 'frames') return got;
        continue;
      }
      this.#work(source.batch, untilUs);
      const full = this.#isFull(source.batch);
      if (this.#row < source.batch.count && !full) {
        this.advance(untilUs);
        return 'until';
      }
      // The last frame's time, not the latest: after a clock was set back, time goes on from there.
      this.advance(source.batch.timeUs[this.#row - 1]!);
      if (full) return 'full';
      if (!more()) return 'turn';
    }
  }

  /** The time of the frame that waits; NaN when none does. */
  nextUs(): number {
    const batch = this.#sources[this.#source]!.batch;
    return this.#row < batch.count ? batch.timeUs[this.#row]! : Number.NaN;
  }

  /** Lets time pass: flows and queries that have waited too long leave. */
  advance(nowUs: number): void {
    this.#flows.advance(nowUs);
    this.#dns.advance(nowUs);
  }

  /** No more frames will come: everything that is held leaves. False when rows are full: take() and repeat. */
  flush(): boolean {
    this.#dns.flush();
    return this.#flows.flush();
  }

  /** Takes what has finished since the last call. */
  take(): Part {
    return { flows: this.#flows.take(), dns: this.#dns.take() };
  }

  /** Times of the first and last frame so far; infinite when there was none. */
  span(): { firstUs: number; lastUs: number } {
    return { firstUs: this.#firstUs, lastUs: this.#lastUs };
  }

  /** Running totals of every stage (see record/ledger.ts). */
  ledger(): Ledger {
    const books: Ledger = { 'capture.wire_bytes': this.#bytes };
    for (const source of this.#sources) {
      const s = source.stats();
      const known = {
        frames: s.frames,
        dropped_ring: s.droppedRing,
        dropped_interface: s.droppedInterface,
        filtered: s.filtered,
      };
      for (const [name, n] of Object.entries(known)) {
        if (!Number.isNaN(n)) books[`capture.${name}`] = (books[`capture.${name}`] ?? 0) + n;
      }
    }
    VERDICTS.forEach((name, i) => {
      books[`decode.${name}`] = this.#decoder.verdicts[i]!;
    });
    for (const [stage, tally] of [
      ['decode', this.#decoder.tally],
      ['fragment', this.#fragments.tally],
      ['flow', this.#flows.tally],
    ] as const) {
      for (const [name, n] of Object.entries(tally)) books[`${stage}.${name}`] = n;
    }
    return Object.assign(books, this.#dns.tally);
  }

  /** A frame can end one flow and cut another's record; a batch more must fit before rows are taken. */
  #isFull(batch: FrameBatch): boolean {
    return this.#dns.full || this.#flows.finished.count + 2 * batch.start.length > this.#budget.flowRows;
  }

  /** Finds a source with frames, each getting its turn. */
  #refill(): 'frames' | 'idle' | 'end' {
    let waiting = false;
    for (let tried = 0; tried < this.#sources.length; tried++) {
      this.#source = (this.#source + 1) % this.#sources.length;
      if (this.#ended[this.#source]) continue;
      const got = this.#sources[this.#source]!.read();
      this.#row = 0;
      if (got === 'frames') return got;
      if (got === 'idle') waiting = true;
      else this.#ended[this.#source] = true;
    }
    return waiting ? 'idle' : 'end';
  }

  /** The batch from the row reached to its end, to the first frame that is not before `untilUs`, or to a full table. */
  #work(batch: FrameBatch, untilUs: number): void {
    while (this.#row < batch.count) {
      const goesOn = this.#decode(batch, untilUs);
      this.#flows.addAll(this.#packets);
      if (!goesOn) break;
    }
  }

  /** Decodes frames until #packets is full, reading DNS on the way. False where #work() has to stop. */
  #decode(batch: FrameBatch, untilUs: number): boolean {
    const { wireLen, timeUs } = batch;
    const packets = this.#packets;
    packets.count = 0;
    let row = this.#row;
    const to = this.#before(batch, row, Math.min(batch.count, row + PACKETS_MAX), untilUs);
    let goesOn = to === batch.count || to === row + PACKETS_MAX;
    const from = row;
    for (row = this.#decoder.decodeShort(batch, row, to, packets); row < to; ) {
      const fits = this.#decodeLong(batch, row++);
      if (!fits) {
        goesOn = false;
        break;
      }
      row = this.#decoder.decodeShort(batch, row, to, packets);
    }
    for (let i = from; i < row; i++) {
      const us = timeUs[i]!;
      if (us > this.#lastUs) this.#lastUs = us;
      if (us < this.#firstUs) this.#firstUs = us;
      this.#bytes += wireLen[i]!;
    }
    this.#row = row;
    return goesOn;
  }

  /** The row of the first frame from `row` on that is not before `untilUs`, or `to`. */
  #before(batch: FrameBatch, row: number, to: number, untilUs: number): number {
    const timeUs = batch.timeUs;
    while (row < to && !(timeUs[row]! >= untilUs)) row++;
    return row;
  }

  /** Decodes a frame of any kind, with fragments and DNS; false when no more DNS fits. */
  #decodeLong(batch: FrameBatch, row: number): boolean {
    const { view, arena } = batch;
    const packet = this.#packet;
    const dns = this.#dns;
    const fragments = this.#fragments;
    packet.timeUs = batch.timeUs[row]!;
    const { start, capLen, wireLen, linkType } = batch;
    const verdict = this.#decoder.decode(view, start[row]!, capLen[row]!, wireLen[row]!, linkType[row]!, packet);
    if (!isInFlow(verdict)) return true;
    const whole = packet.fragment && fragments.add(packet, view);
    this.#packets.put(packet);
    if (!packet.fragment) {
      if (!isDns(packet)) return true;
      dns.add(packet, view, arena);
    } else {
      if (!whole || !isDns(fragments.datagram)) return true;
      dns.add(fragments.datagram, fragments.view, fragments.bytes);
    }
    return !dns.full;
  }
}
