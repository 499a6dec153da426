import { getDomain } from 'tldts';
import type { Lake } from '../lake/lake.js';
import { DAY_MS, dayOrNewest, dayStart } from './days.js';
import { findings } from './shortlist.js';
import type { EntityView } from './types.js';

const STEP_MS = 10 * 60_000;
const STEPS = DAY_MS / STEP_MS;
const PEERS_MAX = 500;
const DOMAINS_MAX = 500;
/** Names of one host on one day that are looked at, the most asked first. */
const NAMES_MAX = 50_000;
const EXAMPLES = 5;

/** Everything the lake has of one host on one day. */
export async function entity(lake: Lake, host: string, asked: string | undefined): Promise<EntityView> {
  const day = dayOrNewest(lake, asked);
  if (day === null) return empty(host);
  const [totals, activity, peers, domains, found] = await Promise.all([
    totalsOf(lake, host, day),
    activityOf(lake, host, day),
    peersOf(lake, host, day),
    domainsOf(lake, host, day),
    findings(lake, day, host),
  ]);
  const { first, last, ...sums } = totals;
  return {
    host,
    day,
    firstSeen: first,
    lastSeen: last,
    totals: { ...sums, domains: domains.count },
    activity,
    peers,
    domains: domains.rows,
    findings: found.lines,
  };
}

/**
 * A row of the lake stands for `flows` flows whose bytes it holds together, and counts `weight` times when rows were
 * sampled. Bytes are told from the host's side: out is what it sent.
 */
const SIDES = `CASE WHEN src = $1 THEN orig_bytes ELSE resp_bytes END * weight AS bytes_out,
  CASE WHEN src = $1 THEN resp_bytes ELSE orig_bytes END * weight AS bytes_in, flows * weight AS n`;

async function totalsOf(lake: Lake, host: string, day: string) {
  const [flow] = await lake.query<Record<'flows' | 'out' | 'in' | 'peers' | 'first' | 'last', number | null>>(
    (from) => {
      const table = from('flow', [day]);
      return table === null
        ? null
        : `SELECT sum(n)::DOUBLE AS flows, sum(bytes_out)::DOUBLE AS out, sum(bytes_in)::DOUBLE AS "in",
           count(DISTINCT CASE WHEN src = $1 THEN dst ELSE src END)::DOUBLE AS peers,
           min(epoch_us(ts)) / 1000.0::DOUBLE AS first, max(epoch_us(ts) + duration * 1e6) / 1000.0::DOUBLE AS last
         FROM (SELECT *, ${SIDES} FROM ${table} WHERE src = $1 OR dst = $1)`;
    },
    [host],
  );
  const [dns] = await lake.query<Record<'n' | 'first' | 'last', number | null>>(
    (from) => {
      const table = from('dns', [day]);
      return table === null
        ? null
        : `SELECT sum(weight)::DOUBLE AS n, min(epoch_us(ts)) / 1000.0::DOUBLE AS first,
           max(epoch_us(ts)) / 1000.0::DOUBLE AS last FROM ${table} WHERE client = $1`;
    },
    [host],
  );
  const firsts = [flow?.first, dns?.first].filter((t) => t != null);
  const lasts = [flow?.last, dns?.last].filter((t) => t != null);
  return {
    flows: flow?.flows ?? 0,
    bytesOut: flow?.out ?? 0,
    bytesIn: flow?.in ?? 0,
    dnsTransactions: dns?.n ?? 0,
    peers: flow?.peers ?? 0,
    first: firsts.length > 0 ? Math.min(...firsts) : null,
    last: lasts.length > 0 ? Math.max(...lasts) : null,
  };
}

async function activityOf(lake: Lake, host: string, day: string): Promise<EntityView['activity']> {
  const from = dayStart(day);
  const stepOf = (time: string) => `((epoch_us(${time}) - ${from * 1000}) // ${STEP_MS * 1000})::DOUBLE`;
  const covered = await lake.query<{ a: number; b: number }>((source) => {
    const ledger = source('ledger', [day]);
    return ledger === null
      ? null
      : `SELECT DISTINCT ${stepOf('window_start')} AS a, ${stepOf('window_end - INTERVAL 1 MICROSECOND')} AS b FROM ${ledger}`;
  });
  const zero = new Array<number | null>(STEPS).fill(null);
  for (const { a, b } of covered) {
    for (let step = Math.max(0, a); step <= Math.min(STEPS - 1, b); step++) zero[step] = 0;
  }
  const flow = await lake.query<{ step: number; n: number; out: number; in: number }>(
    (source) => {
      const table = source('flow', [day]);
      return table === null
        ? null
        : `SELECT ${stepOf('ts')} AS step, sum(n)::DOUBLE AS n, sum(bytes_out)::DOUBLE AS out, sum(bytes_in)::DOUBLE AS "in"
         FROM (SELECT *, ${SIDES} FROM ${table} WHERE src = $1 OR dst = $1) GROUP BY step`;
    },
    [host],
  );
  const dns = await lake.query<{ step: number; n: number }>(
    (source) => {
      const table = source('dns', [day]);
      return table === null
        ? null
        : `SELECT ${stepOf('ts')} AS step, sum(weight)::DOUBLE AS n FROM ${table} WHERE client = $1 GROUP BY step`;
    },
    [host],
  );
  const column = <R extends { step: number }>(rows: R[], value: (row: R) => number) => {
    const out = [...zero];
    for (const row of rows) out[row.step] = value(row);
    return out;
  };
  return {
    from,
    stepMs: STEP_MS,
    flows: column(flow, (r) => r.n),
    bytesOut: column(flow, (r) => r.out),
    bytesIn: column(flow, (r) => r.in),
    dns: column(dns, (r) => r.n),
  };
}

function peersOf(lake: Lake, host: string, day: string): Promise<EntityView['peers']> {
  return lake.query(
    (from) => {
      const table = from('flow', [day]);
      return table === null
        ? null
        : `SELECT CASE WHEN src = $1 THEN dst ELSE src END AS peer, CASE WHEN src = $1 THEN 'out' ELSE 'in' END AS direction,
           proto, dport AS port, sum(n)::DOUBLE AS flows, sum(bytes_out)::DOUBLE AS "bytesOut",
           sum(bytes_in)::DOUBLE AS "bytesIn", min(epoch_us(ts)) / 1000.0::DOUBLE AS "firstSeen",
           max(epoch_us(ts) + duration * 1e6) / 1000.0::DOUBLE AS "lastSeen", min(score)::DOUBLE AS strangest
         FROM (SELECT *, ${SIDES} FROM ${table} WHERE src = $1 OR dst = $1)
         GROUP BY peer, direction, proto, port
         ORDER BY sum(bytes_out + bytes_in) DESC, peer, direction, proto, port LIMIT ${PEERS_MAX}`;
    },
    [host],
  );
}

interface NameRow {
  qname: string;
  queries: number;
  failures: number;
  first: number;
  last: number;
  types: string[];
}

/** Names by registered domain (Public Suffix List); a name that has none stands for itself. */
async function domainsOf(lake: Lake, host: string, day: string) {
  const names = await lake.query<NameRow>(
    (from) => {
      const table = from('dns', [day]);
      return table === null
        ? null
        : `SELECT qname, sum(weight)::DOUBLE AS queries,
           coalesce(sum(weight) FILTER (rcode <> 'NOERROR' OR (rcode IS NULL AND service = 'dns')), 0)::DOUBLE AS failures,
           min(epoch_us(ts)) / 1000.0::DOUBLE AS first, max(epoch_us(ts)) / 1000.0::DOUBLE AS last,
           list(DISTINCT qtype ORDER BY qtype) AS types
         FROM ${table} WHERE client = $1 GROUP BY qname ORDER BY queries DESC, qname LIMIT ${NAMES_MAX}`;
    },
    [host],
  );
  const domains = new Map<string, EntityView['domains'][number]>();
  for (const n of names) {
    const domain = getDomain(n.qname, { allowPrivateDomains: true, extractHostname: false }) ?? n.qname;
    const held = domains.get(domain);
    if (held === undefined) {
      domains.set(domain, {
        domain,
        names: 1,
        queries: n.queries,
        failures: n.failures,
        firstSeen: n.first,
        lastSeen: n.last,
        types: n.types,
        examples: [n.qname],
      });
      continue;
    }
    held.names++;
    held.queries += n.queries;
    held.failures += n.failures;
    held.firstSeen = Math.min(held.firstSeen, n.first);
    held.lastSeen = Math.max(held.lastSeen, n.last);
    held.types = [...new Set([...held.types, ...n.types])].sort();
    if (held.examples.length < EXAMPLES) held.examples.push(n.qname);
  }
  const rows = [...domains.values()].sort((a, b) => b.queries - a.queries || (a.domain < b.domain ? -1 : 1));
  return { count: rows.length, rows: rows.slice(0, DOMAINS_MAX) };
}

function empty(host: string): EntityView {
  const activity = { from: 0, stepMs: STEP_MS, flows: [], bytesOut: [], bytesIn: [], dns: [] };
  const totals = { flows: 0, bytesOut: 0, bytesIn: 0, dnsTransactions: 0, peers: 0, domains: 0 };
  return { host, day: null, firstSeen: null, lastSeen: null, totals, activity, peers: [], domains: [], findings: [] };
}
