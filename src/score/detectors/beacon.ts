import { addressText } from '../../base/address.js';
import { LeaveReason } from '../../flow/columns.js';
import type { Finding } from '../../record/finding.js';
import { protocolName } from '../../record/names.js';
import { serviceText } from '../../record/services.js';
import { AssocTable } from '../assoc-table.js';
import type { Context } from '../context.js';
import type { Detector } from '../detector.js';
import { Emission } from '../emission.js';
import { isGroup } from '../networks.js';
import { grown, POINTS_FIRM, reason } from '../points.js';
import { bytesText, numberText, percentText, spanText } from '../text.js';
import { Touched } from '../touched.js';
import type { Window } from '../window.js';
import { ADMIN_SERVICE } from './admin-services.js';
import { ICMP, ICMP6, TCP, UDP, vote, WEB_PORTS } from './traits.js';

/** Contacts remembered per pair: enough for a median, and an hour of a beacon a minute. */
const KEPT = 64;
/** Contacts before anything is said. */
const LEAST = 10;
/** Contacts closer together than this are one burst: a page load, a retry. */
const BURST_US = 500_000;
/** A regular interval below this is a program at work, not one that checks in. */
const INTERVAL_LEAST_US = 1_500_000;
/** Connections, and how many a minute, from which it is told that a program polls; share that must send the same. */
const POLLS_LEAST = 60;
const POLLS_PER_MINUTE = 40;
const POLLS_SAME = 0.9;
/** How far from the median an interval may be and still belong to it: sleep with half of it as jitter does. */
const NEAR = 0.5;
/** Gaps of up to this many intervals count as missed contacts. */
const MISSED_MAX = 6;
/** Share of intervals that must be explained. */
const EXPLAINED = 0.75;
/** Median absolute deviation over median at which an interval counts as irregular. */
const IRREGULAR = 0.3;
/** What regular contacts with the same peer or service amount to when one of these was told; and if they are firm. */
const GUESSES: ReadonlySet<string> = new Set(['bruteforce']);
const WEAK_THEN: ReadonlySet<string> = new Set([
  ...GUESSES,
  'bruteforce.spray',
  'scan.horizontal',
  'scan.vertical',
  'lateral',
]);
/** Services that call regularly by design: time, names, addresses, discovery, monitoring. */
const QUIET_UDP: ReadonlySet<number> = new Set([
  53, 67, 68, 123, 137, 138, 161, 162, 514, 546, 547, 1900, 3702, 5353, 5355,
]);

/**
 * Contacts with one service of one host at regular intervals (`beacon`), sleep with jitter and missed contacts
 * included. The statistics are robust ones, as beacon hunters use them (Bilge et al., "Disclosure", ACSAC 2012;
 * RITA's median absolute deviation of intervals and of sizes): the share of intervals near the median or a small
 * multiple of it, their dispersion, and the dispersion of what was sent.
 * Connections with a web server that follow each other faster than that, and send exactly the same each time, are a
 * program that polls (an implant whose sleep is 0), and told under the same kind.
 *
 * Limits: the last 64 contacts count; a connection that is kept open and talks regularly inside is not seen; random
 * sleep between 0 and a maximum is not regular.
 */
export class BeaconDetector implements Detector {
  readonly name = 'beacon';
  readonly #table: AssocTable;
  readonly #emission: Emission;
  readonly #startUs: Float64Array;
  readonly #sizes: Float32Array;
  /** Contacts ever; the newest is at (contacts - 1) % KEPT. */
  readonly #contacts: Uint32Array;
  readonly #sport: Uint16Array;
  readonly #endUs: Float64Array;
  readonly #cut: Uint8Array;
  readonly #firstUs: Float64Array;
  /** Connections, bursts included; what most of them sent, and the votes for that. */
  readonly #connections: Uint32Array;
  readonly #usual: Float64Array;
  readonly #votes: Uint32Array;
  readonly #touched: Touched;
  /** Scratch. */
  readonly #intervals = new Float64Array(KEPT);
  readonly #scratch = new Float64Array(KEPT);

  constructor(memoryBytes: number) {
    this.#table = new AssocTable(10, memoryBytes, KEPT * 12 + 4 + 2 + 8 + 1 + 8 + 16 + 12 + 1);
    const n = this.#table.capacity;
    this.#emission = new Emission(n);
    this.#startUs = new Float64Array(n * KEPT);
    this.#sizes = new Float32Array(n * KEPT);
    this.#contacts = new Uint32Array(n);
    this.#sport = new Uint16Array(n);
    this.#endUs = new Float64Array(n);
    this.#cut = new Uint8Array(n);
    this.#firstUs = new Float64Array(n);
    this.#connections = new Uint32Array(n);
    this.#usual = new Float64Array(n);
    this.#votes = new Uint32Array(n);
    this.#touched = new Touched(n);
  }

  get evicted(): number {
    return this.#table.evicted;
  }

  window(window: Window, context: Context, out: Finding[]): void {
    const f = window.flows;
    const key = new Uint32Array(10);
    const touched = this.#touched;
    touched.clear();
    const { addr, proto: protos, dport } = f;
    for (let i = 0; i < f.count; i++) {
      const proto = protos[i]!;
      const port = dport[i]!;
      if (proto === ICMP || proto === ICMP6 || (proto === UDP && QUIET_UDP.has(port))) continue;
      if (isGroup(addr, i * 8 + 4)) continue;
      for (let w = 0; w < 8; w++) key[w] = addr[i * 8 + w]!;
      key[8] = port;
      key[9] = proto;
      const row = this.#table.row(key);
      if (this.#table.fresh) {
        this.#contacts[row] = this.#connections[row] = this.#votes[row] = 0;
        this.#firstUs[row] = f.firstUs[i]!;
        this.#emission.clear(row);
      }
      const n = this.#contacts[row]!;
      const from = f.firstUs[i]!;
      const last = row * KEPT + ((n + KEPT - 1) % KEPT);
      // A piece of the connection that came before, cut by the active timeout, is no contact of its own; nor is a
      // retry, or one of several connections of one burst.
      const piece = n > 0 && this.#cut[row] === 1 && this.#sport[row] === f.sport[i];
      const burst = n > 0 && from - this.#startUs[last]! < BURST_US;
      this.#sport[row] = f.sport[i]!;
      this.#cut[row] = f.leaveReason[i] === LeaveReason.active ? 1 : 0;
      this.#endUs[row] = f.lastUs[i]!;
      if (piece) continue;
      this.#connections[row]!++;
      this.#votes[row] = vote(this.#usual, row, this.#votes[row]!, f.origPayload[i]!);
      if (burst) {
        this.#sizes[last]! += f.origPayload[i]!;
        continue;
      }
      const at = row * KEPT + (n % KEPT);
      this.#startUs[at] = from;
      this.#sizes[at] = f.origPayload[i]!;
      this.#contacts[row] = n + 1;
      if (n + 1 >= LEAST) touched.add(row);
    }
    for (const row of touched.rows) this.#tell(row, context, out);
  }

  #tell(row: number, context: Context, out: Finding[]): void {
    const all = this.#contacts[row]!;
    const n = Math.min(all, KEPT);
    const intervals = this.#intervals;
    const scratch = this.#scratch;
    // Contacts lie in the ring in the order in which their flows ended, which is nearly that in which they began.
    for (let i = 0; i < n; i++) intervals[i] = this.#startUs[row * KEPT + ((all + i) % n)]!;
    insertionSort(intervals, n);
    for (let i = 1; i < n; i++) intervals[i - 1] = intervals[i]! - intervals[i - 1]!;
    const gaps = n - 1;
    const median = medianOf(intervals, gaps, scratch);
    if (median < INTERVAL_LEAST_US) {
      this.#tellPolling(row, out);
      return;
    }
    let explained = 0;
    for (let i = 0; i < gaps; i++) {
      const turns = Math.max(1, Math.round(intervals[i]! / median));
      const off = Math.abs(intervals[i]! - turns * median);
      if (turns <= MISSED_MAX && off <= (turns > 1 ? NEAR / 2 : NEAR) * median) explained++;
    }
    const share = explained / gaps;
    if (share < EXPLAINED) return;
    const dispersion = spreadOf(intervals, gaps, median, scratch);
    if (dispersion > IRREGULAR) return;
    const sizes = this.#sizes.subarray(row * KEPT, row * KEPT + n);
    const size = medianOf(sizes, n, scratch);
    const sizeSpread = size > 0 ? spreadOf(sizes, n, size, scratch) : 0;

    const regular = (1 - dispersion / IRREGULAR) * ((share - EXPLAINED) / (1 - EXPLAINED));
    const reasons = [
      reason(
        'beacon.interval',
        grown(all, LEAST, 14, 24, 20) + grown(all, LEAST, 14, 24, 24) * regular,
        `${numberText(all)} contacts, one every ${spanText(median)}; half of them within ` +
          `${percentText(dispersion)} of that, ${percentText(share)} explained by it`,
      ),
      reason(
        'beacon.count',
        grown(all, LEAST, 2, 100, 14),
        `it went on for ${spanText(this.#endUs[row]! - this.#firstUs[row]!)}`,
      ),
    ];
    if (sizeSpread < 0.15 && size > 0) {
      const text = `each time about the same was sent: ${bytesText(size)}`;
      reasons.push(reason('beacon.size', 10 * (1 - sizeSpread / 0.15), text));
    }
    const key = this.#table.key.subarray(row * 10, row * 10 + 10);
    const points = reasons.reduce((sum, r) => sum + r.points, 0);
    const proto = protocolName(key[9]!);
    const src = addressText(key, 0);
    const dst = addressText(key, 4);
    // Guesses and probes come regularly too, and have been told of.
    const admin = key[9] === TCP && ADMIN_SERVICE[key[8]!] !== 0 && context.isHome(key, 4);
    const act = { src, dst, port: key[8]!, proto, payload: size, admin };
    const kinds = points < POINTS_FIRM ? WEAK_THEN : GUESSES;
    if (context.told.explains(act, this.#endUs[row]!, kinds)) return;
    if (!this.#emission.due(row, points, this.#endUs[row]!)) return;
    reasons[0]!.text = `${serviceText(proto, key[8]!)}: ${reasons[0]!.text}`;
    out.push({
      kind: this.name,
      src,
      dst,
      dstPort: key[8]!,
      proto,
      domain: null,
      firstUs: this.#firstUs[row]!,
      lastUs: this.#endUs[row]!,
      reasons,
    });
  }

  #tellPolling(row: number, out: Finding[]): void {
    const key = this.#table.key.subarray(row * 10, row * 10 + 10);
    const n = this.#connections[row]!;
    const size = this.#usual[row]!;
    const same = (n + this.#votes[row]!) / 2;
    const span = this.#endUs[row]! - this.#firstUs[row]!;
    if (key[9] !== TCP || !WEB_PORTS.includes(key[8]!) || size === 0 || n < POLLS_LEAST) return;
    if (same < n * POLLS_SAME || n < (span / 60e6) * POLLS_PER_MINUTE) return;
    const points = grown(n, POLLS_LEAST, 20, 1500, 45);
    if (!this.#emission.due(row, points, this.#endUs[row]!)) return;
    const text =
      `${serviceText('tcp', key[8]!)}: ${numberText(n)} connections in ${spanText(span)}, one after the other; ` +
      `${percentText(same / n)} sent exactly ${bytesText(size)}, as a program does that polls`;
    out.push({
      kind: this.name,
      src: addressText(key, 0),
      dst: addressText(key, 4),
      dstPort: key[8]!,
      proto: protocolName(TCP),
      domain: null,
      firstUs: this.#firstUs[row]!,
      lastUs: this.#endUs[row]!,
      reasons: [reason('beacon.interval', points, text)],
    });
  }
}

/** Median of the first n; `scratch` is of that length at least. */
function medianOf(values: Float64Array | Float32Array, n: number, scratch: Float64Array): number {
  for (let i = 0; i < n; i++) scratch[i] = values[i]!;
  const middle = n >> 1;
  const upper = select(scratch, n, middle);
  if (n % 2 === 1) return upper;
  let lower = scratch[0]!;
  for (let i = 1; i < middle; i++) if (scratch[i]! > lower) lower = scratch[i]!;
  return (lower + upper) / 2;
}

/** The k-th smallest (from 0) of the first n, by Hoare's FIND (CACM 1961); what lies before k is no greater after it. */
function select(values: Float64Array, n: number, k: number): number {
  let left = 0;
  let right = n - 1;
  while (left < right) {
    const pivot = values[k]!;
    let i = left;
    let j = right;
    while (i <= j) {
      while (values[i]! < pivot) i++;
      while (values[j]! > pivot) j--;
      if (i > j) break;
      const value = values[i]!;
      values[i++] = values[j]!;
      values[j--] = value;
    }
    if (j < k) left = i;
    if (k < i) right = j;
  }
  return values[k]!;
}

/** Median absolute deviation of the first n over the median. */
function spreadOf(values: Float64Array | Float32Array, n: number, median: number, scratch: Float64Array): number {
  for (let i = 0; i < n; i++) scratch[i] = Math.abs(values[i]! - median);
  return medianOf(scratch, n, scratch) / median;
}

/** Of numbers that are nearly in order; it allocates nothing. */
function insertionSort(values: Float64Array, n: number): void {
  for (let i = 1; i < n; i++) {
    const value = values[i]!;
    let at = i;
    while (at > 0 && values[at - 1]! > value) {
      values[at] = values[at - 1]!;
      at--;
    }
    values[at] = value;
  }
}
