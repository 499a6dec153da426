import { bytesPerRow } from '../base/columns.js';
import { DNS_COLUMNS } from '../dns/columns.js';
import { FLOW_COLUMNS } from '../flow/columns.js';

/** What each table of one shard, and of the analysis, may take. Bytes, or rows where said. */
export interface Budget {
  flowTable: number;
  fragments: number;
  dnsPending: number;
  /** Finished rows that may wait in a shard for the end of the window. */
  flowRows: number;
  dnsRows: number;
  dnsBytes: number;
  scorer: number;
}

/** A few batches of frames must fit, whatever the memory: rows are taken between batches. */
const ROWS_MIN = 32_768;

/**
 * Splits the one number that people set over everything that holds traffic. Each share is a line here; what is not
 * listed does not grow with the traffic. Finished rows are counted twice: in the shards and, merged, in the analysis.
 */
export function budget(memory: number, shards: number): Budget {
  const each = memory / shards;
  return {
    flowTable: Math.floor(each * 0.4),
    fragments: Math.floor(each * 0.03),
    dnsPending: Math.floor(each * 0.07),
    flowRows: Math.max(ROWS_MIN, Math.floor((each * 0.12) / bytesPerRow(FLOW_COLUMNS))),
    dnsRows: Math.max(ROWS_MIN, Math.floor((each * 0.05) / bytesPerRow(DNS_COLUMNS))),
    dnsBytes: Math.max(2 << 20, Math.floor(each * 0.08)),
    scorer: Math.floor(memory * 0.12),
  };
}
