import { allocate, ensure } from '../base/columns.js';
import type { Packet } from '../decode/packet.js';
import { P_IP_BYTES, P_MARKS, P_PAYLOAD, P_TAGS, PACKET_WORDS, Packets } from '../decode/packets.js';
import { FIRST_SIZES, FLOW_COLUMNS, type FlowColumns, LEAVE_REASONS, LeaveReason } from './columns.js';
import { Deadlines } from './deadlines.js';
import { DATA_SEEN, RESPONDER } from './history.js';
import { FlowIndex } from './index.js';
import {
  CLOSED,
  D_FIRST,
  D_LAST,
  EMPTY,
  FlowRows,
  H_SIZES,
  ROW_DOUBLES,
  ROW_HALVES,
  ROW_WORDS,
  W_BYTES,
  W_PACKETS,
  W_PAYLOAD,
  W_SEEN,
} from './layout.js';
import { type FlowTableOptions, type FlowTimeouts, flowCapacity, flowTimeouts } from './options.js';
import { beginFlow, clearRecord, continueFlow, countPacket, countSize, countTalk, isReused } from './record.js';
import { report } from './report.js';
import { isPlain, onSegment, SYN } from './tcp.js';
import { TICK_US, Wheel } from './wheel.js';

const NONE = -1;
/**
 * A flow stays this long past its due time, so that packets up to half a second out of order find the same flows
 * whatever other packets have meanwhile moved time on.
 */
const SLACK_US = 500_000;
/** Rows that are looked at before one is evicted although it may not be the stalest. */
const EVICT_TRIES = 16;
const FINISHED_ROWS = 1024;
const FINISHED_MAX = 65_536;

/**
 * Bidirectional flows (RFC 5103) in fixed memory. Which packets share a record depends on the times and contents of
 * that flow's own packets alone:
 *
 * - more than the idle timeout since the last packet (either way, since clocks step back): another flow;
 * - the active timeout since the record's first packet: the record is cut, the flow goes on in a new one;
 * - a SYN after the connection closed: another flow.
 *
 * advance() only reports earlier what would be reported anyway, so live, replay and N shards give the same rows, as
 * long as the table does not fill. When it does, the flow that would be due soonest leaves early and is counted.
 */
export class FlowTable {
  static readonly BYTES_PER_FLOW = FlowRows.BYTES_PER_ROW + FlowIndex.BYTES_PER_ROW;

  /** Flows the table can hold. */
  readonly capacity: number;
  /** Whether the packet of the last add() came from its flow's originator. */
  fromOriginator = true;
  /** Rows that have left and wait for take(). */
  finished: FlowColumns;

  readonly #rows: FlowRows;
  readonly #index: FlowIndex;
  readonly #wheel: Wheel;
  readonly #timeouts: FlowTimeouts;
  readonly #deadlines: Deadlines;
  readonly #finishedMax: number;

  /** For add(), which has but one. */
  readonly #one = new Packets();
  #packets = 0;
  #records = 0;
  /** Rows whose record was cut and has not begun anew. */
  #empty = 0;
  readonly #left = new Float64Array(LEAVE_REASONS.length);
  #backwards = 0;
  #clockSteps = 0;
  #lostRecords = 0;
  #lostPackets = 0;

  /** Throws OperatorError when the memory or a timeout makes no sense. */
  constructor(options: FlowTableOptions) {
    this.#timeouts = flowTimeouts(options.timeouts);
    const capacity = flowCapacity(options.memoryBytes, Wheel.BYTES, FlowTable.BYTES_PER_FLOW);
    // Word offsets stay in the range of small integers.
    this.capacity = Math.min(capacity, Math.floor(0x3fffffff / ROW_WORDS));
    this.#rows = new FlowRows(this.capacity);
    this.#deadlines = new Deadlines(this.#rows, this.#timeouts);
    this.#index = new FlowIndex(this.#rows, options.seed);
    this.#wheel = new Wheel(this.#rows);
    this.#finishedMax = Math.max(16, options.finishedMax ?? Math.max(FINISHED_MAX, 2 * this.capacity));
    this.finished = allocate(FLOW_COLUMNS, Math.min(FINISHED_ROWS, this.#finishedMax));
  }

  /** Rows in use. */
  get live(): number {
    return this.#index.live;
  }

  /** Counts one packet in its flow and returns that flow's row, which is valid until the next call. */
  add(p: Packet): number {
    const one = this.#one;
    one.count = 0;
    one.put(p);
    return this.addAll(one);
  }

  /** Counts packets in their flows, in their order. Returns the last one's row, -1 if there was none. */
  addAll(packets: Packets): number {
    const index = this.#index;
    const rows = this.#rows;
    index.locate(packets);
    const { words: from, timeUs, count } = packets;
    const { words, doubles, sizes } = rows;
    const { idle } = this.#deadlines;
    const { activeUs } = this.#timeouts;
    let row = NONE;
    // What most packets do is written out here: they go on with an open record, neither late nor early. What else
    // there is, #count() does. Both find the same rows.
    for (let i = 0; i < count; i++) {
      const p = i * PACKET_WORDS;
      const marks = from[p + P_MARKS]!;
      const tags = from[p + P_TAGS]!;
      const found = index.find(packets, i);
      if (found === NONE) {
        row = this.#count(packets, i, NONE);
        continue;
      }
      row = found >> 1;
      const side = found & 1;
      const w = row * ROW_WORDS;
      const d = row * ROW_DOUBLES;
      const us = timeUs[i]!;
      const gapUs = us - doubles[d + D_LAST]!;
      const seen = words[w + W_SEEN]!;
      const payload = from[p + P_PAYLOAD]!;
      const bytes = words[w + W_BYTES + side]! + from[p + P_IP_BYTES]!;
      const sum = words[w + W_PAYLOAD + side]! + payload;
      const goesOn =
        gapUs >= 0 &&
        gapUs <= idle[tags & 0xff]! &&
        us < doubles[d + D_FIRST]! + activeUs &&
        (seen & (EMPTY | CLOSED)) === 0 &&
        (marks & SYN) === 0 &&
        bytes <= 0xffffffff &&
        sum <= 0xffffffff;
      if (!goesOn) {
        row = this.#count(packets, i, found);
        continue;
      }
      doubles[d + D_LAST] = us;
      words[w + W_PACKETS + side]!++;
      words[w + W_BYTES + side] = bytes;
      if (payload > 0) {
        words[w + W_PAYLOAD + side] = sum;
        const h = row * ROW_HALVES + H_SIZES;
        if (sizes[h + FIRST_SIZES - 1] === 0) countSize(sizes, h, side, payload);
      }
      if ((marks & 0xff) !== 0) {
        if (!isPlain(rows, row, side, packets, i)) {
          onSegment(rows, row, side, packets, i);
          if ((words[w + W_SEEN]! & CLOSED) !== 0) this.#move(row); // due sooner than it was
        }
      } else if ((seen & (DATA_SEEN << (side * RESPONDER))) === 0) {
        countTalk(rows, row, side, tags & 0xff);
      }
      this.fromOriginator = side === 0;
    }
    this.#packets += count;
    return row;
  }

  /**
   * Lets flows leave that are due at `nowUs`, the time of the packets (or, on a quiet tap, of a clock that follows
   * it). Time may step back. Stops short while `finished` is full.
   */
  advance(nowUs: number): void {
    const wheel = this.#wheel;
    const target = Math.floor(nowUs / TICK_US);
    if (Number.isNaN(wheel.tick) || !Number.isFinite(target)) return;
    if (target < wheel.tick - SLACK_US / TICK_US) {
      this.#clockSteps++;
      wheel.set(target);
      return;
    }
    wheel.begin(target);
    while (wheel.tick < target) {
      const at = wheel.tick + 1;
      for (let row = wheel.first(at); row !== NONE; row = wheel.first(at)) {
        if (this.finished.count >= this.#finishedMax) return;
        wheel.remove(row);
        // Judged by whole ticks, so that it does not matter by which way the row came here.
        this.#look(row, target * TICK_US);
      }
      wheel.tick = at;
    }
  }

  /** No more packets will come: every flow leaves. Returns false if `finished` filled up before: take() and repeat. */
  flush(): boolean {
    const wheel = this.#wheel;
    if (Number.isNaN(wheel.tick)) return true;
    for (let row = wheel.soonest(); row !== NONE; row = wheel.soonest()) {
      if (this.finished.count >= this.#finishedMax) return false;
      wheel.remove(row);
      this.#leave(row, LeaveReason.flushed, this.#rows.doubles[row * ROW_DOUBLES + D_LAST]!);
      this.#index.release(row);
    }
    return true;
  }

  /** Takes the finished rows; the table goes on with an empty one. */
  take(): FlowColumns {
    const taken = this.finished;
    this.finished = allocate(FLOW_COLUMNS, Math.min(FINISHED_ROWS, this.#finishedMax));
    return taken;
  }

  /**
   * Totals since start, to be prefixed `flow.` in the ledger: records = open + the left_; a packet is in one record.
   * Records that were lost left, too, but nobody was there to take them.
   */
  get tally(): Record<string, number> {
    const out: Record<string, number> = {
      packets: this.#packets,
      records: this.#records,
      open: this.#index.live - this.#empty,
    };
    LEAVE_REASONS.forEach((name, i) => {
      out[`left_${name}`] = this.#left[i]!;
    });
    out.packets_backwards = this.#backwards;
    out.clock_steps = this.#clockSteps;
    out.lost_records = this.#lostRecords;
    out.lost_packets = this.#lostPackets;
    return out;
  }

  /** Counts packet `i`, for which `found` was found (see FlowIndex.find), whatever it does. */
  #count(packets: Packets, i: number, found: number): number {
    const rows = this.#rows;
    const words = rows.words;
    let row = found >> 1;
    let side = found & 1;
    let before = 0;
    if (found === NONE) {
      row = this.#take(packets, i);
      side = this.#begin(row, packets, i);
      this.#wheel.place(row, this.#deadlines.dueUs(row) + SLACK_US);
    } else {
      side = this.#continue(row, side, packets, i);
      before = words[row * ROW_WORDS + W_SEEN]! & CLOSED;
    }
    countPacket(rows, row, side, packets, i);
    if ((words[row * ROW_WORDS + W_SEEN]! & CLOSED) !== before) this.#move(row); // due sooner than it was
    this.fromOriginator = side === 0;
    return row;
  }

  /** A packet for a row that exists: the same record, the same flow in a new record, or a new flow. Returns its side. */
  #continue(row: number, side: number, packets: Packets, i: number): number {
    const rows = this.#rows;
    const doubles = rows.doubles;
    const d = row * ROW_DOUBLES;
    const us = packets.timeUs[i]!;
    const gapUs = us - doubles[d + D_LAST]!;
    const idleUs = this.#deadlines.idleUs(row);
    if (gapUs > idleUs || -gapUs > idleUs) {
      if (gapUs < 0) this.#clockSteps++;
      this.#leaveDue(row);
      return this.#again(row, packets, i);
    }
    const isEmpty = (rows.words[row * ROW_WORDS + W_SEEN]! & EMPTY) !== 0;
    const cutUs = doubles[d + D_FIRST]! + this.#timeouts.activeUs;
    const isCut = !isEmpty && us >= cutUs;
    if (isReused(rows, row, side, packets, i)) {
      this.#leave(row, isCut ? LeaveReason.active : LeaveReason.closed, isCut ? cutUs : us);
      return this.#again(row, packets, i);
    }
    // The wheel finds rows that are due later than they were by itself, but not those that are due sooner.
    let isSooner = isEmpty;
    if (isEmpty) this.#empty--;
    if (isCut) this.#leave(row, LeaveReason.active, cutUs);
    if (isEmpty || isCut) {
      this.#records++;
      continueFlow(rows, row, packets, i);
    }
    if (gapUs >= 0) {
      doubles[d + D_LAST] = us;
    } else {
      this.#backwards++;
      if (us < doubles[d + D_FIRST]!) {
        doubles[d + D_FIRST] = us;
        isSooner = true;
      }
    }
    if (isSooner) this.#move(row);
    return side;
  }

  #begin(row: number, packets: Packets, i: number): number {
    this.#records++;
    return beginFlow(this.#rows, row, packets, i);
  }

  /** Begins another flow of the same key in a row. */
  #again(row: number, packets: Packets, i: number): number {
    const side = this.#begin(row, packets, i);
    this.#move(row);
    return side;
  }

  #move(row: number): void {
    this.#wheel.remove(row);
    this.#wheel.place(row, this.#deadlines.dueUs(row) + SLACK_US);
  }

  /** The record leaves for whichever reason comes first; returns whether it was cut and the flow may go on. */
  #leaveDue(row: number): boolean {
    const dueUs = this.#deadlines.dueUs(row);
    const isCut = dueUs < this.#rows.doubles[row * ROW_DOUBLES + D_LAST]! + this.#deadlines.idleUs(row);
    const isClosed = (this.#rows.words[row * ROW_WORDS + W_SEEN]! & CLOSED) !== 0;
    this.#leave(row, isCut ? LeaveReason.active : isClosed ? LeaveReason.closed : LeaveReason.idle, dueUs);
    return isCut;
  }

  /** A row that was taken off the wheel: it leaves, it is cut and goes on, or it is not due yet. */
  #look(row: number, nowUs: number): void {
    const idleUs = this.#deadlines.idleUs(row);
    // After a step back no packet may be near enough in time to continue this flow.
    const isAhead = this.#rows.doubles[row * ROW_DOUBLES + D_LAST]! - nowUs > idleUs + SLACK_US;
    if (this.#deadlines.dueUs(row) + SLACK_US > nowUs && !isAhead) {
      this.#wheel.place(row, this.#deadlines.dueUs(row) + SLACK_US);
    } else if (this.#leaveDue(row) && !isAhead) {
      clearRecord(this.#rows, row);
      this.#rows.words[row * ROW_WORDS + W_SEEN]! |= EMPTY;
      this.#empty++;
      this.#wheel.place(row, this.#deadlines.dueUs(row) + SLACK_US);
    } else {
      this.#index.release(row);
    }
  }

  /** Reports the record of a row; there is none if it is empty. */
  #leave(row: number, reason: LeaveReason, leftUs: number): void {
    const words = this.#rows.words;
    if ((words[row * ROW_WORDS + W_SEEN]! & EMPTY) !== 0) {
      this.#empty--;
      return;
    }
    this.#left[reason]!++;
    const finished = this.finished;
    if (finished.count >= this.#finishedMax) {
      this.#lostRecords++;
      this.#lostPackets += words[row * ROW_WORDS + W_PACKETS]! + words[row * ROW_WORDS + W_PACKETS + 1]!;
      return;
    }
    if (finished.count === finished.capacity) ensure(FLOW_COLUMNS, finished, finished.count + 1);
    report(this.#rows, row, reason, leftUs, finished);
  }

  /** A row for the packet's flow: a free one, or that of the flow which is due soonest. */
  #take(packets: Packets, i: number): number {
    const wheel = this.#wheel;
    const us = packets.timeUs[i]!;
    if (Number.isNaN(wheel.tick)) wheel.set(Number.isFinite(us) ? Math.floor(us / TICK_US) : 0);
    if (this.#index.isFull) {
      let row = wheel.soonest();
      for (let tries = 1; tries < EVICT_TRIES; tries++) {
        // A row whose flow went on since it was placed belongs further back.
        this.#move(row);
        const next = wheel.soonest();
        if (next === row) break;
        row = next;
      }
      wheel.remove(row);
      this.#leave(row, LeaveReason.evicted, this.#rows.doubles[row * ROW_DOUBLES + D_LAST]!);
      this.#index.release(row);
    }
    return this.#index.take(packets, i);
  }
}
