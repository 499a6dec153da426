import { type FileHandle, open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { Exit, OperatorError } from '../../base/errors.js';
import type { Disk } from './disk.js';
import type { SequenceNote, SequenceState } from './stored.js';

/** One change of the lake: all of it happens or none of it. Paths are relative to the lake's folder. */
export interface CommitRecord {
  id: number;
  /** Milliseconds since the epoch. */
  at: number;
  add: string[];
  remove: string[];
  notes: SequenceNote[];
}

/** The first record after the log was compacted: what all records before it came to. */
export interface SnapshotRecord {
  snapshot: true;
  id: number;
  at: number;
  sequences: SequenceState[];
}

export const LOG_FILE = '_commits.log';

/**
 * The list of commits, the lake's only truth about what is in it: one line a record,
 *
 *   crc32 of the JSON in 8 hex digits, space, JSON, newline
 *
 * A record that reached the disk whole is a commit that happened. A cut-off last line never happened and is removed.
 */
export class CommitLog {
  readonly #dir: string;
  readonly #disk: Disk;
  #file: FileHandle;
  length: number;
  #broken: Error | null = null;

  private constructor(dir: string, disk: Disk, file: FileHandle, length: number) {
    this.#dir = dir;
    this.#disk = disk;
    this.#file = file;
    this.length = length;
  }

  /**
   * @returns the log and every record in it, oldest first.
   * @throws OperatorError LAKE_LOG_CORRUPT when a record that is not the last one is damaged.
   */
  static async open(dir: string, disk: Disk): Promise<{ log: CommitLog; records: (CommitRecord | SnapshotRecord)[] }> {
    const path = join(dir, LOG_FILE);
    await disk.remove(`${path}.new`);
    const file = await open(path, 'a+').then(async (h) => {
      await h.close();
      return open(path, 'r+');
    });
    try {
      const { records, good, length } = read(path, await readFile(path));
      if (good < length) await disk.truncate(file, good);
      await disk.syncDir(dir);
      return { log: new CommitLog(dir, disk, file, good), records };
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  /**
   * The commit has happened when this returns. When it throws, it has not, and the log is as it was before.
   * After an error that leaves this in doubt every later call fails: only opening the lake anew can tell.
   */
  async append(record: CommitRecord): Promise<void> {
    if (this.#broken !== null) throw this.#broken;
    const line = format(record);
    try {
      await this.#disk.write(this.#file, line, this.length);
    } catch (error) {
      try {
        await this.#disk.truncate(this.#file, this.length);
      } catch (worse) {
        this.#broken = inDoubt(worse);
        throw this.#broken;
      }
      throw error;
    }
    try {
      await this.#disk.syncHandle(this.#file);
    } catch (error) {
      // After a failed fsync the kernel may drop the pages and say nothing more about them.
      this.#broken = inDoubt(error);
      throw this.#broken;
    }
    this.length += line.length;
  }

  /** Replaces all records by one that says what they came to. */
  async compact(snapshot: SnapshotRecord): Promise<void> {
    if (this.#broken !== null) throw this.#broken;
    const path = join(this.#dir, LOG_FILE);
    const line = format(snapshot);
    const file = await open(`${path}.new`, 'w+');
    try {
      await this.#disk.write(file, line, 0);
      await this.#disk.syncHandle(file);
      await this.#disk.rename(`${path}.new`, path);
    } catch (error) {
      await file.close();
      throw error;
    }
    // From here the new file is the log, whatever else fails.
    const old = this.#file;
    this.#file = file;
    this.length = line.length;
    await old.close();
    await this.#disk.syncDir(this.#dir);
  }

  get broken(): Error | null {
    return this.#broken;
  }

  async close(): Promise<void> {
    await this.#file.close();
  }
}

/** The records, and how many bytes of whole records there are. */
function read(path: string, bytes: Buffer) {
  const records: (CommitRecord | SnapshotRecord)[] = [];
  let good = 0;
  while (good < bytes.length) {
    const end = bytes.indexOf(10, good);
    const record = end < 0 ? null : parse(bytes.subarray(good, end));
    if (record === null) {
      if (end < 0 || end + 1 === bytes.length) break;
      throw new OperatorError(
        'LAKE_LOG_CORRUPT',
        Exit.data,
        `${path}: the record at byte ${good} is damaged and others follow it. Restore the file from a backup; ` +
          'without it the lake cannot tell what it holds.',
      );
    }
    records.push(record);
    good = end + 1;
  }
  return { records, good, length: bytes.length };
}

function inDoubt(cause: unknown): Error {
  return new Error(`the lake's log could not be written and is in doubt: ${(cause as Error).message}`, { cause });
}

function format(record: CommitRecord | SnapshotRecord): Buffer {
  const json = JSON.stringify(record);
  return Buffer.from(`${crc32(json).toString(16).padStart(8, '0')} ${json}\n`);
}

function parse(line: Buffer): CommitRecord | SnapshotRecord | null {
  if (line.length < 11 || line[8] !== 32) return null;
  const json = line.toString('utf8', 9);
  if (Number.parseInt(line.toString('latin1', 0, 8), 16) !== crc32(json)) return null;
  try {
    return JSON.parse(json) as CommitRecord | SnapshotRecord;
  } catch {
    return null;
  }
}
