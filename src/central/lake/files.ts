import { readdirSync, rmdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { TABLES, type TableName } from './tables.js';

/** One hour of one table: a folder of the lake. */
export interface Partition {
  table: TableName;
  /** UTC day, YYYY-MM-DD. */
  day: string;
  /** 00 to 23. */
  hour: string;
  /** Bytes of each file, by its path relative to the lake. */
  files: Map<string, number>;
  /** When a file was last put here, milliseconds since the epoch. */
  changedAt: number;
}

const PATH = /^([a-z]+)\/dt=(\d{4}-\d{2}-\d{2})\/hr=(\d{2})\/([^/]+\.parquet)$/;
const DAY = /^dt=(\d{4}-\d{2}-\d{2})$/;

/** What Parquet files the lake has: read from the disk once, then kept up to date by every commit. */
export class Files {
  readonly partitions = new Map<string, Partition>();
  bytes = 0;
  count = 0;

  /** Reads the folders; a file that someone else put there counts too. */
  static scan(dir: string): Files {
    const files = new Files();
    for (const table of TABLES) {
      for (const day of names(join(dir, table))) {
        for (const hour of names(join(dir, table, day))) {
          for (const name of names(join(dir, table, day, hour))) {
            const path = `${table}/${day}/${hour}/${name}`;
            if (PATH.test(path)) files.add(path, statSync(join(dir, path)).size, statSync(join(dir, path)).mtimeMs);
          }
        }
      }
    }
    return files;
  }

  add(path: string, bytes: number, at: number): void {
    const match = PATH.exec(path);
    if (match === null) throw new Error(`${path} is not a path of the lake`);
    const [, table, day, hour] = match as unknown as [string, TableName, string, string];
    const key = dirname(path);
    let partition = this.partitions.get(key);
    if (partition === undefined) {
      this.partitions.set(key, (partition = { table, day, hour, files: new Map(), changedAt: 0 }));
    }
    this.remove(path);
    this.partitions.set(key, partition);
    partition.files.set(path, bytes);
    partition.changedAt = Math.max(partition.changedAt, at);
    this.bytes += bytes;
    this.count++;
  }

  remove(path: string): void {
    const key = dirname(path);
    const partition = this.partitions.get(key);
    const bytes = partition?.files.get(path);
    if (partition === undefined || bytes === undefined) return;
    partition.files.delete(path);
    this.bytes -= bytes;
    this.count--;
    if (partition.files.size === 0) this.partitions.delete(key);
  }

  /** UTC days that any of the tables has, newest first. */
  days(...tables: TableName[]): string[] {
    const days = new Set<string>();
    for (const p of this.partitions.values()) if (tables.length === 0 || tables.includes(p.table)) days.add(p.day);
    return [...days].sort().reverse();
  }
}

/** Days of a table as they are on the disk just now. */
export function daysOnDisk(dir: string, table: TableName): string[] {
  return names(join(dir, table)).flatMap((name) => DAY.exec(name)?.[1] ?? []);
}

/** Whether the day has any file on the disk just now. */
export function hasFiles(dir: string, table: TableName, day: string): boolean {
  const at = join(dir, table, `dt=${day}`);
  return names(at).some((hour) => hour.startsWith('hr=') && names(join(at, hour)).some((n) => n.endsWith('.parquet')));
}

/** Removes the hour's and the day's folder when nothing is left in them. */
export function removeEmptyDirs(dir: string, path: string): void {
  const hour = join(dir, dirname(path));
  for (const folder of [hour, dirname(hour)]) {
    try {
      rmdirSync(folder);
    } catch {
      return; // not empty, or gone already
    }
  }
}

function names(dir: string): string[] {
  try {
    return readdirSync(dir);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return [];
    throw error;
  }
}
