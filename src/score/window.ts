import type { DnsTable } from '../dns/columns.js';
import type { FlowColumns } from '../flow/columns.js';
import type { Ledger } from '../record/ledger.js';

/**
 * What one window saw: the flows and DNS transactions that ended in it, and the books of every stage.
 * Rows are in canonical order (first packet's time, then addresses and ports), so that one shard and many agree.
 */
export interface Window {
  readonly fromUs: number;
  readonly toUs: number;
  readonly flows: FlowColumns;
  readonly dns: DnsTable;
  /** What happened in this window only. */
  readonly ledger: Ledger;
}
