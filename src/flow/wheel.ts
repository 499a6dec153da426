import { C_WHEEL_NEXT, C_WHEEL_PREV, COLD_WORDS, type FlowRows } from './layout.js';

/** A quarter of a second: no flow leaves more than this, and the slack for reordering, after it was due. */
export const TICK_US = 250_000;
/** About 17 minutes. A row that is due later waits in the last slot and is looked at again there. */
const SLOTS = 4096;

const NONE = -1;

/**
 * A timing wheel (Varghese and Lauck, SOSP 1987) of rows, each in the list of the tick when somebody should look at
 * it. A packet that keeps its flow alive does not move the row: whoever looks finds it is not due and places it anew,
 * so packets touch no list.
 *
 *   heads[tick mod SLOTS] ──▶ row ⇄ row ⇄ row
 *
 * `prev` of a list's first row is -2 - slot.
 */
export class Wheel {
  static readonly BYTES = SLOTS * 4;
  /** The tick that has been worked off. NaN before the first. */
  tick = Number.NaN;
  readonly #links: Int32Array;
  readonly #heads = new Int32Array(SLOTS).fill(NONE);
  /** No row waits in a tick between `tick` and this: where a search for the next one begins. */
  #soonest = Number.POSITIVE_INFINITY;

  constructor(rows: FlowRows) {
    this.#links = rows.cold;
  }

  /** Puts a row, which is in no list, where it is looked at soon after `dueUs`. */
  place(row: number, dueUs: number): void {
    let at = Math.ceil(dueUs / TICK_US);
    if (!(at > this.tick)) at = this.tick + 1;
    else if (at > this.tick + SLOTS - 1) at = this.tick + SLOTS - 1;
    if (at < this.#soonest) this.#soonest = at;
    const slot = slotOf(at);
    const links = this.#links;
    const next = this.#heads[slot]!;
    links[row * COLD_WORDS + C_WHEEL_NEXT] = next;
    links[row * COLD_WORDS + C_WHEEL_PREV] = -2 - slot;
    if (next !== NONE) links[next * COLD_WORDS + C_WHEEL_PREV] = row;
    this.#heads[slot] = row;
  }

  remove(row: number): void {
    const links = this.#links;
    const next = links[row * COLD_WORDS + C_WHEEL_NEXT]!;
    const prev = links[row * COLD_WORDS + C_WHEEL_PREV]!;
    if (prev < NONE) this.#heads[-2 - prev] = next;
    else links[prev * COLD_WORDS + C_WHEEL_NEXT] = next;
    if (next !== NONE) links[next * COLD_WORDS + C_WHEEL_PREV] = prev;
  }

  /** Some row of the tick `at`, or -1. */
  first(at: number): number {
    return this.#heads[slotOf(at)]!;
  }

  /** Some row of the next tick that has any, or -1 when the wheel is empty. */
  soonest(): number {
    let at = Math.max(this.#soonest, this.tick + 1);
    for (let n = 0; n < SLOTS; n++, at++) {
      const row = this.#heads[slotOf(at)]!;
      if (row !== NONE) {
        this.#soonest = at;
        return row;
      }
    }
    return NONE;
  }

  /** Sets the tick; every row is still found within one turn of the wheel. */
  set(tick: number): void {
    this.tick = tick;
    this.#soonest = tick + 1;
  }

  /** The tick after which all ticks up to `target` must be worked off: one turn shows every row. */
  begin(target: number): void {
    if (target - this.tick > SLOTS) this.set(target - SLOTS);
  }
}

/** Ticks before 1970 are negative. */
function slotOf(tick: number): number {
  return ((tick % SLOTS) + SLOTS) % SLOTS;
}
