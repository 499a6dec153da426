import type { Batch } from '../../record/batch.js';
import { RecordFault } from '../../record/fault.js';

/** Event times that the lake files: 1970 up to the year 2100. */
const TIME_MAX_US = 4_102_444_800e6;
/** Hours of event time in one batch: each becomes a file, so a peer that scatters its rows would make the lake crawl. */
export const HOURS_MAX = 192;
/** Counts are BIGINT in the lake and doubles on their way there. */
const COUNT_MAX = Number.MAX_SAFE_INTEGER;
const HOUR_US = 3.6e9;

/**
 * What the lake needs of a batch beyond what its decoder has checked: that it comes from where it says, that times can
 * be filed, and that numbers are numbers. Throws RecordFault.
 */
export function checkBatch(batch: Batch, site: string, sensor: string): void {
  if (batch.site !== site || batch.sensor !== sensor) throw new RecordFault('name', 'body and envelope disagree');
  const hours = new Set<number>();
  const time = (us: number, what: string) => {
    if (!(us >= 0 && us < TIME_MAX_US)) throw new RecordFault('value', `${what} ${us} is no time`);
    hours.add(Math.floor(us / HOUR_US));
  };
  time(batch.windowFromUs, 'window start');
  time(batch.windowToUs, 'window end');
  const { flows, dns } = batch;
  for (let i = 0; i < flows.count; i++) time(flows.tsUs[i]!, 'flow');
  for (let i = 0; i < dns.count; i++) time(dns.tsUs[i]!, 'transaction');
  for (const finding of batch.findings) {
    time(finding.firstUs, 'finding');
    time(finding.lastUs, 'finding');
    for (const r of finding.reasons)
      if (!Number.isFinite(r.points)) throw new RecordFault('value', 'points of a reason');
  }
  if (hours.size > HOURS_MAX) throw new RecordFault('value', `rows of ${hours.size} different hours in one batch`);
  const { durationUs, origPackets, origBytes, respPackets, respBytes } = flows;
  for (const column of [durationUs, origPackets, origBytes, respPackets, respBytes, flows.flows]) counts(column);
  for (const column of [flows.weight, dns.weight]) counts(column);
  for (const column of [flows.score, dns.score]) {
    for (let i = 0; i < column.length; i++) if (!(column[i]! >= 0)) throw new RecordFault('value', 'a score');
  }
  for (let i = 0; i < dns.count; i++) {
    if (!(dns.latencyUs[i]! >= -1 && dns.latencyUs[i]! <= COUNT_MAX)) throw new RecordFault('value', 'a latency');
  }
  for (const value of Object.values(batch.ledger)) {
    if (!Number.isFinite(value)) throw new RecordFault('value', 'a count of the ledger');
  }
}

function counts(column: Float64Array): void {
  for (let i = 0; i < column.length; i++) {
    if (!(column[i]! >= 0 && column[i]! <= COUNT_MAX)) throw new RecordFault('value', `${column[i]} is no count`);
  }
}

/** Bytes that a decoded batch takes, near enough to bound what waits. */
export function batchBytes(b: Batch): number {
  const entries = b.addresses.length + b.strings.length;
  return 4096 + b.flows.count * 112 + b.dns.count * 88 + b.words.count * 13 + entries * 64 + b.findings.length * 1024;
}

/** Rows of all tables. */
export function batchRows(b: Batch): number {
  return b.flows.count + b.dns.count + b.words.count + b.findings.length + Object.keys(b.ledger).length;
}
