import { addressText } from '../../base/address.js';
import type { Finding } from '../../record/finding.js';
import { protocolName } from '../../record/names.js';
import { serviceText } from '../../record/services.js';
import type { Context } from '../context.js';
import type { Detector } from '../detector.js';
import { isGroup } from '../networks.js';
import { grown, reason } from '../points.js';
import { countText, numberText, percentText, spanText } from '../text.js';
import type { Window } from '../window.js';
import { FanOut } from './fan-out.js';
import { ICMP, ICMP6, isWeb, outcome, TCP, UDP } from './traits.js';

/** The sum of evidence at which a scanner is a hundred thousand times likelier than an honest host. */
const SURE = Math.log(1e5);
/** Different targets before anything is said. */
const LEAST = 10;
/** Lines of one source before they become one. */
const LINES_MAX = 5;
/** Sources remembered as having become one line. */
const SOURCES_MAX = 4096;
/** Probes of the classic traceroute (33434 and up) fail by design. */
const TRACEROUTE_FROM = 33434;
const TRACEROUTE_TO = 33534;
/** Services on which reaching many hosts is what administrators and intruders do, even if all answer. */
const ADMIN_PORTS: ReadonlySet<number> = new Set([21, 22, 23, 135, 139, 445, 1433, 3306, 3389, 5900, 5985, 5986]);
const MANY_HOSTS = 30;

/** One line of evidence before it is known whether its source gets one line or many. */
interface Lead {
  row: number;
  src: string;
  dst: string | null;
  port: number | null;
  proto: string;
  points: number;
}

/**
 * One source, one service, many hosts (`scan.horizontal`), or one source, one host, many ports (`scan.vertical`).
 * The statistic is FanOut's. A source with more than five such lines gets one for all of them.
 *
 * Limits: see FanOut. A capture that holds one direction only makes everybody look unanswered.
 */
export class ScanDetector implements Detector {
  readonly name: string;
  readonly #vertical: boolean;
  readonly #fan: FanOut;
  /** key: source (4 words), then service, or host (4 words) and protocol. */
  readonly #key: Uint32Array;
  readonly #port = new Uint32Array(1);
  /** Lines so far by source, in the order of their first. */
  readonly #lines = new Map<string, Set<string>>();

  constructor(kind: 'horizontal' | 'vertical', memoryBytes: number) {
    this.name = `scan.${kind}`;
    this.#vertical = kind === 'vertical';
    this.#key = new Uint32Array(this.#vertical ? 9 : 5);
    this.#fan = new FanOut(this.#key.length, memoryBytes);
  }

  get evicted(): number {
    return this.#fan.table.evicted;
  }

  window(window: Window, _context: Context, out: Finding[]): void {
    const f = window.flows;
    const fan = this.#fan;
    const key = this.#key;
    const vertical = this.#vertical;
    const { addr, firstUs, proto: protos, dport, sport } = f;
    fan.begin();
    for (let i = 0; i < f.count; i++) {
      const proto = protos[i]!;
      const port = dport[i]!;
      const ping = proto === ICMP || proto === ICMP6;
      if (proto !== TCP && proto !== UDP && !ping) continue;
      if (ping && (vertical || (sport[i] !== 8 && sport[i] !== 128))) continue;
      if (isGroup(addr, i * 8 + 4)) continue;
      if (proto === UDP && port >= TRACEROUTE_FROM && port <= TRACEROUTE_TO) continue;
      const at = i * 8;
      for (let w = 0; w < 4; w++) key[w] = addr[at + w]!;
      if (vertical) {
        for (let w = 0; w < 4; w++) key[4 + w] = addr[at + 4 + w]!;
        key[8] = proto;
        this.#port[0] = port;
        fan.add(key, this.#port, 0, 1, outcome(f, i), firstUs[i]!);
      } else {
        key[4] = (proto << 16) | (ping ? 0 : port);
        fan.add(key, addr, at + 4, 4, outcome(f, i), firstUs[i]!);
      }
    }
    this.#tell(out);
  }

  #tell(out: Finding[]): void {
    const bySource = new Map<string, Lead[]>();
    for (const row of this.#fan.touched) {
      const lead = this.#lead(row);
      if (lead === null) continue;
      const held = bySource.get(lead.src);
      if (held === undefined) bySource.set(lead.src, [lead]);
      else held.push(lead);
    }
    for (const [src, leads] of bySource) {
      let lines = this.#lines.get(src);
      if (lines === undefined) {
        if (this.#lines.size >= SOURCES_MAX) this.#lines.delete(this.#lines.keys().next().value!);
        this.#lines.set(src, (lines = new Set()));
      }
      for (const l of leads) if (lines.size <= 65536) lines.add(`${l.proto} ${l.port} ${l.dst}`);
      if (lines.size <= LINES_MAX) for (const lead of leads) this.#one(lead, out);
      else this.#many(src, leads, lines.size, out);
    }
  }

  /** What a row amounts to; null when it is not enough. */
  #lead(row: number): Lead | null {
    const fan = this.#fan;
    const key = fan.table.key.subarray(row * this.#key.length, (row + 1) * this.#key.length);
    const proto = this.#vertical ? key[8]! : key[4]! >>> 16;
    const port = this.#vertical || proto === ICMP || proto === ICMP6 ? null : key[4]! & 0xffff;
    const attempts = fan.attempts[row]!;
    let points = 0;
    if (fan.evidence[row]! >= SURE && attempts >= LEAST) {
      points = grown(fan.tried(row), LEAST, 42, 1000, 90);
      // Peers of a swarm come and go; the web is tried by everybody.
      if (!this.#vertical && proto === UDP && port! >= 1024) points *= 0.6;
      if (!this.#vertical && proto === TCP && isWeb(port!)) points *= 0.75;
    } else if (!this.#vertical && proto === TCP && ADMIN_PORTS.has(port!) && fan.things(row) >= MANY_HOSTS) {
      points = grown(fan.things(row), MANY_HOSTS, 20, 500, 35);
    } else if (!this.#vertical && port === null && fan.things(row) >= 2 * MANY_HOSTS) {
      points = grown(fan.things(row), 2 * MANY_HOSTS, 20, 500, 40);
    }
    if (points === 0) return null;
    const dst = this.#vertical ? addressText(key, 4) : null;
    return { row, src: addressText(key, 0), dst, port, proto: protocolName(proto), points };
  }

  #one(lead: Lead, out: Finding[]): void {
    const fan = this.#fan;
    const { row } = lead;
    if (!fan.emission.due(row, lead.points, fan.lastUs[row]!)) return;
    const n = fan.tried(row);
    const span = spanText(fan.lastUs[row]! - fan.firstUs[row]!);
    const silent = `${percentText(fan.failures[row]! / Math.max(1, fan.attempts[row]!))} of them failed`;
    const what = serviceText(lead.proto, lead.port);
    const sure = fan.evidence[row]! >= SURE;
    const text = this.#vertical
      ? `tried ${numberText(n)} ${lead.proto} ports of ${lead.dst} in ${span}; ${silent}`
      : sure
        ? `tried ${what} on ${countText(n, 'host')} in ${span}; ${silent}`
        : `reached ${what} on ${countText(fan.things(row), 'host')} in ${span}`;
    out.push({
      kind: this.name,
      src: lead.src,
      dst: lead.dst,
      dstPort: lead.port,
      proto: lead.proto,
      domain: null,
      firstUs: fan.firstUs[row]!,
      lastUs: fan.lastUs[row]!,
      reasons: [reason(`${this.name}.${sure ? 'failed' : 'reached'}`, lead.points, text)],
    });
  }

  /** One line for a source that has too many. */
  #many(src: string, leads: Lead[], lines: number, out: Finding[]): void {
    const fan = this.#fan;
    let best = leads[0]!;
    let firstUs = Number.POSITIVE_INFINITY;
    let lastUs = Number.NEGATIVE_INFINITY;
    let most = 0;
    for (const lead of leads) {
      if (lead.points > best.points) best = lead;
      firstUs = Math.min(firstUs, fan.firstUs[lead.row]!);
      lastUs = Math.max(lastUs, fan.lastUs[lead.row]!);
      most = Math.max(most, fan.tried(lead.row));
    }
    const points = Math.min(95, best.points + grown(lines, LINES_MAX, 5, 500, 20));
    if (!fan.emission.due(best.row, points, lastUs)) return;
    const text = this.#vertical
      ? `tried up to ${numberText(most)} ports on each of ${countText(lines, 'host')}`
      : `tried ${countText(lines, 'service')} on up to ${countText(most, 'host')} each`;
    const reasons = [reason(`${this.name}.many`, points, text)];
    out.push({
      kind: this.name,
      src,
      dst: null,
      dstPort: null,
      proto: best.proto,
      domain: null,
      firstUs,
      lastUs,
      reasons,
    });
  }
}
