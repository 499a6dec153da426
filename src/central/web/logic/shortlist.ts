import { parseAddress } from '../../../base/address.js';
import type { ReasonView, ShortlistLine } from '../../api/types.js';
import { kindWords, type Severity, severity } from './kinds.js';
import { shortHash } from './text.js';

/** A line's name across refreshes: what it tells of, never where it stands. Short enough for the address bar. */
export function lineKey(line: ShortlistLine): string {
  return shortHash(JSON.stringify([line.kind, line.src, line.dst, line.dstPort, line.proto, line.domain]));
}

/** One reason's part of the score: from `from` to `to` points, which runs backwards when it takes points away. */
export interface Step {
  readonly reason: ReasonView;
  readonly from: number;
  readonly to: number;
}

/** The reasons strongest first, each standing where the one before it ended; the last `to` is the score. */
export function steps(reasons: readonly ReasonView[]): Step[] {
  let sum = 0;
  return [...reasons]
    .sort((a, b) => b.points - a.points)
    .map((reason) => {
      const from = sum;
      sum += Number.isFinite(reason.points) ? reason.points : 0;
      return { reason, from, to: sum };
    });
}

/** Beyond this a score is a fault or a forgery, and must not shrink the bars of the others to nothing. */
const SCALE_MAX = 250;

/** The end of the scale of all bars of a list, so that they can be compared between lines. */
export function scaleEnd(lines: readonly ShortlistLine[]): number {
  let most = 100;
  for (const line of lines) {
    let up = 0;
    for (const r of line.reasons) up += Math.max(0, Number.isFinite(r.points) ? r.points : 0);
    most = Math.max(most, up, Number.isFinite(line.score) ? line.score : 0);
  }
  return Math.min(most, SCALE_MAX);
}

type Test = (line: ShortlistLine) => boolean;

/** A network to match addresses against. */
function network(text: string): ((address: string) => boolean) | null {
  const slash = text.lastIndexOf('/');
  if (slash < 1 || !/^\d{1,3}$/.test(text.slice(slash + 1))) return null;
  const base = new Uint32Array(4);
  if (!parseAddress(text.slice(0, slash), base, 0)) return null;
  const bits = Number(text.slice(slash + 1)) + (text.includes(':') ? 0 : 96);
  if (bits > 128) return null;
  const held = new Uint32Array(4);
  return (address) => {
    if (!parseAddress(address, held, 0)) return false;
    for (let i = 0; i < 4; i++) {
      const n = Math.min(32, Math.max(0, bits - 32 * i));
      const mask = n === 0 ? 0 : (0xffffffff << (32 - n)) >>> 0;
      if (((held[i]! ^ base[i]!) & mask) !== 0) return false;
    }
    return true;
  };
}

function holder(value: string): (text: string | null) => boolean {
  const within = network(value);
  if (within !== null) return (text) => text !== null && within(text);
  return (text) => text?.toLowerCase().includes(value) === true;
}

const kindMatches = (line: ShortlistLine, value: string) =>
  line.kind.toLowerCase().includes(value) || kindWords(line.kind).toLowerCase().includes(value);

function oneTest(token: string): Test {
  const colon = /^(src|dst|host|domain|kind|port|proto|sensor):(.+)$/.exec(token);
  if (colon === null) {
    const holds = holder(token);
    return (l) =>
      holds(l.src) ||
      holds(l.dst) ||
      holds(l.domain) ||
      kindMatches(l, token) ||
      String(l.dstPort) === token ||
      l.proto === token ||
      l.sensors.some(holds);
  }
  const value = colon[2]!;
  const holds = holder(value);
  switch (colon[1]) {
    case 'src':
      return (l) => holds(l.src);
    case 'dst':
      return (l) => holds(l.dst);
    case 'host':
      return (l) => holds(l.src) || holds(l.dst);
    case 'domain':
      return (l) => holds(l.domain);
    case 'kind':
      return (l) => kindMatches(l, value);
    case 'port':
      return (l) => String(l.dstPort) === value;
    case 'proto':
      return (l) => (l.proto ?? '').toLowerCase() === value;
    default:
      return (l) => l.sensors.some(holds);
  }
}

/**
 * The filter an analyst types: words that must all match an address, domain, kind, port, protocol or sensor; `-word`
 * must not; `src: dst: host: domain: kind: port: proto: sensor:` name the column; `10.0.0.0/8` matches a network.
 */
export function lineFilter(query: string): Test {
  const tests = query
    .toLowerCase()
    .split(/\s+/)
    .filter((t) => t !== '' && t !== '-')
    .map((t): Test => {
      if (!t.startsWith('-')) return oneTest(t);
      const test = oneTest(t.slice(1));
      return (line) => !test(line);
    });
  return (line) => tests.every((test) => test(line));
}

/** Adds a token to a filter, or takes it out when it is there. */
export function toggleToken(query: string, token: string): string {
  const tokens = query.split(/\s+/).filter((t) => t !== '');
  const without = tokens.filter((t) => t !== token);
  return (without.length < tokens.length ? without : [...tokens, token]).join(' ');
}

/** How many lines are of each level. */
export function bySeverity(lines: readonly ShortlistLine[]): Record<Severity, number> {
  const counts: Record<Severity, number> = { 1: 0, 2: 0, 3: 0, 4: 0 };
  for (const line of lines) counts[severity(line.score)]++;
  return counts;
}

/** The index to move to from the one held (-1 for none), staying on the list. */
export function moveTo(index: number, by: number, length: number): number {
  if (length === 0) return -1;
  if (index < 0) return by > 0 ? 0 : length - 1;
  return Math.min(length - 1, Math.max(0, index + by));
}
