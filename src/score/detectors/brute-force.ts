import { addressText } from '../../base/address.js';
import type { Finding } from '../../record/finding.js';
import { protocolName } from '../../record/names.js';
import { serviceText } from '../../record/services.js';
import { AssocTable } from '../assoc-table.js';
import type { Context } from '../context.js';
import type { Detector } from '../detector.js';
import { Distinct } from '../distinct.js';
import { Emission } from '../emission.js';
import { hashWords } from '../host-table.js';
import { grown, reason } from '../points.js';
import { bytesText, countText, numberText, spanText } from '../text.js';
import type { Window } from '../window.js';
import { established, TCP, vote, WEB_PORTS } from './traits.js';

/** What repeated short connections to a service mean. */
interface Habit {
  /** Connections before anything is said. */
  least: number;
  /** Connections a minute below which it is ordinary use. */
  perMinute: number;
  /** Payload of either direction beyond which a connection was no mere attempt. */
  payloadMax: number;
  /** How unlike attempts may be: standard deviation of the logarithm of their sizes. */
  spread: number;
  /** Share of connections that may send exactly as much as each other: passwords have more than one length. */
  same: number;
  points: readonly [number, number];
}

const LOGIN: Habit = { least: 8, perMinute: 1, payloadMax: 16_000, spread: 0.7, same: 1, points: [40, 85] };
const MAIL: Habit = { least: 20, perMinute: 6, payloadMax: 4000, spread: 0.5, same: 1, points: [40, 80] };
const DATABASE: Habit = { least: 50, perMinute: 20, payloadMax: 16_000, spread: 0.6, same: 1, points: [35, 70] };
const WEB: Habit = { least: 60, perMinute: 60, payloadMax: 8000, spread: 0.25, same: 0.9, points: [20, 45] };
const HABIT_OF: readonly (Habit | undefined)[] = byPort([
  ...[21, 22, 23, 139, 445, 512, 513, 514, 2222, 3389, 5900, 5985, 5986].map((port) => [port, LOGIN] as const),
  ...[25, 110, 143, 465, 587, 993, 995].map((port) => [port, MAIL] as const),
  ...[1433, 1521, 3306, 5432, 6379, 9200, 27017].map((port) => [port, DATABASE] as const),
  ...WEB_PORTS.map((port) => [port, WEB] as const),
]);
const ATTEMPT_MAX_US = 120e6;
/** A pause this long starts the count again. */
const PAUSE_US = 1800e6;
/** Hosts tried with like attempts before it is a spray. */
const SPRAY_HOSTS = 8;

/**
 * Many short, similar, completed connections to one service that asks for a password: `bruteforce` against one host,
 * `bruteforce.spray` against many. The statistic is a count, with rate and spread of sizes as conditions: guesses look
 * alike because only the password differs.
 *
 * On the web a program that polls its server makes such connections too, but asks for the same thing each time and so
 * sends the same number of bytes; that is told as a beacon.
 *
 * Limits: attempts inside one connection (SMB sessions, HTTP keep-alive) are not seen; a guess every few minutes
 * looks like ordinary use.
 */
export class BruteForceDetector implements Detector {
  readonly name = 'bruteforce';
  readonly #pairs: Tries;
  readonly #sprays: Tries;

  constructor(memoryBytes: number) {
    this.#pairs = new Tries(9, memoryBytes * 0.6);
    this.#sprays = new Tries(5, memoryBytes * 0.4);
  }

  get evicted(): number {
    return this.#pairs.table.evicted + this.#sprays.table.evicted;
  }

  window(window: Window, _context: Context, out: Finding[]): void {
    const f = window.flows;
    const pair = new Uint32Array(9);
    const spray = new Uint32Array(5);
    this.#pairs.begin();
    this.#sprays.begin();
    const { addr, proto, dport } = f;
    for (let i = 0; i < f.count; i++) {
      if (proto[i] !== TCP) continue;
      const habit = HABIT_OF[dport[i]!];
      if (habit === undefined || !established(f, i)) continue;
      const up = f.origPayload[i]!;
      const down = f.respPayload[i]!;
      const attempt =
        up + down > 0 &&
        up <= habit.payloadMax &&
        down <= habit.payloadMax &&
        f.lastUs[i]! - f.firstUs[i]! <= ATTEMPT_MAX_US;
      for (let w = 0; w < 8; w++) pair[w] = addr[i * 8 + w]!;
      pair[8] = spray[4] = f.dport[i]!;
      for (let w = 0; w < 4; w++) spray[w] = pair[w]!;
      const target = hashWords(pair, 4, 4);
      this.#pairs.add(pair, target, attempt, up, down, f.firstUs[i]!);
      if (habit !== WEB && habit !== DATABASE) this.#sprays.add(spray, target, attempt, up, down, f.firstUs[i]!);
    }
    for (const row of this.#pairs.touched) this.#tell(this.#pairs, row, out);
    for (const row of this.#sprays.touched) this.#tell(this.#sprays, row, out);
  }

  #tell(tries: Tries, row: number, out: Finding[]): void {
    const spray = tries === this.#sprays;
    const words = tries.table.keyWords;
    const key = tries.table.key.subarray(row * words, (row + 1) * words);
    const port = key[words - 1]!;
    const habit = HABIT_OF[port]!;
    const n = tries.attempts[row]!;
    const hosts = tries.targets.estimate(row);
    const span = tries.lastUs[row]! - tries.firstUs[row]!;
    if (n < habit.least || (spray && hosts < SPRAY_HOSTS)) return;
    if (tries.others[row]! > n * 0.25) return;
    if (n / Math.max(1, span / 60e6) < habit.perMinute) return;
    if (tries.spread(row) > habit.spread || tries.same(row) > n * habit.same) return;
    let points = grown(n, habit.least, habit.points[0], habit.least * 25, habit.points[1]);
    if (spray) points = Math.max(points, grown(hosts, SPRAY_HOSTS, 45, 200, 85));
    if (!tries.emission.due(row, points, tries.lastUs[row]!)) return;
    const dst = spray ? null : addressText(key, 4);
    const to = spray ? countText(hosts, 'host') : dst;
    const text =
      `made ${numberText(n)} short, similar connections to ${serviceText('tcp', port)} on ${to} in ${spanText(span)}, ` +
      `about ${bytesText(Math.exp(tries.meanLog(row)))} each`;
    out.push({
      kind: spray ? 'bruteforce.spray' : 'bruteforce',
      src: addressText(key, 0),
      dst,
      dstPort: port,
      proto: protocolName(TCP),
      domain: null,
      firstUs: tries.firstUs[row]!,
      lastUs: tries.lastUs[row]!,
      reasons: [reason(spray ? 'bruteforce.hosts' : 'bruteforce.attempts', points, text)],
    });
  }
}

/** Attempts by key: how many, how alike, at how many targets. */
class Tries {
  readonly table: AssocTable;
  readonly emission: Emission;
  readonly targets: Distinct;
  readonly attempts: Uint32Array;
  readonly others: Uint32Array;
  readonly firstUs: Float64Array;
  readonly lastUs: Float64Array;
  /** What most attempts sent, and the votes for that. */
  readonly #usual: Float64Array;
  readonly #votes: Uint32Array;
  readonly #sum: Float64Array;
  readonly #squares: Float64Array;
  readonly touched: number[] = [];
  readonly #mark: Uint8Array;

  constructor(keyWords: number, memoryBytes: number) {
    this.table = new AssocTable(keyWords, memoryBytes, 16 + 2 + 3 * 4 + 5 * 8 + 12 + 1);
    const n = this.table.capacity;
    this.emission = new Emission(n);
    this.targets = new Distinct(n, 128);
    this.attempts = new Uint32Array(n);
    this.others = new Uint32Array(n);
    this.firstUs = new Float64Array(n);
    this.lastUs = new Float64Array(n);
    this.#usual = new Float64Array(n);
    this.#votes = new Uint32Array(n);
    this.#sum = new Float64Array(n);
    this.#squares = new Float64Array(n);
    this.#mark = new Uint8Array(n);
  }

  begin(): void {
    for (const row of this.touched) this.#mark[row] = 0;
    this.touched.length = 0;
  }

  add(key: Uint32Array, target: number, attempt: boolean, up: number, down: number, us: number): void {
    const row = this.table.row(key);
    if (this.table.fresh || us - this.lastUs[row]! > PAUSE_US) {
      this.attempts[row] = this.others[row] = this.#votes[row] = 0;
      this.#sum[row] = this.#squares[row] = 0;
      this.firstUs[row] = us;
      this.targets.clear(row);
      if (this.table.fresh) this.emission.clear(row);
    }
    this.lastUs[row] = us;
    if (!attempt) {
      this.others[row]!++;
      return;
    }
    this.attempts[row]!++;
    this.#votes[row] = vote(this.#usual, row, this.#votes[row]!, up);
    this.targets.add(row, target);
    const size = Math.log(up + down);
    this.#sum[row]! += size;
    this.#squares[row]! += size * size;
    if (this.#mark[row] === 0) {
      this.#mark[row] = 1;
      this.touched.push(row);
    }
  }

  /** How many attempts, at least half, sent as much as each other. */
  same(row: number): number {
    return (this.attempts[row]! + this.#votes[row]!) / 2;
  }

  meanLog(row: number): number {
    return this.#sum[row]! / this.attempts[row]!;
  }

  /** Standard deviation of the logarithm of sizes. */
  spread(row: number): number {
    const mean = this.meanLog(row);
    return Math.sqrt(Math.max(0, this.#squares[row]! / this.attempts[row]! - mean * mean));
  }
}

function byPort(habits: readonly (readonly [number, Habit])[]): (Habit | undefined)[] {
  const of = new Array<Habit | undefined>(65536).fill(undefined);
  for (const [port, habit] of habits) of[port] = habit;
  return of;
}
