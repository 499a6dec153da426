import { dirname, join } from 'node:path';
import { Exit, OperatorError } from '../base/errors.js';
import { HEAD_BYTES, Kind, MAX_RECORD, putRecord, RECORD_BYTES, segmentHead } from './format.js';
import { nodeFs, type SpoolFile, type SpoolFs } from './fs.js';
import { lockDirectory } from './lock.js';
import { readBody, recover } from './recover.js';
import { Segment, segmentName } from './segment.js';

export interface SpoolOptions {
  /** Bytes of all segments together. */
  limitBytes: number;
  fs?: SpoolFs;
  /** Milliseconds since the epoch, for how long a body has waited and for naming a new epoch. */
  now?: () => number;
  /** Takes the directory for this process; a test with a disk of its own passes a lock of its own. */
  lock?: (dir: string) => Promise<() => Promise<void>>;
}

export interface SpoolRecord {
  sequence: number;
  /** So many sequences just before this one are not held; all of them for the oldest. */
  gap: number;
  body: Uint8Array;
}

export interface SpoolStats {
  batches: number;
  bytes: number;
  oldestSeconds: number;
  /** Since the spool was opened: let go at the limit, or never kept because the disk refused. */
  droppedBatches: number;
  /** Bodies that failed their checksum, found at open or when read. */
  corrupt: number;
  /** Writes that a crash cut off, found at open. */
  torn: number;
  appended: number;
  acknowledged: number;
  /** Errors of the disk that were survived. */
  diskErrors: number;
}

interface Waiting {
  body: Uint8Array;
  settle: (sequence: number | null) => void;
}

const MIN_LIMIT = 64 * 2 ** 10;
/** Bodies that arrive while the disk is busy share one write and one sync, up to so many bytes. */
const COMMIT_BYTES = 2 ** 20;

/**
 * Bodies on disk until the central says that it has them, oldest first, in segment files (format.ts).
 *
 * append() resolves once its body would survive a power cut. Sequences are never used for another body, also not
 * after one was lost: what is missing shows as a gap. At the limit, and when the disk is full, the oldest segment
 * makes way and is counted; the spool never ends the process over its disk.
 */
export class Spool {
  readonly dir: string;
  readonly epoch: number;
  /** Called after bodies became durable; for the one who sends them. */
  onAppend: (() => void) | null = null;
  readonly #fs: SpoolFs;
  readonly #now: () => number;
  readonly #limit: number;
  readonly #segmentBytes: number;
  readonly #unlock: () => Promise<void>;
  /** Oldest first. The last is being written if `#file` is not null. */
  readonly #segments: Segment[];
  #nextNumber: number;
  #file: SpoolFile | null = null;
  #next: number;
  #acknowledged: number;
  /** An acknowledgement that the next write takes along. */
  #unwritten = false;
  /** Whether the disk's last error was that it is full. */
  #full = false;
  #queue: Waiting[] = [];
  #pumping: Promise<void> | null = null;
  #tidying: Promise<void> = Promise.resolve();
  #closed = false;
  readonly #stats = { droppedBatches: 0, corrupt: 0, torn: 0, appended: 0, acknowledged: 0, diskErrors: 0 };

  /** Takes the directory for this process and reads what is in it. Throws OperatorError. */
  static async open(dir: string, options: SpoolOptions): Promise<Spool> {
    const { limitBytes, fs = nodeFs, now = Date.now, lock = lockDirectory } = options;
    if (!(limitBytes >= MIN_LIMIT)) {
      throw new OperatorError('spool.limit', Exit.config, `a spool needs at least ${MIN_LIMIT} bytes: raise its limit`);
    }
    let unlock: (() => Promise<void>) | null = null;
    try {
      await fs.mkdir(join(dir, 'bad'));
      unlock = await lock(dir);
      await fs.syncDir(dirname(dir));
      const found = await recover(fs, dir, true);
      if (found.foreign > 0) {
        throw new OperatorError('spool.mixed', Exit.data, `${dir} holds segments of two spools: move one of them away`);
      }
      const spool = new Spool(dir, { limitBytes, fs, now, unlock, found });
      // With the disk full, what is held can still be sent, and append() makes room by its policy.
      const error = await spool.#rotate();
      if (error !== null && !isFull(error)) throw error;
      await spool.#tidy();
      return spool;
    } catch (error) {
      await unlock?.();
      if (error instanceof OperatorError || !(error as NodeJS.ErrnoException).code) throw error;
      throw new OperatorError('spool.open', Exit.io, `cannot use the spool ${dir}: ${(error as Error).message}`, {
        cause: error,
      });
    }
  }

  private constructor(
    dir: string,
    o: {
      limitBytes: number;
      fs: SpoolFs;
      now: () => number;
      unlock: () => Promise<void>;
      found: Awaited<ReturnType<typeof recover>>;
    },
  ) {
    this.dir = dir;
    this.#fs = o.fs;
    this.#now = o.now;
    this.#unlock = o.unlock;
    this.#limit = o.limitBytes;
    this.#segmentBytes = Math.min(8 * 2 ** 20, Math.floor(o.limitBytes / 16));
    this.epoch = o.found.epoch || Math.max(1, Math.floor(o.now()));
    this.#next = o.found.next;
    this.#acknowledged = o.found.acknowledged;
    this.#segments = o.found.segments;
    this.#nextNumber = o.found.nextNumber;
    this.#stats.corrupt = o.found.corrupt;
    this.#stats.torn = o.found.torn;
  }

  /**
   * Keeps a body. Resolves with its sequence once it is durable, or with null when it could not be kept, which is
   * counted. Never rejects while the spool is open.
   */
  append(body: Uint8Array): Promise<number | null> {
    if (this.#closed) return Promise.reject(new Error('the spool is closed'));
    return new Promise((settle) => {
      this.#queue.push({ body, settle });
      this.#pumping ??= this.#pump();
    });
  }

  /**
   * The first body at or after `sequence`, or null when there is none. Corrupt ones are kept aside, counted and
   * passed over. Rejects where the disk cannot be read for now, say for want of file descriptors.
   */
  async read(sequence: number): Promise<SpoolRecord | null> {
    for (;;) {
      let before = 0;
      let place: ReturnType<Segment['find']> = null;
      let segment: Segment | undefined;
      for (segment of this.#segments) {
        place = segment.find(sequence);
        if (place !== null) break;
        if (segment.count > 0) before = segment.newest;
      }
      if (place === null || segment === undefined) return null;
      const found = await this.#body(segment, place);
      if (found === 'gone') continue;
      if (found === null) {
        segment.remove(place.sequence);
        this.#stats.corrupt++;
        continue;
      }
      return { sequence: place.sequence, gap: place.sequence - (place.before || before) - 1, body: found };
    }
  }

  /** Everything of the epoch up to `sequence` is safe with the central. False where that cannot be so. */
  acknowledge(epoch: number, sequence: number): boolean {
    if (epoch !== this.epoch || !(sequence < this.#next)) return false;
    if (sequence <= this.#acknowledged) return true;
    this.#acknowledged = sequence;
    this.#unwritten = true;
    for (const segment of this.#segments) this.#stats.acknowledged += segment.acknowledge(sequence);
    this.#tidying = this.#tidying.then(() => this.#tidy());
    return true;
  }

  /** The oldest sequence held, the next to be given, and the highest acknowledged (0: none). */
  get oldest(): number {
    return this.#segments.find((s) => s.count > 0)?.oldest ?? this.#next;
  }
  get next(): number {
    return this.#next;
  }
  get acknowledged(): number {
    return this.#acknowledged;
  }

  stats(): SpoolStats {
    let batches = 0;
    for (const segment of this.#segments) batches += segment.count;
    const oldestMs = this.#segments.find((s) => s.count > 0)?.oldestMs ?? Number.NaN;
    const oldestSeconds = batches === 0 ? 0 : Math.max(0, (this.#now() - oldestMs) / 1000);
    return { ...this.#stats, batches, bytes: this.#bytes(), oldestSeconds };
  }

  /** Waits for what is being written, and lets the directory go. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#pumping;
    await this.#tidying;
    const active = this.#segments.at(-1);
    if (this.#unwritten && this.#file !== null && active !== undefined) {
      const note = this.#encode([], true);
      await this.#file.write(note, active.bytes).catch(() => this.#stats.diskErrors++);
    }
    await this.#file?.close().catch(() => {});
    this.#file = null;
    await this.#unlock();
  }

  async #pump(): Promise<void> {
    // What else is appended in this turn of the loop shares the first write.
    await Promise.resolve();
    const most = Math.min(COMMIT_BYTES, this.#segmentBytes);
    while (this.#queue.length > 0) {
      const group: Waiting[] = [];
      let bytes = 0;
      do {
        const item = this.#queue.shift()!;
        const size = RECORD_BYTES + item.body.length;
        if (item.body.length > MAX_RECORD || 2 * HEAD_BYTES + size > this.#limit) {
          this.#stats.droppedBatches++;
          item.settle(null);
          continue;
        }
        group.push(item);
        bytes += size;
      } while (this.#queue.length > 0 && bytes + RECORD_BYTES + this.#queue[0]!.body.length <= most);
      if (group.length > 0) await this.#commit(group, bytes);
    }
    this.#pumping = null;
  }

  /** Writes a group, making room as long as that helps. */
  async #commit(group: Waiting[], bytes: number): Promise<void> {
    for (let tries = 0; tries < 3 || this.#segments.length > 1; tries++) {
      if (!(await this.#makeRoom(bytes + 2 * HEAD_BYTES))) break;
      const held = this.#segments.at(-1)?.bytes ?? 0;
      const full = held > HEAD_BYTES && held + bytes > this.#segmentBytes;
      const ready = this.#file !== null && !full ? true : (await this.#rotate()) === null;
      if (ready && (await this.#write(group))) return;
      if (this.#full ? !(await this.#dropOldest()) : tries >= 2) break;
    }
    this.#stats.droppedBatches += group.length;
    this.#next += group.length; // Some of it may be on the disk all the same.
    for (const item of group) item.settle(null);
  }

  async #write(group: Waiting[]): Promise<boolean> {
    const active = this.#segments.at(-1)!;
    const note = this.#unwritten;
    const first = this.#next;
    const bytes = this.#encode(group, note);
    try {
      await this.#file!.write(bytes, active.bytes);
      await this.#file!.sync();
    } catch (error) {
      this.#stats.diskErrors++;
      // Whatever is behind the last good record must not be taken for one. After a failed sync nobody knows what the
      // file holds, so nothing more is written to it, and the same bodies go to the next under the same sequences.
      const cut = await this.#file!.truncate(active.bytes).then(
        () => true,
        () => false,
      );
      this.#full = isFull(error);
      if (!cut || !this.#full) await this.#abandon();
      return false;
    }
    if (note) this.#unwritten = false;
    let at = active.bytes + (note ? RECORD_BYTES : 0);
    const nowMs = this.#now();
    for (let i = 0; i < group.length; i++) {
      const end = at + RECORD_BYTES + group[i]!.body.length;
      active.add(first + i, at, end, nowMs);
      at = end;
    }
    active.bytes = at;
    this.#next = first + group.length;
    this.#stats.appended += group.length;
    for (let i = 0; i < group.length; i++) group[i]!.settle(first + i);
    this.onAppend?.();
    return true;
  }

  #encode(group: readonly Waiting[], note: boolean): Buffer {
    let size = note ? RECORD_BYTES : 0;
    for (const { body } of group) size += RECORD_BYTES + body.length;
    const bytes = Buffer.allocUnsafe(size);
    const nowMs = this.#now();
    let at = note ? putRecord(bytes, 0, Kind.acknowledged, this.#acknowledged, nowMs, new Uint8Array(0)) : 0;
    for (let i = 0; i < group.length; i++) {
      at = putRecord(bytes, at, Kind.body, this.#next + i, nowMs, group[i]!.body);
    }
    return bytes;
  }

  /** Keeps the limit with so many bytes more. False where the disk lets nothing go. */
  async #makeRoom(bytes: number): Promise<boolean> {
    while (this.#bytes() + bytes > this.#limit) {
      if (this.#segments.length === 1 && this.#file !== null && (await this.#rotate()) !== null) return false;
      if (!(await this.#dropOldest())) return false;
    }
    return true;
  }

  /** Lets the oldest segment go, unless it is the one being written. */
  async #dropOldest(): Promise<boolean> {
    await this.#tidying;
    const oldest = this.#segments[0];
    if (oldest === undefined || (this.#segments.length === 1 && this.#file !== null)) return false;
    this.#stats.droppedBatches += oldest.count;
    await this.#remove(oldest);
    return true;
  }

  /** Begins a new segment; gives the disk's error where it refuses. */
  async #rotate(): Promise<Error | null> {
    const segment = new Segment(this.#nextNumber++);
    let file: SpoolFile | null = null;
    try {
      file = await this.#fs.open(join(this.dir, segmentName(segment.number)), 'create');
      await file.write(segmentHead({ epoch: this.epoch, first: this.#next }), 0);
      await file.sync();
      await this.#fs.syncDir(this.dir);
    } catch (error) {
      this.#stats.diskErrors++;
      this.#full = isFull(error);
      await file?.close().catch(() => {});
      await this.#fs.unlink(join(this.dir, segmentName(segment.number))).catch(() => {});
      return error as Error;
    }
    await this.#abandon();
    segment.bytes = HEAD_BYTES;
    this.#segments.push(segment);
    this.#file = file;
    return null;
  }

  async #abandon(): Promise<void> {
    const file = this.#file;
    this.#file = null;
    await file?.close().catch(() => {});
  }

  /** Removes segments that hold nothing any more, all but the one being written. */
  async #tidy(): Promise<void> {
    for (const segment of this.#segments.slice(0, -1)) if (segment.count === 0) await this.#remove(segment);
  }

  async #remove(segment: Segment): Promise<void> {
    const at = this.#segments.indexOf(segment);
    if (at < 0) return;
    this.#segments.splice(at, 1);
    await this.#fs.unlink(join(this.dir, segmentName(segment.number))).catch(() => this.#stats.diskErrors++);
  }

  #bytes(): number {
    let sum = 0;
    for (const segment of this.#segments) sum += segment.bytes;
    return sum;
  }

  /** A body from the disk: null when it is corrupt, 'gone' when its segment went meanwhile. */
  async #body(segment: Segment, place: { sequence: number; start: number; end: number }) {
    try {
      return await readBody(this.#fs, this.dir, segment.number, place);
    } catch (error) {
      if (!this.#segments.includes(segment)) return 'gone';
      this.#stats.diskErrors++;
      // A sector that cannot be read, or a file that somebody removed, will not come back; anything else may.
      if (['EIO', 'ENOENT'].includes((error as NodeJS.ErrnoException).code ?? '')) return null;
      throw error;
    }
  }
}

const isFull = (error: unknown): boolean =>
  ['ENOSPC', 'EDQUOT', 'EFBIG'].includes((error as NodeJS.ErrnoException).code ?? '');
