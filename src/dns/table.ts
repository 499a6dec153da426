import { allocate, type ColumnSpec } from '../base/columns.js';
import { DNS_COLUMNS, type DnsColumns, type DnsTable } from './columns.js';

type AnyArray = Uint8Array | Float64Array;
const COLUMNS = Object.entries(DNS_COLUMNS as ColumnSpec).map(([name, [, width]]) => ({ name, width }));

function column(rows: DnsColumns, name: string): AnyArray {
  return (rows as unknown as Record<string, AnyArray>)[name]!;
}

/** A table with no rows, and room for some. */
export function emptyTable(rows: number, bytes: number): DnsTable {
  return { rows: allocate(DNS_COLUMNS, rows), bytes: new Uint8Array(bytes), bytesUsed: 0 };
}

/** Doubles the room for rows, up to `max`; rows keep their numbers, arrays are replaced. */
export function growRows(table: DnsTable, max: number): void {
  const wider = allocate(DNS_COLUMNS, Math.min(max, Math.max(16, table.rows.capacity * 2)));
  wider.count = table.rows.count;
  for (const { name, width } of COLUMNS) {
    column(wider, name).set(column(table.rows, name).subarray(0, table.rows.count * width));
  }
  table.rows = wider;
}

/** Makes room for `need` bytes in all by doubling, up to `max`. */
export function growBytes(table: DnsTable, need: number, max: number): void {
  let size = Math.max(1024, table.bytes.length);
  while (size < need) size *= 2;
  const wider = new Uint8Array(Math.min(size, max));
  wider.set(table.bytes.subarray(0, table.bytesUsed));
  table.bytes = wider;
}

/** Copies the columns of the rows listed in `from[0..n)` to the rows `at`, `at + 1` ... of `target`, a column at a time. */
export function copyRows(source: DnsColumns, from: Uint32Array, n: number, target: DnsColumns, at: number): void {
  for (const { name, width } of COLUMNS) {
    const src = column(source, name);
    const dst = column(target, name);
    for (let i = 0; i < n; i++) {
      const a = from[i]! * width;
      const b = (at + i) * width;
      for (let w = 0; w < width; w++) dst[b + w] = src[a + w]!;
    }
  }
}

/** Takes the rows listed in `gone[0..n)`, which must ascend, out of the table. The order of the rest changes. */
export function removeRows(rows: DnsColumns, gone: Uint32Array, n: number): void {
  for (const { name, width } of COLUMNS) {
    const col = column(rows, name);
    let count = rows.count;
    for (let i = n - 1; i >= 0; i--) {
      count--;
      const to = gone[i]! * width;
      const from = count * width;
      for (let w = 0; w < width; w++) col[to + w] = col[from + w]!;
    }
  }
  rows.count -= n;
}

/**
 * Copies what row `row` points at (query, response, name) from `source` to the end of `bytes`, mends the row's
 * offsets, and returns the new end. A name that lies inside one of the messages stays inside it.
 */
export function moveBytes(rows: DnsColumns, row: number, source: Uint8Array, bytes: Uint8Array, used: number): number {
  const query = rows.queryAt[row]!;
  const queryLength = rows.queryLength[row]!;
  const response = rows.responseAt[row]!;
  const responseLength = rows.responseLength[row]!;
  const name = rows.nameAt[row]!;
  const nameLength = rows.nameLength[row]!;

  const queryTo = used;
  bytes.set(source.subarray(query, query + queryLength), used);
  used += queryLength;
  const responseTo = used;
  bytes.set(source.subarray(response, response + responseLength), used);
  used += responseLength;

  if (nameLength > 0 && name >= query && name + nameLength <= query + queryLength) {
    rows.nameAt[row] = queryTo + name - query;
  } else if (nameLength > 0 && name >= response && name + nameLength <= response + responseLength) {
    rows.nameAt[row] = responseTo + name - response;
  } else {
    rows.nameAt[row] = nameLength > 0 ? used : 0;
    bytes.set(source.subarray(name, name + nameLength), used);
    used += nameLength;
  }
  rows.queryAt[row] = queryLength > 0 ? queryTo : 0;
  rows.responseAt[row] = responseLength > 0 ? responseTo : 0;
  return used;
}

/** Bytes that row `row` points at, at most. */
export function bytesOfRow(rows: DnsColumns, row: number): number {
  return rows.queryLength[row]! + rows.responseLength[row]! + rows.nameLength[row]!;
}
