import { mkdirSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import {
  DOUBLE,
  type DuckDBConnection,
  DuckDBDataChunk,
  DuckDBInstance,
  type DuckDBType,
  type DuckDBValue,
  FLOAT,
  type Json,
  SMALLINT,
  UINTEGER,
  USMALLINT,
  UTINYINT,
  VARCHAR,
} from '@duckdb/node-api';
import { Exit, OperatorError } from '../../base/errors.js';

/** Rows DuckDB takes at once (its STANDARD_VECTOR_SIZE). */
const CHUNK = 2048;

/** Queries that run at once; the others wait in line. */
const QUERIES_AT_ONCE = 8;
/** Milliseconds that a query may take. */
const QUERY_MS = 30_000;

/** A column to append: the array's type is the column's type. */
export type Column = Uint8Array | Uint16Array | Int16Array | Uint32Array | Float32Array | Float64Array | string[];

export interface DuckOptions {
  /** Bytes DuckDB may use before it spills to `tempDir` or fails a query. */
  memoryBytes: number;
  threads: number;
  tempDir: string;
}

/** Files that hold the lock of a lake in this process: the kernel's lock does not tell two owners in one process apart. */
const held = new Set<string>();

/**
 * DuckDB without a database: it only reads and writes the lake's Parquet files. It may touch nothing outside the lake
 * and its temporary folder, downloads nothing, and its settings cannot be changed once it is open.
 */
export class Duck {
  readonly #instance: DuckDBInstance;
  readonly #lock: string;
  /** For ingest. */
  readonly write: DuckDBConnection;
  /** For compaction, which runs beside ingest. */
  readonly merge: DuckDBConnection;
  #queries = 0;
  readonly #waiting: (() => void)[] = [];

  private constructor(instance: DuckDBInstance, lock: string, connections: DuckDBConnection[]) {
    this.#instance = instance;
    this.#lock = lock;
    [this.write, this.merge] = connections as [DuckDBConnection, DuckDBConnection];
  }

  /**
   * Opens DuckDB and takes the lake's lock: a DuckDB file that is kept attached, since the kernel then holds an
   * fcntl(2) lock on it that ends with the process, however it ends, and is seen from other containers too.
   * @throws OperatorError LAKE_LOCKED when another process, or this one, has the lake open.
   */
  static async open(lakeDir: string, options: DuckOptions): Promise<Duck> {
    const dir = realpathSync(lakeDir);
    const lock = join(dir, '_lock.duckdb');
    if (held.has(lock)) throw locked(lakeDir, `process ${process.pid}, which is this one`);
    mkdirSync(options.tempDir, { recursive: true });
    const instance = await DuckDBInstance.create(':memory:', {
      threads: String(options.threads),
      memory_limit: `${Math.ceil(options.memoryBytes / 2 ** 20)}MiB`,
      temp_directory: options.tempDir,
      autoinstall_known_extensions: 'false',
      autoload_known_extensions: 'false',
      preserve_insertion_order: 'true',
    });
    held.add(lock);
    try {
      const first = await instance.connect();
      try {
        await first.run(`ATTACH ${literal(lock)} AS lake_lock`);
      } catch (error) {
        const pid = /PID (\d+)/.exec((error as Error).message)?.[1];
        if (!/Could not set lock/.test((error as Error).message)) throw error;
        throw locked(lakeDir, pid === undefined ? 'another process' : `process ${pid}`, error);
      }
      await first.run(`SET allowed_directories = [${literal(dir)}, ${literal(realpathSync(options.tempDir))}]`);
      await first.run('SET enable_external_access = false');
      await first.run('SET lock_configuration = true');
      return new Duck(instance, lock, [first, await instance.connect()]);
    } catch (error) {
      held.delete(lock);
      instance.closeSync();
      throw error;
    }
  }

  /**
   * Runs a query on a connection of its own and interrupts it after QUERY_MS. Every value that a caller has goes
   * through parameters, never into the text.
   */
  async query<T>(work: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
    if (this.#queries >= QUERIES_AT_ONCE) await new Promise<void>((go) => this.#waiting.push(go));
    else this.#queries++;
    const connection = await this.#instance.connect();
    const timer = setTimeout(() => connection.interrupt(), QUERY_MS);
    try {
      return await work(connection);
    } finally {
      clearTimeout(timer);
      connection.closeSync();
      const next = this.#waiting.shift();
      if (next === undefined) this.#queries--;
      else next(); // our place is taken over
    }
  }

  /** Rows of a query as plain JSON values. */
  rows<T>(sql: string, params: DuckDBValue[] = []): Promise<T[]> {
    return this.query(async (connection) => {
      const reader = await connection.runAndReadAll(sql, params);
      return reader.getRowObjectsJson() as Record<string, Json>[] as T[];
    });
  }

  close(): void {
    for (const connection of [this.write, this.merge]) connection.closeSync();
    this.#instance.closeSync();
    held.delete(this.#lock);
  }
}

function locked(dir: string, by: string, cause?: unknown): OperatorError {
  return new OperatorError(
    'LAKE_LOCKED',
    Exit.unavailable,
    `${dir} is in use by ${by}. One central writes a lake at a time: stop the other one, or give this one its own data folder.`,
    { cause },
  );
}

/** A text in single quotes, for the few places where SQL takes no parameter (file names of our own making). */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/**
 * Appends columns to a staging table, `count` rows, array to array, with a turn of the event loop now and then.
 * Typed arrays go by one copy a chunk into the vector's memory: 3 times as fast as values row by row. `items` is
 * private in the types of node-api 1.5.6 and is named in this function only; test/central/lake/duck.test.ts holds it.
 */
export async function appendColumns(
  connection: DuckDBConnection,
  table: string,
  columns: readonly Column[],
  count: number,
): Promise<void> {
  const types = columns.map(typeOf);
  const appender = await connection.createAppender(table);
  for (let at = 0, chunks = 0; at < count; at += CHUNK) {
    const rows = Math.min(CHUNK, count - at);
    const chunk = DuckDBDataChunk.create(types, rows);
    for (let c = 0; c < columns.length; c++) {
      const column = columns[c]!;
      const vector = chunk.getColumnVector(c) as unknown as FillableVector;
      if (Array.isArray(column)) for (let i = 0; i < rows; i++) vector.setItem(i, column[at + i]!);
      else vector.items.set(column.subarray(at, at + rows));
      vector.flush();
    }
    appender.appendDataChunk(chunk);
    if (++chunks % CHUNKS_A_TURN === 0) await setImmediate();
  }
  appender.closeSync();
}

/** Chunks between two turns of the event loop: 16 take about 20 ms. */
const CHUNKS_A_TURN = 16;

interface FillableVector {
  items: { set(values: ArrayLike<number>): void };
  setItem(index: number, value: string): void;
  flush(): void;
}

function typeOf(column: Column): DuckDBType {
  if (Array.isArray(column)) return VARCHAR;
  if (column instanceof Uint8Array) return UTINYINT;
  if (column instanceof Uint16Array) return USMALLINT;
  if (column instanceof Int16Array) return SMALLINT;
  if (column instanceof Uint32Array) return UINTEGER;
  if (column instanceof Float32Array) return FLOAT;
  return DOUBLE;
}
