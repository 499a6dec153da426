import { allocate, buffersOf, type ColumnSpec, type Columns, copyRow, ensure } from '../base/columns.js';
import { type AppTable, HTTP_COLUMNS, type Sheet, TLS_COLUMNS } from './columns.js';

/** What every sheet's rows have: where their bytes lie. */
interface Spanned {
  count: number;
  at: Uint32Array;
  length: Uint32Array;
}
type AnyArray = Uint32Array;

export function emptySheet<S extends ColumnSpec>(spec: S, rows: number, bytes: number): Sheet<Columns<S>> {
  return { rows: allocate(spec, rows), bytes: new Uint8Array(bytes), bytesUsed: 0 };
}

export function emptyApp(): AppTable {
  return { tls: emptySheet(TLS_COLUMNS, 64, 16 << 10), http: emptySheet(HTTP_COLUMNS, 64, 16 << 10) };
}

/** The buffers of a table, to be transferred to another thread. */
export function appBuffers(table: AppTable): ArrayBuffer[] {
  return [
    ...buffersOf(TLS_COLUMNS, table.tls.rows),
    ...buffersOf(HTTP_COLUMNS, table.http.rows),
    table.tls.bytes.buffer as ArrayBuffer,
    table.http.bytes.buffer as ArrayBuffer,
  ];
}

/** Starts a row of `length` bytes and returns its number, or -1 when the limits do not allow it. */
export function addRow<S extends ColumnSpec>(
  spec: S,
  sheet: Sheet<Columns<S>>,
  length: number,
  rowsMax: number,
  bytesMax: number,
): number {
  const need = sheet.bytesUsed + length;
  if (sheet.rows.count >= rowsMax || need > bytesMax) return -1;
  ensure(spec, sheet.rows, sheet.rows.count + 1);
  if (need > sheet.bytes.length) {
    const wider = new Uint8Array(Math.min(bytesMax, Math.max(need, sheet.bytes.length * 2)));
    wider.set(sheet.bytes.subarray(0, sheet.bytesUsed));
    sheet.bytes = wider;
  }
  const rows = sheet.rows as unknown as Spanned;
  const row = rows.count++;
  rows.at[row] = sheet.bytesUsed;
  rows.length[row] = length;
  sheet.bytesUsed = need;
  return row;
}

/**
 * One sheet out of several, rows by time, then by every column in the order of the spec, then by their bytes. Rows
 * that still tie are the same, so the same packets give the same sheet however they were spread over shards.
 */
export function mergeSheets<S extends ColumnSpec>(
  spec: S,
  parts: readonly Sheet<Columns<S>>[],
  timeOf: (rows: Columns<S>, row: number) => number,
): Sheet<Columns<S>> {
  const total = parts.reduce((n, part) => n + part.rows.count, 0);
  const partOf = new Uint16Array(total);
  const rowOf = new Uint32Array(total);
  const time = new Float64Array(total);
  let n = 0;
  let bytes = 0;
  for (const [p, part] of parts.entries()) {
    bytes += part.bytesUsed;
    for (let row = 0; row < part.rows.count; row++, n++) {
      partOf[n] = p;
      rowOf[n] = row;
      time[n] = timeOf(part.rows, row);
    }
  }
  const order = Uint32Array.from({ length: total }, (_, i) => i);
  order.sort(
    (a, b) => time[a]! - time[b]! || compareRows(spec, parts[partOf[a]!]!, rowOf[a]!, parts[partOf[b]!]!, rowOf[b]!),
  );
  const merged = emptySheet(spec, total, bytes);
  const into = merged.rows as unknown as Spanned;
  for (let to = 0; to < total; to++) {
    const part = parts[partOf[order[to]!]!]!;
    const from = rowOf[order[to]!]!;
    const { at, length } = part.rows as unknown as Spanned;
    copyRow(spec, part.rows, from, merged.rows, to);
    into.at[to] = merged.bytesUsed;
    merged.bytes.set(part.bytes.subarray(at[from]!, at[from]! + length[from]!), merged.bytesUsed);
    merged.bytesUsed += length[from]!;
  }
  into.count = total;
  return merged;
}

function compareRows<S extends ColumnSpec>(
  spec: S,
  a: Sheet<Columns<S>>,
  i: number,
  b: Sheet<Columns<S>>,
  j: number,
): number {
  for (const [name, [, width]] of Object.entries(spec)) {
    if (name === 'at') continue;
    const x = (a.rows as unknown as Record<string, AnyArray>)[name]!;
    const y = (b.rows as unknown as Record<string, AnyArray>)[name]!;
    for (let w = 0; w < width; w++) {
      const p = x[i * width + w]!;
      const q = y[j * width + w]!;
      if (Number.isNaN(p) || Number.isNaN(q)) {
        if (Number.isNaN(p) !== Number.isNaN(q)) return Number.isNaN(p) ? 1 : -1;
      } else if (p !== q) return p - q;
    }
  }
  const x = a.rows as unknown as Spanned;
  const y = b.rows as unknown as Spanned;
  return Buffer.compare(
    a.bytes.subarray(x.at[i]!, x.at[i]! + x.length[i]!),
    b.bytes.subarray(y.at[j]!, y.at[j]! + y.length[j]!),
  );
}

/** One table out of those of several shards, in canonical order. */
export function mergeApp(parts: readonly AppTable[]): AppTable {
  return {
    tls: mergeSheets(
      TLS_COLUMNS,
      parts.map((p) => p.tls),
      (rows, row) => rows.startUs[row]!,
    ),
    http: mergeSheets(
      HTTP_COLUMNS,
      parts.map((p) => p.http),
      (rows, row) => (Number.isNaN(rows.requestUs[row]!) ? rows.responseUs[row]! : rows.requestUs[row]!),
    ),
  };
}
