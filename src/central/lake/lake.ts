import { existsSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import type { DuckDBConnection, DuckDBValue } from '@duckdb/node-api';
import { Exit, OperatorError } from '../../base/errors.js';
import type { Log } from '../../base/log.js';
import { CommitLog, type CommitRecord } from './commit-log.js';
import { type Disk, nodeDisk } from './disk.js';
import { Duck, literal } from './duck.js';
import { daysOnDisk, Files, hasFiles, removeEmptyDirs } from './files.js';
import { Gate } from './gate.js';
import { type PlacedBatch, stageBatches } from './stage.js';
import { type SequenceNote, StoredSequences } from './stored.js';
import { FILED_BY, SELECT, TABLES, type TableName } from './tables.js';

export interface LakeOptions {
  /** The lake's folder; made when absent. */
  dir: string;
  /** Bytes DuckDB may use. */
  memoryBytes: number;
  threads: number;
  /** Where queries spill. */
  tempDir: string;
  log: Log;
  disk?: Disk;
}

/** A change being made: its files wait in .staging/<id> until the log says that it happened. */
export interface Staged {
  id: number;
  dir: string;
}

const STAGING_DIR = '.staging';
/** The log is compacted when it is longer than this. */
const LOG_BYTES_MAX = 4 * 2 ** 20;

/**
 * Parquet files under <table>/dt=YYYY-MM-DD/hr=HH/, changed by commits that happen whole or not at all, whenever the
 * power fails:
 *
 *   1  write the new files into .staging/<id>/ and fsync them
 *   2  append the commit to the log and fsync it      <- from here it has happened
 *   3  rename the files into place, delete those that the commit replaces
 *   4  remove .staging/<id>/                          <- from here step 3 need not be repeated
 *
 * At start, what is in .staging and in the log is carried on from step 3; what is not in the log never happened.
 */
export class Lake {
  readonly dir: string;
  readonly sequences = new StoredSequences();
  /** Renewed by open(), kept up to date by commits. */
  files = new Files();
  readonly duck: Duck;
  readonly #disk: Disk;
  readonly #log: Log;
  readonly #commits: CommitLog;
  readonly #gate = new Gate();
  #nextId = 1;
  /** Commits of the log that step 3 failed for; done before anything else is. */
  readonly #unfinished: CommitRecord[] = [];
  /** The end of the row of changes: one at a time. */
  #tail: Promise<unknown> = Promise.resolve();

  private constructor(options: LakeOptions, duck: Duck, commits: CommitLog) {
    this.dir = options.dir;
    this.duck = duck;
    this.#disk = options.disk ?? nodeDisk;
    this.#log = options.log;
    this.#commits = commits;
  }

  /**
   * Opens the lake, alone, and finishes or undoes what a crash left half done.
   * @throws OperatorError LAKE_LOCKED, LAKE_PATH, LAKE_LOG_CORRUPT.
   */
  static async open(options: LakeOptions): Promise<Lake> {
    const { dir, disk = nodeDisk } = options;
    if (/[[\]*?{}]/.test(dir)) {
      const message = `${dir}: a lake's path may not contain [ ] { } * or ?, which DuckDB reads as patterns. Choose another folder.`;
      throw new OperatorError('LAKE_PATH', Exit.config, message);
    }
    mkdirSync(join(dir, STAGING_DIR), { recursive: true });
    const duck = await Duck.open(dir, options);
    let commits: CommitLog | null = null;
    try {
      const { log, records } = await CommitLog.open(dir, disk);
      commits = log;
      const lake = new Lake(options, duck, log);
      const pending = new Set(readdirSync(join(dir, STAGING_DIR)));
      for (const record of records) {
        lake.#nextId = Math.max(lake.#nextId, record.id + 1);
        if ('snapshot' in record) for (const state of record.sequences) lake.sequences.restore(state);
        else {
          for (const note of record.notes) lake.sequences.apply(note, record.at);
          if (pending.delete(stagingName(record.id))) {
            await lake.#carryOut(record);
            options.log.info({ commit: record.id }, 'a commit that was cut short is finished');
          }
        }
      }
      for (const name of pending) {
        await disk.remove(join(dir, STAGING_DIR, name));
        // The id may have been used for files that were renamed by nobody; it is not used again.
        lake.#nextId = Math.max(lake.#nextId, Number(name) + 1 || 0);
      }
      lake.files = Files.scan(dir);
      if (log.length > LOG_BYTES_MAX) await lake.#compactLog();
      return lake;
    } catch (error) {
      await commits?.close();
      duck.close();
      throw error;
    }
  }

  /**
   * Stores the batches, and notes what became of other sequences, as one commit. When it returns they are durable;
   * when it throws nothing of it is in the lake, unless the error says that the log is in doubt.
   */
  append(placed: readonly PlacedBatch[], notes: readonly SequenceNote[]): Promise<void> {
    return this.#inTurn(async () => {
      await this.#finish();
      const staged = await this.begin();
      const add: string[] = [];
      try {
        if (placed.length > 0) {
          const rows = await stageBatches(this.duck.write, placed);
          for (const table of TABLES) if (rows[table] > 0) add.push(...(await this.#writeTable(table, staged)));
          await this.#syncStaged(staged, add);
        }
        await this.#commit({ id: staged.id, at: Date.now(), add, remove: [], notes: [...notes] });
      } catch (error) {
        await this.abandon(staged);
        throw error;
      }
    });
  }

  /** A change of files that adds no rows: compaction, retention. `write` fills the staging folder and says with what. */
  async replace(write: (staged: Staged) => Promise<{ add: string[]; remove: string[] }>): Promise<void> {
    const staged = await this.begin();
    try {
      const { add, remove } = await write(staged);
      await this.#syncStaged(staged, add);
      await this.#inTurn(async () => {
        await this.#finish();
        await this.#commit({ id: staged.id, at: Date.now(), add, remove, notes: [] });
      });
    } catch (error) {
      await this.abandon(staged);
      throw error;
    }
  }

  /**
   * Rows of a query over the lake. `sql` is given the text that reads a table's files of some days (all days when
   * none is named), or null when it has none; everything a caller chose goes through `params`.
   */
  query<T>(sql: (from: FromTable) => string | null, params: DuckDBValue[] = []): Promise<T[]> {
    return this.#gate.shared(async () => {
      const text = sql((table, days) => this.#source(table, days));
      return text === null ? [] : this.duck.rows<T>(text, params);
    });
  }

  /** Gives each row of a query to `row`, with turns of the event loop in between; for results too large to hold. */
  scan(sql: (from: FromTable) => string, params: DuckDBValue[], row: (values: DuckDBValue[]) => void): Promise<void> {
    return this.#gate.shared(() =>
      this.duck.query(async (connection) => {
        const text = sql((table, days) => this.#source(table, days));
        const result = await connection.stream(text, params);
        for await (const rows of result.yieldRows()) {
          for (const values of rows) row(values);
          await setImmediate();
        }
      }),
    );
  }

  /** Waits for the change that is being made, and lets go of everything. */
  async close(): Promise<void> {
    await this.#tail.catch(() => {});
    await this.#gate.alone(async () => {
      await this.#commits.close();
      this.duck.close();
    });
  }

  /** Why the lake takes no more commits, null while it does. */
  get broken(): Error | null {
    return this.#commits.broken;
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#tail.then(work, work);
    this.#tail = turn.catch(() => {});
    return turn;
  }

  async begin(): Promise<Staged> {
    const id = this.#nextId++;
    const dir = join(this.dir, STAGING_DIR, stagingName(id));
    await this.#disk.makeDir(dir);
    return { id, dir };
  }

  /** Step 2 and on. */
  async #commit(record: CommitRecord): Promise<void> {
    await this.#commits.append(record);
    for (const note of record.notes) this.sequences.apply(note, record.at);
    try {
      await this.#carryOut(record);
    } catch (error) {
      // It has happened all the same: the log says so. Step 3 is tried again before the next change.
      this.#unfinished.push(record);
      this.#log.error({ err: error, commit: record.id }, 'a commit is durable but its files could not be renamed yet');
    }
    if (this.#commits.length > LOG_BYTES_MAX && this.#unfinished.length === 0) await this.#compactLog();
  }

  async #finish(): Promise<void> {
    while (this.#unfinished.length > 0) {
      await this.#carryOut(this.#unfinished[0]!);
      this.#unfinished.shift();
    }
  }

  /** Steps 3 and 4; may be repeated from any point. */
  async #carryOut(record: CommitRecord): Promise<void> {
    const staging = join(this.dir, STAGING_DIR, stagingName(record.id));
    const swap = async () => {
      const folders = new Set<string>();
      for (const path of record.add) {
        const to = join(this.dir, path);
        if (existsSync(join(staging, path))) {
          await this.#disk.makeDir(dirname(to));
          await this.#disk.rename(join(staging, path), to);
          for (let f = dirname(to); f !== this.dir; f = dirname(f)) folders.add(f);
        }
        if (existsSync(to)) this.files.add(path, statSync(to).size, record.at);
      }
      for (const path of record.remove) {
        await this.#disk.remove(join(this.dir, path));
        this.files.remove(path);
        removeEmptyDirs(this.dir, path);
        folders.add(dirname(join(this.dir, path)));
      }
      folders.add(this.dir);
      for (const folder of folders) if (existsSync(folder)) await this.#disk.syncDir(folder);
    };
    // A query that runs while files are replaced would count rows twice, or open a file that is gone.
    if (record.remove.length > 0) await this.#gate.alone(swap);
    else await swap();
    await this.#disk.remove(staging);
  }

  async #writeTable(table: TableName, staged: Staged): Promise<string[]> {
    return this.copy(this.duck.write, table, SELECT[table], staged);
  }

  /** Writes a query's rows into the staging folder, filed by hour; returns the paths, relative to the lake. */
  async copy(connection: DuckDBConnection, table: TableName, select: string, staged: Staged): Promise<string[]> {
    const time = FILED_BY[table];
    const result = await connection.runAndReadAll(
      `COPY (SELECT *, strftime(${time}, '%Y-%m-%d') AS dt, strftime(${time}, '%H') AS hr FROM (${select}) ORDER BY ${time})
       TO ${literal(join(staged.dir, table))} (FORMAT parquet, COMPRESSION zstd, PARTITION_BY (dt, hr),
       FILENAME_PATTERN 'part-${stagingName(staged.id)}-{i}', OVERWRITE_OR_IGNORE, RETURN_FILES)`,
    );
    const [row] = result.getRowObjectsJson() as { Files: string[] }[];
    return row!.Files.map((file) => relative(staged.dir, file));
  }

  async #syncStaged(staged: Staged, add: readonly string[]): Promise<void> {
    const folders = new Set<string>();
    for (const path of add) {
      await this.#disk.syncFile(join(staged.dir, path));
      for (let f = dirname(join(staged.dir, path)); f !== this.dir; f = dirname(f)) folders.add(f);
    }
    for (const folder of folders) await this.#disk.syncDir(folder);
  }

  async abandon(staged: Staged): Promise<void> {
    if (this.#commits.broken !== null) return; // Whether it happened is for the next start to find out.
    await this.#disk.remove(staged.dir).catch((err: unknown) => {
      this.#log.warn(
        { err, commit: staged.id },
        'could not remove what a failed commit had written; the next start will',
      );
    });
  }

  async #compactLog(): Promise<void> {
    const at = Date.now();
    await this.#commits.compact({ snapshot: true, id: this.#nextId - 1, at, sequences: [...this.sequences.states()] });
  }

  #source(table: TableName, days?: readonly string[]): string | null {
    const wanted = days ?? daysOnDisk(this.dir, table);
    const globs = wanted
      .filter((day) => /^\d{4}-\d{2}-\d{2}$/.test(day) && hasFiles(this.dir, table, day))
      .map((day) => literal(join(this.dir, table, `dt=${day}`, '*', '*.parquet')));
    return globs.length === 0 ? null : `read_parquet([${globs.join(', ')}], hive_partitioning = false)`;
  }
}

/** The text for FROM that reads a table; null when there is nothing to read. */
export type FromTable = (table: TableName, days?: readonly string[]) => string | null;

function stagingName(id: number): string {
  return String(id).padStart(12, '0');
}
