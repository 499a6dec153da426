import { entryOf, type Fate, STAGES } from './books.js';

/**
 * The books of a sensor, from NIC to lake, as a table: keys are `stage.outcome` (record/ledger.ts). Nothing is left
 * out: a stage or an outcome without words of its own is shown under its name.
 */
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

const RANK: Readonly<Record<Fate, number>> = { in: 0, kept: 1, odd: 2, lost: 3 };
/** Bytes would make all other bars of their stage vanish. */
const NO_BAR = /bytes/;

/** Stages in the order data passes them; in each, what came in, what was kept, what was odd, what was lost. */
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
    const at = STAGES.findIndex((s) => s.name === stage);
    return at < 0 ? STAGES.length : at;
  };
  return [...groups]
    .sort(([a], [b]) => order(a) - order(b) || (a < b ? -1 : 1))
    .map(([name, held]) => {
      const stage = STAGES.find((s) => s.name === name);
      const most = Math.max(1, ...held.map((r) => (NO_BAR.test(r.outcome) ? 0 : r.count)));
      const place = stage === undefined ? [] : Object.keys(stage.entries);
      const rows = held
        .sort((a, b) => place.indexOf(a.outcome) - place.indexOf(b.outcome) || (a.key < b.key ? -1 : 1))
        .map(({ outcome, key, count }): LedgerRow => {
          const [words, fate] = entryOf(stage, outcome);
          const share = NO_BAR.test(outcome) ? 0 : Math.max(0, count) / most;
          return { key, words, count, fate, share };
        })
        .sort((a, b) => RANK[a.fate] - RANK[b.fate]);
      const lost = rows.reduce((sum, r) => sum + (r.fate === 'lost' ? r.count : 0), 0);
      return { stage: name, title: stage?.title ?? name, about: stage?.about ?? '', lost, rows };
    });
}
