import type { DnsColumns, DnsTable } from './columns.js';
import { bytesOfRow, copyRows, emptyTable, moveBytes } from './table.js';

/** When the row's first message was seen. */
export function startUs(rows: DnsColumns, row: number): number {
  const query = rows.queryUs[row]!;
  const response = rows.responseUs[row]!;
  return Number.isNaN(query) ? response : query;
}

/** Microseconds from query to answer, or NaN when one of them was not seen. Never negative: taps mix up neighbours. */
export function latencyUs(rows: DnsColumns, row: number): number {
  return Math.max(0, rows.responseUs[row]! - rows.queryUs[row]!);
}

/**
 * One table out of those of several shards, rows in canonical order: first message's time, client, server, ports,
 * protocol, id, then the rest, down to the bytes. Rows that still tie are the same to the last bit, so the same packets
 * give the same table however they were spread over shards. The bytes are laid out anew, row by row.
 */
export function mergeDns(parts: readonly DnsTable[]): DnsTable {
  let rows = 0;
  let bytes = 0;
  for (const part of parts) {
    rows += part.rows.count;
    for (let row = 0; row < part.rows.count; row++) bytes += bytesOfRow(part.rows, row);
  }
  const merged = emptyTable(rows, bytes);
  // Where each row came from, and the key that tells nearly all rows apart.
  const partOf = new Uint16Array(rows);
  const rowOf = new Uint32Array(rows);
  const time = new Float64Array(rows);
  let n = 0;
  for (const [p, part] of parts.entries()) {
    for (let row = 0; row < part.rows.count; row++, n++) {
      partOf[n] = p;
      rowOf[n] = row;
      time[n] = startUs(part.rows, row);
    }
  }
  const order = Uint32Array.from({ length: rows }, (_, i) => i);
  order.sort((a, b) => {
    const byTime = time[a]! - time[b]!;
    return byTime !== 0 ? byTime : compareRows(parts[partOf[a]!]!, rowOf[a]!, parts[partOf[b]!]!, rowOf[b]!);
  });

  // Runs of rows from one part are copied together, a column at a time.
  const run = new Uint32Array(rows);
  for (let at = 0; at < rows; ) {
    const p = partOf[order[at]!]!;
    let length = 0;
    while (at + length < rows && partOf[order[at + length]!] === p) {
      run[length] = rowOf[order[at + length]!]!;
      length++;
    }
    copyRows(parts[p]!.rows, run, length, merged.rows, at);
    at += length;
  }
  for (let row = 0; row < rows; row++) {
    merged.bytesUsed = moveBytes(merged.rows, row, parts[partOf[order[row]!]!]!.bytes, merged.bytes, merged.bytesUsed);
  }
  merged.rows.count = rows;
  return merged;
}

function compareRows(a: DnsTable, i: number, b: DnsTable, j: number): number {
  const x = a.rows;
  const y = b.rows;
  for (let w = 0; w < 8; w++) {
    const d = x.addr[i * 8 + w]! - y.addr[j * 8 + w]!;
    if (d !== 0) return d;
  }
  return (
    x.cport[i]! - y.cport[j]! ||
    x.sport[i]! - y.sport[j]! ||
    x.proto[i]! - y.proto[j]! ||
    x.vlan[i]! - y.vlan[j]! ||
    x.id[i]! - y.id[j]! ||
    presence(x.queryUs[i]!) - presence(y.queryUs[j]!) ||
    presence(x.responseUs[i]!) - presence(y.responseUs[j]!) ||
    x.responseUs[i]! - y.responseUs[j]! ||
    x.queryFrame[i]! - y.queryFrame[j]! ||
    x.responseFrame[i]! - y.responseFrame[j]! ||
    compareBytes(a.bytes, x.queryAt[i]!, x.queryLength[i]!, b.bytes, y.queryAt[j]!, y.queryLength[j]!) ||
    compareBytes(a.bytes, x.responseAt[i]!, x.responseLength[i]!, b.bytes, y.responseAt[j]!, y.responseLength[j]!)
  );
}

/** 1 where there was no such message; NaN - NaN above is NaN, which counts as equal. */
function presence(timeUs: number): number {
  return Number.isNaN(timeUs) ? 1 : 0;
}

function compareBytes(a: Uint8Array, i: number, m: number, b: Uint8Array, j: number, n: number): number {
  if (m !== n) return m - n;
  for (let k = 0; k < m; k++) {
    const d = a[i + k]! - b[j + k]!;
    if (d !== 0) return d;
  }
  return 0;
}
