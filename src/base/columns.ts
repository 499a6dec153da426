/**
 * Tables as columns: one typed array per property, a row number instead of an object.
 *
 * A spec names each column's array type and how many elements one row takes. The table itself is a plain
 * object, so it crosses a thread border by transfer and needs no reviving on the other side.
 */
export type ArrayType =
  | Uint8ArrayConstructor
  | Int8ArrayConstructor
  | Uint16ArrayConstructor
  | Int16ArrayConstructor
  | Uint32ArrayConstructor
  | Int32ArrayConstructor
  | Float32ArrayConstructor
  | Float64ArrayConstructor;

export type ColumnSpec = Readonly<Record<string, readonly [ArrayType, number]>>;

export type Columns<S extends ColumnSpec> = { count: number; capacity: number } & {
  [K in keyof S]: InstanceType<S[K][0]>;
};

type AnyColumns = { count: number; capacity: number } & Record<string, unknown>;
type AnyArray = Uint8Array | Float64Array;

/** An empty table with room for `capacity` rows. */
export function allocate<S extends ColumnSpec>(spec: S, capacity: number): Columns<S> {
  const columns = Object.fromEntries(
    Object.entries(spec).map(([name, [type, width]]) => [name, new type(capacity * width)]),
  );
  // The spread gives an object of fixed shape; one that is built name by name becomes a hash map, twice as slow to read.
  return { count: 0, capacity, ...columns } as Columns<S>;
}

/** Makes room for at least `rows` rows by doubling; existing rows keep their numbers, arrays are replaced. */
export function ensure<S extends ColumnSpec>(spec: S, table: Columns<S>, rows: number): void {
  if (rows <= table.capacity) return;
  let capacity = Math.max(table.capacity, 16);
  while (capacity < rows) capacity *= 2;
  const loose = table as AnyColumns;
  for (const [name, [type, width]] of Object.entries(spec)) {
    const wider = new type(capacity * width) as AnyArray;
    wider.set((loose[name] as AnyArray).subarray(0, table.count * width));
    loose[name] = wider;
  }
  table.capacity = capacity;
}

/** Copies row `from` of `source` to row `to` of `target`. The target must have room. */
export function copyRow<S extends ColumnSpec>(
  spec: S,
  source: Columns<S>,
  from: number,
  target: Columns<S>,
  to: number,
): void {
  for (const [name, [, width]] of Object.entries(spec)) {
    const src = (source as AnyColumns)[name] as AnyArray;
    const dst = (target as AnyColumns)[name] as AnyArray;
    for (let i = 0; i < width; i++) dst[to * width + i] = src[from * width + i]!;
  }
}

/** Bytes one row takes over all columns. */
export function bytesPerRow(spec: ColumnSpec): number {
  let sum = 0;
  for (const [type, width] of Object.values(spec)) sum += type.BYTES_PER_ELEMENT * width;
  return sum;
}

/** The buffers of a table, to be transferred to another thread. */
export function buffersOf<S extends ColumnSpec>(spec: S, table: Columns<S>): ArrayBuffer[] {
  return Object.keys(spec).map((name) => ((table as AnyColumns)[name] as AnyArray).buffer as ArrayBuffer);
}
