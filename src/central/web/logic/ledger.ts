/**
 * The books of a sensor, from NIC to lake, as a table: keys are `stage.outcome` (record/ledger.ts). Nothing is left
 * out: a stage or an outcome that is not known here is shown under its own name.
 */
const STAGES: readonly (readonly [string, string, string])[] = [
  ['capture', 'Capture', 'frames from the network card'],
  ['decode', 'Decode', 'link, tunnels, IP, fragments, TCP order'],
  ['flow', 'Flow', 'packets into bidirectional flows'],
  ['dns', 'DNS', 'questions matched with answers'],
  ['app', 'Application', 'TLS, QUIC and HTTP metadata'],
  ['score', 'Score', 'words, model and detectors'],
  ['degrade', 'Memory ladder', 'what pressure made the sensor give up'],
  ['summary', 'Summary', 'windows into batches'],
  ['spool', 'Spool', 'batches on disk'],
  ['uplink', 'Uplink', 'batches on their way'],
  ['collector', 'Collector', 'batches checked and acknowledged'],
  ['lake', 'Lake', 'rows at rest'],
];

export type Fate = 'in' | 'lost' | 'kept';

export interface LedgerRow {
  readonly key: string;
  readonly words: string;
  readonly count: number;
  readonly fate: Fate;
  /** Part of the largest count of the stage, 0 to 1: the length of its bar. */
  readonly share: number;
}
export interface LedgerStage {
  readonly stage: string;
  readonly title: string;
  readonly about: string;
  readonly lost: number;
  readonly rows: readonly LedgerRow[];
}

const LOST =
  /^(dropped|refused|lost|missing|corrupt|undecodable|malformed|bad|cut|truncated|overflow|unmatched|evicted|rejected|left_evict|left_pressure|failed|oversize)/;
const LOST_WITHIN = /_(dropped|lost|refused|evicted|overflow|corrupt)(_|$)/;
const IN = /^(frames|packets|bytes|messages|flows|windows|batches|transactions|seen|received|in)$/;

/** What became of what a counter counts; judged by its name, since counters join as stages grow. */
export function fateOf(outcome: string): Fate {
  if (LOST.test(outcome) || LOST_WITHIN.test(outcome)) return 'lost';
  return IN.test(outcome) ? 'in' : 'kept';
}

const RANK: Readonly<Record<Fate, number>> = { in: 0, kept: 1, lost: 2 };

/** Stages in the order data passes them; in each, what came in, what was kept and what was lost, largest first. */
export function ledgerStages(ledger: Readonly<Record<string, number>>): LedgerStage[] {
  const groups = new Map<string, { outcome: string; key: string; count: number }[]>();
  for (const [key, n] of Object.entries(ledger)) {
    if (!Number.isFinite(n)) continue;
    const dot = key.indexOf('.');
    const stage = dot < 0 ? 'other' : key.slice(0, dot);
    const rows = groups.get(stage) ?? [];
    rows.push({ outcome: dot < 0 ? key : key.slice(dot + 1), key, count: n });
    groups.set(stage, rows);
  }
  const order = (stage: string) => {
    const at = STAGES.findIndex(([name]) => name === stage);
    return at < 0 ? STAGES.length : at;
  };
  return [...groups]
    .sort(([a], [b]) => order(a) - order(b) || (a < b ? -1 : 1))
    .map(([stage, held]) => {
      const most = Math.max(1, ...held.map((r) => r.count));
      const rows = held
        .map(({ outcome, key, count }): LedgerRow => {
          const words = outcome.replaceAll('_', ' ').replaceAll('.', ': ');
          return { key, words, count, fate: fateOf(outcome), share: Math.max(0, count) / most };
        })
        .sort((a, b) => RANK[a.fate] - RANK[b.fate] || b.count - a.count || (a.key < b.key ? -1 : 1));
      const lost = rows.reduce((sum, r) => sum + (r.fate === 'lost' ? r.count : 0), 0);
      const known = STAGES.find(([name]) => name === stage);
      return { stage, title: known?.[1] ?? stage, about: known?.[2] ?? '', lost, rows };
    });
}
