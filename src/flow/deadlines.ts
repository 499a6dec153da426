import { CLOSED, D_FIRST, D_LAST, EMPTY, type FlowRows, ROW_DOUBLES, ROW_WORDS, W_SEEN, W_TAGS } from './layout.js';
import { type FlowTimeouts, idleByProtocol } from './options.js';

/** When rows are due, by their own packets' times. */
export class Deadlines {
  /** Idle timeout by protocol number, of flows that are not closed. */
  readonly idle: Float64Array;
  readonly #rows: FlowRows;
  readonly #timeouts: FlowTimeouts;

  constructor(rows: FlowRows, timeouts: FlowTimeouts) {
    this.#rows = rows;
    this.#timeouts = timeouts;
    this.idle = idleByProtocol(timeouts);
  }

  /** How long the row may go without a packet. */
  idleUs(row: number): number {
    const words = this.#rows.words;
    if ((words[row * ROW_WORDS + W_SEEN]! & CLOSED) !== 0) return this.#timeouts.closedUs;
    return this.idle[words[row * ROW_WORDS + W_TAGS]! & 0xff]!;
  }

  /** When the record of this row leaves if no further packet comes. */
  dueUs(row: number): number {
    const doubles = this.#rows.doubles;
    const idleUs = doubles[row * ROW_DOUBLES + D_LAST]! + this.idleUs(row);
    if ((this.#rows.words[row * ROW_WORDS + W_SEEN]! & EMPTY) !== 0) return idleUs;
    return Math.min(idleUs, doubles[row * ROW_DOUBLES + D_FIRST]! + this.#timeouts.activeUs);
  }
}
