import { AssocTable } from '../assoc-table.js';
import { Distinct } from '../distinct.js';
import { Emission } from '../emission.js';
import { hashWords } from '../host-table.js';
import { Outcome } from './traits.js';

/** Chance that a first attempt is answered: of an honest host, of a scanner (Jung et al. 2004, §5). */
const HONEST = 0.8;
const SCANNER = 0.2;
const ON_FAILURE = Math.log((1 - SCANNER) / (1 - HONEST));
const ON_ANSWER = Math.log(SCANNER / HONEST);
/** Bits of the map of things tried; counts up to about a thousand exactly enough. */
const BITS = 512;
/** A map this full no longer tells new from old: the count so far is kept and the map starts again. */
const FULL = 0.85;

/**
 * Who tries many different things (hosts, or ports of one host) and how that went: the sequential hypothesis test of
 * Jung, Paxson, Berger and Balakrishnan, "Fast Portscan Detection Using Sequential Hypothesis Testing", IEEE S&P 2004,
 * on first attempts only, as a running sum that honest answers bring back to 0. Shared by the two scan detectors.
 *
 * Limits: things are counted by hash in 512 bits; who spreads attempts over more rows than the table has, slower than
 * they are given up, is not seen.
 */
export class FanOut {
  readonly table: AssocTable;
  readonly emission: Emission;
  /** Logarithm of how much likelier a scanner is than an honest host. */
  readonly evidence: Float32Array;
  /** Since the sum was last 0: different things tried, failed attempts, first and last time. */
  readonly failures: Uint32Array;
  readonly attempts: Uint32Array;
  readonly firstUs: Float64Array;
  readonly lastUs: Float64Array;
  readonly #things: Distinct;
  /** Things counted before the map was last started again, and when the sum last left 0. */
  readonly #before: Uint32Array;
  readonly #atStart: Uint32Array;
  /** Rows touched in this window, each once. */
  readonly touched: number[] = [];
  readonly #mark: Uint8Array;

  constructor(keyWords: number, memoryBytes: number) {
    this.table = new AssocTable(keyWords, memoryBytes, BITS / 8 + 2 + 5 * 4 + 2 * 8 + 12 + 1);
    const n = this.table.capacity;
    this.emission = new Emission(n);
    this.evidence = new Float32Array(n);
    this.failures = new Uint32Array(n);
    this.attempts = new Uint32Array(n);
    this.firstUs = new Float64Array(n);
    this.lastUs = new Float64Array(n);
    this.#things = new Distinct(n, BITS);
    this.#before = new Uint32Array(n);
    this.#atStart = new Uint32Array(n);
    this.#mark = new Uint8Array(n);
  }

  begin(): void {
    for (const row of this.touched) this.#mark[row] = 0;
    this.touched.length = 0;
  }

  /** One attempt under `key` at the thing that `n` words of `thing` name. */
  add(key: Uint32Array, thing: Uint32Array, at: number, n: number, outcome: Outcome, us: number): void {
    const row = this.table.row(key);
    if (this.table.fresh) this.#clear(row, us);
    if (this.#things.load(row) > FULL) {
      this.#before[row]! += this.#things.estimate(row);
      this.#things.clear(row);
    }
    if (!this.#things.add(row, hashWords(thing, at, n))) return;
    if (outcome === Outcome.unclear) return;
    if (this.evidence[row] === 0) {
      this.#atStart[row] = this.things(row) - 1;
      this.failures[row] = 0;
      this.attempts[row] = 0;
      this.firstUs[row] = us;
    }
    this.attempts[row]!++;
    if (outcome === Outcome.failed) this.failures[row]!++;
    const e = this.evidence[row]! + (outcome === Outcome.failed ? ON_FAILURE : ON_ANSWER);
    this.evidence[row] = Math.max(0, Math.min(1000, e));
    this.lastUs[row] = us;
    if (this.#mark[row] === 0) {
      this.#mark[row] = 1;
      this.touched.push(row);
    }
  }

  /** Different things tried since the sum was last 0: more than `attempts`, which misses those that share a bit. */
  tried(row: number): number {
    return Math.max(this.attempts[row]!, this.things(row) - this.#atStart[row]!);
  }

  /** Different things ever tried under this row's key. */
  things(row: number): number {
    return this.#before[row]! + this.#things.estimate(row);
  }

  #clear(row: number, us: number): void {
    this.#things.clear(row);
    this.emission.clear(row);
    this.evidence[row] = 0;
    this.failures[row] = 0;
    this.attempts[row] = 0;
    this.#before[row] = this.#atStart[row] = 0;
    this.firstUs[row] = us;
    this.lastUs[row] = us;
  }
}
