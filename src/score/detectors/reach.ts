import { AssocTable } from '../assoc-table.js';
import { Distinct } from '../distinct.js';
import { Emission } from '../emission.js';
import { ADMIN_SERVICES, familiesOf } from './admin-services.js';

/** First contacts belong together when they are no further apart than this. */
const SPAN_US = 600e6;
/** Newly met hosts remembered per source until there is enough to tell. */
const SLOTS = 16;
/** Bits of the map of hosts reached. */
const BITS = 256;
/** Hosts reached for the first time before anything is said: on one family of services, or on two of them each. */
const LEAST = 5;
const LEAST_TWO = 3;
/** Share of first contacts that fail, from which a fan-out is no routine even when nothing is known yet. */
const FUMBLING = 0.3;
/** Bit of a slot's mask that says it was already counted in an episode. */
const COUNTED = 1 << 15;

/**
 * Per source, the own hosts that it met for the first time in the last ten minutes on services of administration, and
 * the episode that they add up to. A host counts as reached when it let the source in on one service, or answered, if
 * only with a refusal, on two families: a sweep of one port is the scan detector's matter.
 */
export class Reach {
  readonly table: AssocTable;
  readonly emission: Emission;
  /** Of the present episode: when it began and last grew; firstUs is NaN when there is none. */
  readonly firstUs: Float64Array;
  readonly lastUs: Float64Array;
  /** Hosts that let the source in; first contacts with a service of a reached host, and how many of them succeeded. */
  readonly letIn: Uint32Array;
  readonly tries: Uint32Array;
  readonly successes: Uint32Array;
  readonly #hosts: Distinct;
  readonly #counted: Uint32Array;
  readonly #serviceHosts: Uint32Array;
  /** Hosts that let the source in before, one by one: what an administrator's machine has many of. */
  readonly #habit: Uint16Array;
  readonly #slotUs: Float64Array;
  readonly #slotHost: Uint32Array;
  readonly #slotTried: Uint16Array;
  readonly #slotIn: Uint16Array;

  constructor(memoryBytes: number) {
    const slots = SLOTS * (8 + 4 + 2 + 2);
    this.table = new AssocTable(4, memoryBytes, slots + BITS / 8 + 2 + 2 * 8 + 4 * 4 + ADMIN_SERVICES * 4 + 2 + 12);
    const n = this.table.capacity;
    this.emission = new Emission(n);
    this.firstUs = new Float64Array(n);
    this.lastUs = new Float64Array(n);
    this.letIn = new Uint32Array(n);
    this.tries = new Uint32Array(n);
    this.successes = new Uint32Array(n);
    this.#hosts = new Distinct(n, BITS);
    this.#counted = new Uint32Array(n);
    this.#serviceHosts = new Uint32Array(n * ADMIN_SERVICES);
    this.#habit = new Uint16Array(n);
    this.#slotUs = new Float64Array(n * SLOTS);
    this.#slotHost = new Uint32Array(n * SLOTS);
    this.#slotTried = new Uint16Array(n * SLOTS);
    this.#slotIn = new Uint16Array(n * SLOTS);
  }

  /**
   * One first contact of the source with a service of a host (by hash). `settled` says that the sensor has watched
   * long enough to know who goes where, `suspect` that something else speaks against the source. Returns the row when
   * it has an episode, else -1.
   */
  add(
    source: Uint32Array,
    host: number,
    service: number,
    success: boolean,
    us: number,
    settled: boolean,
    suspect: boolean,
  ): number {
    const row = this.table.row(source);
    if (this.table.fresh) this.#clear(row);
    if (Math.abs(us - this.lastUs[row]!) > SPAN_US) this.firstUs[row] = Number.NaN;
    const at = this.#slot(row, host, us);
    const bit = 1 << service;
    const tried = this.#slotTried[at]!;
    const entered = this.#slotIn[at]!;
    this.#slotTried[at]! |= bit;
    if (success) this.#slotIn[at]! |= bit;
    if (Number.isNaN(this.firstUs[row]!)) this.#weigh(row, us, settled, suspect);
    else if ((tried & COUNTED) === 0) this.#count(row, at);
    else {
      if ((tried & bit) === 0) {
        this.tries[row]!++;
        this.#serviceHosts[row * ADMIN_SERVICES + service]!++;
      }
      if (success && (entered & bit) === 0) this.successes[row]!++;
      if (success && entered === 0) this.letIn[row]!++;
    }
    if (Number.isNaN(this.firstUs[row]!)) return -1;
    this.lastUs[row] = Math.max(this.lastUs[row]!, us);
    return row;
  }

  /** Exact for a few; of many, one that is met again much later is told from a new one by the map. */
  hosts(row: number): number {
    const counted = this.#counted[row]!;
    return counted <= SLOTS ? counted : Math.min(counted, this.#hosts.estimate(row));
  }

  /** Services that were tried on several of the hosts, as a mask. */
  services(row: number): number {
    const least = Math.max(2, this.hosts(row) / 4);
    let mask = 0;
    for (let s = 0; s < ADMIN_SERVICES; s++) {
      if (this.#serviceHosts[row * ADMIN_SERVICES + s]! >= least) mask |= 1 << s;
    }
    return mask;
  }

  /** The slot of the host, or a new one in place of the oldest. */
  #slot(row: number, host: number, us: number): number {
    let oldest = row * SLOTS;
    for (let at = row * SLOTS; at < (row + 1) * SLOTS; at++) {
      if (this.#slotTried[at] !== 0 && this.#slotHost[at] === host && Math.abs(us - this.#slotUs[at]!) <= SPAN_US)
        return at;
      // One from the future is from before a clock was set back.
      if (this.#slotUs[at]! > us + SPAN_US) oldest = at;
      else if (this.#slotUs[at]! < this.#slotUs[oldest]! && this.#slotUs[oldest]! <= us + SPAN_US) oldest = at;
    }
    if (this.#habitual(oldest) && this.#habit[row]! < 0xffff) this.#habit[row]!++;
    this.#slotUs[oldest] = us;
    this.#slotHost[oldest] = host;
    this.#slotTried[oldest] = this.#slotIn[oldest] = 0;
    return oldest;
  }

  /** Whether a slot that is done with speaks of ordinary work: it was let in, and never told of. */
  #habitual(at: number): boolean {
    return this.#slotIn[at] !== 0 && (this.#slotTried[at]! & COUNTED) === 0;
  }

  #reached(at: number): boolean {
    return this.#slotIn[at] !== 0 || familiesOf(this.#slotTried[at]! & ~COUNTED) >= 2;
  }

  /** Begins an episode when the recent first contacts are enough for one. */
  #weigh(row: number, us: number, settled: boolean, suspect: boolean): void {
    let hosts = 0;
    let two = 0;
    let tries = 0;
    let successes = 0;
    let habit = this.#habit[row]!;
    for (let at = row * SLOTS; at < (row + 1) * SLOTS; at++) {
      if (this.#slotTried[at] === 0) continue;
      if (Math.abs(us - this.#slotUs[at]!) > SPAN_US) {
        if (this.#habitual(at)) habit++;
        continue;
      }
      if (!this.#reached(at)) continue;
      hosts++;
      if (familiesOf(this.#slotTried[at]! & ~COUNTED) >= 2) two++;
      tries += bits(this.#slotTried[at]! & ~COUNTED);
      successes += bits(this.#slotIn[at]!);
    }
    // Who goes to many hosts every day meets a few new ones every day.
    const more = habit / 2;
    const wide = hosts >= LEAST + more || (settled && two >= LEAST_TWO + more);
    const odd = settled || suspect || tries - successes >= FUMBLING * tries;
    if (!wide || !odd) return;
    this.#hosts.clear(row);
    this.#counted[row] = this.letIn[row] = this.tries[row] = this.successes[row] = 0;
    this.#serviceHosts.fill(0, row * ADMIN_SERVICES, (row + 1) * ADMIN_SERVICES);
    let first = us;
    for (let at = row * SLOTS; at < (row + 1) * SLOTS; at++) {
      if (this.#slotTried[at] === 0 || Math.abs(us - this.#slotUs[at]!) > SPAN_US || !this.#reached(at)) continue;
      first = Math.min(first, this.#slotUs[at]!);
      this.#count(row, at);
    }
    this.firstUs[row] = this.lastUs[row] = first;
  }

  /** Counts a slot in the episode, once it is reached. */
  #count(row: number, at: number): void {
    if (!this.#reached(at)) return;
    const tried = this.#slotTried[at]! & ~COUNTED;
    this.#hosts.add(row, this.#slotHost[at]!);
    this.#counted[row]!++;
    if (this.#slotIn[at] !== 0) this.letIn[row]!++;
    this.tries[row]! += bits(tried);
    this.successes[row]! += bits(this.#slotIn[at]!);
    for (let s = 0; s < ADMIN_SERVICES; s++) {
      if ((tried & (1 << s)) !== 0) this.#serviceHosts[row * ADMIN_SERVICES + s]!++;
    }
    this.#slotTried[at]! |= COUNTED;
  }

  #clear(row: number): void {
    this.emission.clear(row);
    this.firstUs[row] = this.lastUs[row] = Number.NaN;
    this.#habit[row] = 0;
    this.#slotUs.fill(Number.NEGATIVE_INFINITY, row * SLOTS, (row + 1) * SLOTS);
    this.#slotTried.fill(0, row * SLOTS, (row + 1) * SLOTS);
    this.#slotIn.fill(0, row * SLOTS, (row + 1) * SLOTS);
  }
}

function bits(mask: number): number {
  let n = 0;
  for (let b = mask; b !== 0; b &= b - 1) n++;
  return n;
}
