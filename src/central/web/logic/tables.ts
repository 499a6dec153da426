import type { EntityView } from '../../api/types.js';
import { serviceName } from './services.js';
import type { Sort } from './url.js';

export type Peer = EntityView['peers'][number];
export type Domain = EntityView['domains'][number];

export const PEER_COLUMNS = [
  'peer',
  'direction',
  'service',
  'flows',
  'bytesOut',
  'bytesIn',
  'firstSeen',
  'lastSeen',
  'strangest',
] as const;
export type PeerColumn = (typeof PEER_COLUMNS)[number];

export const DOMAIN_COLUMNS = ['domain', 'names', 'queries', 'failures', 'firstSeen', 'lastSeen'] as const;
export type DomainColumn = (typeof DOMAIN_COLUMNS)[number];

type Value = string | number;

/** Numbers in a text compare as numbers, so that 10.0.0.9 comes before 10.0.0.10. */
const collator = new Intl.Collator('en', { numeric: true });

function compare(a: Value, b: Value): number {
  if (typeof a === 'number' && typeof b === 'number') {
    // What is not a number goes last either way round would surprise; it counts as the smallest.
    return (Number.isNaN(a) ? -Infinity : a) - (Number.isNaN(b) ? -Infinity : b) || 0;
  }
  return collator.compare(String(a), String(b));
}

/** A sorted copy; rows that are equal keep their order. */
export function sorted<R, C extends string>(
  rows: readonly R[],
  sort: Sort<C>,
  value: (row: R, column: C) => Value,
): R[] {
  const keys = new Map(rows.map((row) => [row, value(row, sort.column)]));
  const sign = sort.descending ? -1 : 1;
  return [...rows].sort((a, b) => sign * compare(keys.get(a)!, keys.get(b)!));
}

export function peerValue(p: Peer, c: PeerColumn): Value {
  // By port first, then protocol: a reader looks for a port.
  return c === 'service' ? p.port * 1000 + (p.proto === 'tcp' ? 0 : p.proto === 'udp' ? 1 : 2) : p[c];
}

export function domainValue(d: Domain, c: DomainColumn): Value {
  return d[c];
}

const overlaps = (r: { firstSeen: number; lastSeen: number }, span: { from: number; to: number } | null) =>
  span === null || (r.lastSeen >= span.from && r.firstSeen <= span.to);

/** Peers whose address, protocol, port or service holds the text, seen in the span. */
export function filterPeers(peers: readonly Peer[], text: string, span: { from: number; to: number } | null): Peer[] {
  const wanted = text.trim().toLowerCase();
  return peers.filter((p) => {
    if (!overlaps(p, span)) return false;
    if (wanted === '') return true;
    const service = serviceName(p.proto, p.port) ?? '';
    return `${p.peer} ${p.proto} ${p.port} ${service} ${p.direction}`.toLowerCase().includes(wanted);
  });
}

/** Domains whose name, types or examples hold the text, asked for in the span. */
export function filterDomains(
  domains: readonly Domain[],
  text: string,
  span: { from: number; to: number } | null,
): Domain[] {
  const wanted = text.trim().toLowerCase();
  return domains.filter(
    (d) =>
      overlaps(d, span) &&
      (wanted === '' || [d.domain, ...d.types, ...d.examples].some((t) => t.toLowerCase().includes(wanted))),
  );
}

/** The next sort when a heading is chosen: numbers begin with the largest, names with the first. */
export function nextSort<C extends string>(held: Sort<C>, column: C, ascendingFirst: readonly C[]): Sort<C> {
  if (held.column === column) return { column, descending: !held.descending };
  return { column, descending: !ascendingFirst.includes(column) };
}
