import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from '../../base/log.js';
import type { Ack } from '../../record/ack.js';
import type { Batch } from '../../record/batch.js';
import { CODECS, type Codec, codecAvailable } from '../../record/compress.js';
import { decodeBatch } from '../../record/decode.js';
import { openBody, readEnvelope, type SealedEnvelope } from '../../record/envelope.js';
import { RecordFault } from '../../record/fault.js';
import { parseTopic } from '../../record/topics.js';
import type { Lake } from '../lake/lake.js';
import { batchBytes, batchRows, checkBatch } from './check.js';
import { SequenceNotes } from './notes.js';
import type { Refused } from './refused.js';

export interface CollectorOptions {
  /** Rows, and bytes as they came, that are enough to commit at once. */
  commitRows: number;
  commitBytes: number;
  /** The longest that a batch waits for a commit. */
  commitIntervalMs: number;
  /** Decoded bytes that may wait; beyond it offer() does not settle. */
  inFlightBytes: number;
  maxSensors: number;
  log: Log;
  /** Tells a sensor; may be lost, since a sensor that does not hear sends again. */
  acknowledge(site: string, sensor: string, ack: Ack): void;
  /** Batches of this sensor have become durable. */
  stored(site: string, sensor: string): void;
  /** The lake cannot go on: the process has to be started anew. */
  fatal(error: Error): void;
}

/** Whose batch, and which. */
interface Place {
  site: string;
  sensor: string;
  epoch: number;
  sequence: number;
}

/** Something that waits for a commit: a batch, one that was refused for good, or only the news of a gap. */
interface Item extends Place {
  gap: number;
  what: 'batch' | 'refused' | 'gap';
  batch: Batch | null;
  topic: string;
  payload: Uint8Array;
  rows: number;
  /** Decoded bytes, for the bound on what waits. */
  bytes: number;
}

/** Waits between tries of a commit that the disk refused. */
const RETRY_MS = [500, 1000, 2000, 5000, 10_000];
/** Acknowledgements of duplicates are gathered for so long: a sensor that sends 64 again needs one. */
const REACK_MS = 50;

/**
 * Takes batches as they come, verifies them, drops those that the lake has, and commits the others in groups. A
 * sensor is acknowledged only what is durable.
 */
export class Collector {
  readonly counts = { batches: 0, rows: 0, bytes: 0, duplicates: 0, turnedAway: 0, commits: 0, retries: 0 };
  readonly refused: Refused;
  readonly #lake: Lake;
  readonly #options: CollectorOptions;
  #pending: Item[] = [];
  /** What is pending or being committed, so that it is taken once. */
  readonly #held = new Set<string>();
  /** Sensors whose first batch waits for its commit. */
  readonly #strangers = new Set<string>();
  #heldBytes = 0;
  #pendingRows = 0;
  #pendingBytes = 0;
  #timer: NodeJS.Timeout | null = null;
  #running: Promise<void> | null = null;
  #room: (() => void)[] = [];
  readonly #stopping = new AbortController();
  readonly #reack = new Map<string, Place>();
  #reackTimer: NodeJS.Timeout | null = null;

  constructor(lake: Lake, refused: Refused, options: CollectorOptions) {
    this.#lake = lake;
    this.refused = refused;
    this.#options = options;
  }

  /**
   * Takes a message of a batch topic. Settles when there is room for the next one. Never rejects. A message that
   * comes while another still waits for room (a connection was made anew meanwhile) is let go: it comes again.
   */
  offer(topic: string, payload: Uint8Array): Promise<void> {
    if (this.#room.length > 0) {
      this.counts.turnedAway++;
      return this.#roomAgain();
    }
    return this.#offer(topic, payload);
  }

  async #offer(topic: string, payload: Uint8Array): Promise<void> {
    if (this.#stopping.signal.aborted) return;
    try {
      await this.#take(topic, payload);
    } catch (error) {
      if (!(error instanceof RecordFault)) throw error;
      await this.refused.keep(error.reason, topic, error.message, payload);
    }
    await this.#roomAgain();
  }

  async #roomAgain(): Promise<void> {
    while (this.#heldBytes > this.#options.inFlightBytes && !this.#stopping.signal.aborted) {
      await new Promise<void>((resolve) => this.#room.push(resolve));
    }
  }

  /** Commits what waits, and takes nothing more. What could not be committed comes again from the sensors. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#makeRoom();
    if (this.#timer !== null) clearTimeout(this.#timer);
    if (this.#reackTimer !== null) clearTimeout(this.#reackTimer);
    await (this.#running ?? Promise.resolve());
    if (this.#pending.length > 0 && this.#lake.broken === null) await this.#run();
  }

  /** Decoded bytes that wait. */
  get waitingBytes(): number {
    return this.#heldBytes;
  }

  async #take(topic: string, payload: Uint8Array): Promise<void> {
    const place = parseTopic(topic);
    if (place?.what !== 'batch') throw new RecordFault('name', 'not a batch topic');
    const sealed = readEnvelope(payload);
    const { site, sensor, epoch, sequence, gap } = sealed;
    if (site !== place.site || sensor !== place.sensor) {
      throw new RecordFault('name', `the envelope is of ${site}/${sensor}, the topic is another's`);
    }
    const { sequences } = this.#lake;
    const set = sequences.find(site, sensor, epoch);
    const key = keyOf(sealed);
    if (this.#held.has(key)) {
      this.counts.duplicates++;
      return;
    }
    const item = { site, sensor, epoch, sequence, gap, batch: null, topic, payload, rows: 0, bytes: 1024 };
    if (sequences.isForgotten(site, sensor, epoch) || set?.has(sequence)) {
      this.counts.duplicates++;
      if (gap > 0 && (set?.unsettled(sequence - gap, sequence - 1) ?? 0) > 0) this.#push({ ...item, what: 'gap' });
      else this.#acknowledgeSoon(sealed);
      return;
    }
    const name = `${site}/${sensor}`;
    const stranger = !sequences.knows(site, sensor) && !this.#strangers.has(name);
    if (stranger && sequences.sensors + this.#strangers.size >= this.#options.maxSensors) {
      throw new RecordFault('name', `more than ${this.#options.maxSensors} sensors`);
    }
    if (set !== null && !set.hasRoom(sequence - gap)) {
      throw new RecordFault('sequence', `too many gaps before sequence ${sequence}`);
    }
    let batch: Batch;
    try {
      batch = decodeBatch(openBody(sealed));
      checkBatch(batch, site, sensor);
    } catch (error) {
      if (!(error instanceof RecordFault) || mayBeReadLater(error, sealed)) throw error;
      // The checksum says that this is what the sensor made: it will never be any better. It is kept aside, and the
      // sensor need not send it for ever.
      const kept = await this.refused.keep(error.reason, topic, error.message, payload);
      if (kept && !this.#held.has(key)) this.#push({ ...item, what: 'refused' });
      return;
    }
    this.#push({ ...item, what: 'batch', batch, rows: batchRows(batch), bytes: batchBytes(batch) + payload.length });
  }

  #push(item: Item): void {
    this.#held.add(keyOf(item));
    if (!this.#lake.sequences.knows(item.site, item.sensor)) this.#strangers.add(`${item.site}/${item.sensor}`);
    this.#heldBytes += item.bytes;
    this.#pending.push(item);
    this.#pendingRows += item.rows;
    this.#pendingBytes += item.payload.length;
    const { commitRows, commitBytes, commitIntervalMs, inFlightBytes } = this.#options;
    const enough =
      this.#pendingRows >= commitRows || this.#pendingBytes >= commitBytes || this.#heldBytes > inFlightBytes;
    if (enough) this.#start();
    else this.#timer ??= setTimeout(() => this.#start(), commitIntervalMs);
  }

  #start(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#running ??= this.#run().finally(() => {
      this.#running = null;
      if (this.#pending.length > 0 && !this.#stopping.signal.aborted) this.#start();
    });
  }

  /** Commits everything that is pending now, in one group. */
  async #run(): Promise<void> {
    const items = this.#pending;
    this.#pending = [];
    this.#pendingRows = this.#pendingBytes = 0;
    if (await this.#commit(items)) this.#settle(items);
    else this.#forget(items);
  }

  /** True when the items are durable; false when that is given up (they will be sent again). */
  async #commit(items: Item[]): Promise<boolean> {
    for (let attempt = 0; ; attempt++) {
      try {
        await this.#lake.append(
          items.flatMap(({ batch, epoch, sequence }) => (batch === null ? [] : [{ epoch, sequence, batch }])),
          SequenceNotes.of(items),
        );
        this.counts.commits++;
        if (attempt > 0) this.#options.log.info({ attempt }, 'the lake can be written again');
        return true;
      } catch (error) {
        const broken = this.#lake.broken ?? (isOfDuckItself(error) ? (error as Error) : null);
        if (broken !== null) {
          this.#options.fatal(broken);
          return false;
        }
        if (!isOfTheDisk(error)) return this.#isolate(items, error as Error);
        this.counts.retries++;
        if (attempt === 0) {
          const message = 'the lake cannot be written; nothing is acknowledged until it can';
          this.#options.log.error({ err: error }, message);
        }
        const wait = RETRY_MS[Math.min(attempt, RETRY_MS.length - 1)]!;
        const goOn = await sleep(wait, true, { signal: this.#stopping.signal }).catch(() => false);
        if (!goOn) return false;
      }
    }
  }

  /** One of the items is something that DuckDB will not take: finds out which, and keeps it aside. */
  async #isolate(items: Item[], error: Error): Promise<boolean> {
    if (items.length > 1) {
      let all = true;
      for (const item of items) all = (await this.#commit([item])) && all;
      return all;
    }
    const [item] = items as [Item];
    this.#options.log.error({ err: error, topic: item.topic }, 'a batch that passed all checks could not be stored');
    if (item.what !== 'batch' || !(await this.refused.keep('value', item.topic, error.message, item.payload))) {
      return false;
    }
    item.what = 'refused';
    item.batch = null;
    return this.#commit(items);
  }

  #settle(items: Item[]): void {
    this.#forget(items);
    const touched = new Map<string, Item>();
    for (const item of items) {
      touched.set(`${item.site}/${item.sensor}/${item.epoch}`, item);
      if (item.batch === null) continue;
      this.counts.batches++;
      this.counts.rows += item.rows;
      this.counts.bytes += item.payload.length;
    }
    for (const item of touched.values()) {
      this.#acknowledge(item);
      this.#options.stored(item.site, item.sensor);
    }
  }

  #forget(items: Item[]): void {
    for (const item of items) {
      this.#held.delete(keyOf(item));
      this.#strangers.delete(`${item.site}/${item.sensor}`);
      this.#heldBytes -= item.bytes;
    }
    this.#makeRoom();
  }

  #makeRoom(): void {
    const waiting = this.#room;
    this.#room = [];
    for (const go of waiting) go();
  }

  #acknowledgeSoon({ site, sensor, epoch, sequence }: Place): void {
    const key = `${site}/${sensor}/${epoch}`;
    const highest = Math.max(sequence, this.#reack.get(key)?.sequence ?? 0);
    this.#reack.set(key, { site, sensor, epoch, sequence: highest });
    this.#reackTimer ??= setTimeout(() => {
      this.#reackTimer = null;
      for (const place of this.#reack.values()) this.#acknowledge(place);
      this.#reack.clear();
    }, REACK_MS);
  }

  #acknowledge({ site, sensor, epoch, sequence }: Place): void {
    const { sequences } = this.#lake;
    // An epoch that was forgotten is settled as a whole, so also up to what came.
    const forgotten = sequences.isForgotten(site, sensor, epoch);
    const high = forgotten ? sequence : (sequences.find(site, sensor, epoch)?.high ?? 0);
    if (high > 0) this.#options.acknowledge(site, sensor, { epoch, sequence: high });
  }
}

function keyOf(of: Place): string {
  return `${of.site}/${of.sensor}/${of.epoch}/${of.sequence}`;
}

/** A newer central, or another Node.js, could read it: the sensor keeps it until then. */
function mayBeReadLater(fault: RecordFault, sealed: SealedEnvelope): boolean {
  if (fault.reason === 'version') return true;
  const codec = CODECS.find((known) => known === sealed.codec) as Codec | undefined;
  return fault.reason === 'codec' && (codec === undefined || !codecAvailable(codec));
}

/** After these DuckDB answers nothing any more. */
function isOfDuckItself(error: unknown): boolean {
  return /^(?:INTERNAL|FATAL) Error|has been invalidated/i.test((error as Error).message);
}

/** No space, no memory, an I/O error: the same batch may well be stored later. */
function isOfTheDisk(error: unknown): boolean {
  const { code, syscall, message } = error as NodeJS.ErrnoException;
  if (syscall !== undefined || /^E[A-Z]+$/.test(code ?? '')) return true;
  return /^(?:IO|Out of Memory|Interrupt) Error/i.test(message);
}
