/**
 * The books: how many of what ended where, from NIC to lake. Keys are `stage.outcome` in snake case, e.g.
 * `capture.frames`, `capture.dropped_ring`, `decode.ok`, `decode.cut`, `flow.packets`, `flow.left_idle`,
 * `dns.messages`, `score.flows`, `summary.flows_full`, `spool.dropped_batches`. Values are counts in one window
 * (or totals, where the holder says so). A count that cannot be known is absent, never 0.
 */
export type Ledger = Record<string, number>;

/** What a key looks like. A reader refuses a batch with any other. */
export const LEDGER_KEY = /^(?=.{3,128}$)[a-z][a-z0-9_]*(\.[a-z0-9_]+)+$/;

/** Adds `more` into `into`, key by key. */
export function addLedger(into: Ledger, more: Ledger): void {
  for (const [key, n] of Object.entries(more)) into[key] = (into[key] ?? 0) + n;
}

/** What was added between two readings of running totals. */
export function sinceLedger(before: Ledger, now: Ledger): Ledger {
  const out: Ledger = {};
  for (const [key, n] of Object.entries(now)) out[key] = n - (before[key] ?? 0);
  return out;
}
