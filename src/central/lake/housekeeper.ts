import type { Log } from '../../base/log.js';
import { compact, nextCompaction } from './compaction.js';
import type { Lake } from './lake.js';
import { expired, type RetentionLimits } from './retention.js';

/** Between two looks at the lake. */
const EVERY_MS = 30_000;

/** Keeps the lake within its limits and its files few: one thing at a time, beside ingest. */
export class Housekeeper {
  readonly #lake: Lake;
  readonly #limits: RetentionLimits;
  readonly #log: Log;
  #timer: NodeJS.Timeout;
  #running: Promise<void> | null = null;
  #stopped = false;
  #failing = false;

  constructor(lake: Lake, limits: RetentionLimits, log: Log) {
    this.#lake = lake;
    this.#limits = limits;
    this.#log = log;
    this.#timer = setInterval(() => void this.run(), EVERY_MS);
    this.#timer.unref();
  }

  /** Does what there is to do; settles when it is done. Never rejects. */
  run(): Promise<void> {
    this.#running ??= this.#work().finally(() => {
      this.#running = null;
    });
    return this.#running;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearInterval(this.#timer);
    await this.#running;
  }

  async #work(): Promise<void> {
    try {
      const remove = expired(this.#lake.files, this.#limits, Date.now());
      if (remove.length > 0) {
        await this.#lake.replace(async () => ({ add: [], remove }));
        this.#log.info({ files: remove.length }, 'old hours are deleted, as lake.retention says');
      }
      for (;;) {
        const next = this.#stopped ? null : nextCompaction(this.#lake.files, Date.now());
        if (next === null) break;
        await compact(this.#lake, next);
      }
      this.#failing = false;
    } catch (err) {
      if (!this.#failing) this.#log.error({ err }, 'the lake could not be tidied up; trying again');
      this.#failing = true;
    }
  }
}
