import { Worker } from 'node:worker_threads';
import type { Log } from '../../base/log.js';
import type { ModelDocument, TopicModelDocument } from '../../record/topic-model.js';
import type { CentralConfig } from '../config.js';
import type { Lake } from '../lake/lake.js';
import { type Gathered, gatherWords } from './corpus.js';
import type { ModelStore } from './store.js';
import type { TrainJob } from './train-worker.js';

export interface TrainerOptions {
  training: CentralConfig['training'];
  log: Log;
  /** A new model is on disk. */
  trained(document: ModelDocument): void;
}

/** Words that are too few to learn from: one training less is better than a model of nothing. */
const TOKENS_MIN = 100;
/** After a failure, or when there was nothing to learn from yet. */
const RETRY_MS = 60 * 60_000;
/** A central that has no model looks for words this often. */
const FIRST_MS = 60_000;
const DELAY_MAX_MS = 2 ** 31 - 1;

/** Trains a model on what the lake has learnt, on a schedule and on demand, one at a time. */
export class Trainer {
  readonly #lake: Lake;
  readonly #store: ModelStore;
  readonly #options: TrainerOptions;
  #running: Promise<void> | null = null;
  #timer: NodeJS.Timeout | null = null;
  #worker: Worker | null = null;
  #stopped = false;
  lastError: string | null = null;
  /** Milliseconds since the epoch; null when only on demand. */
  nextTraining: number | null = null;

  constructor(lake: Lake, store: ModelStore, options: TrainerOptions) {
    this.#lake = lake;
    this.#store = store;
    this.#options = options;
    const last = store.current?.document.trainedAt;
    this.#schedule(last === undefined ? FIRST_MS : Math.max(FIRST_MS, last + this.#everyMs - Date.now()));
  }

  get training(): boolean {
    return this.#running !== null;
  }

  /** Starts a training; false when one is under way. */
  start(): boolean {
    if (this.#running !== null || this.#stopped) return false;
    this.#running = this.#train().finally(() => {
      this.#running = null;
    });
    return true;
  }

  /** Settles when no training is under way. */
  async idle(): Promise<void> {
    await this.#running;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    await this.#worker?.terminate();
    await this.#running;
  }

  get #everyMs(): number {
    return this.#options.training.every * 1000;
  }

  #schedule(delayMs: number): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    if (this.#everyMs <= 0 || this.#stopped) return;
    this.nextTraining = Date.now() + delayMs;
    this.#timer = setTimeout(
      () => {
        if (Date.now() + 1000 < this.nextTraining!) this.#schedule(this.nextTraining! - Date.now());
        else this.start();
      },
      Math.min(delayMs, DELAY_MAX_MS),
    );
    this.#timer.unref();
  }

  async #train(): Promise<void> {
    const { log, training, trained } = this.#options;
    const startedAt = Date.now();
    try {
      const days = recentDays(this.#lake.files.days('word'), training.days);
      const flow = await gatherWords(this.#lake, 'flow', training.words, days);
      const dns = await gatherWords(this.#lake, 'dns', training.words, days);
      const gathered = [flow, dns].filter((g) => g !== null);
      const tokens = gathered.reduce((sum, g) => sum + g.tokens, 0);
      if (tokens < TOKENS_MIN) throw new Error('there are no words of this word set to learn from yet');
      const document = this.#store.add({
        version: 1,
        wordSet: training.words,
        seed: training.seed,
        trainedAt: Date.now(),
        trainedOn: {
          fromUs: Math.min(...gathered.map((g) => g.fromUs)),
          toUs: Math.max(...gathered.map((g) => g.toUs)),
          sensors: [...new Set(gathered.flatMap((g) => g.sensors))].sort(),
          documents: gathered.reduce((sum, g) => sum + g.corpus.hosts.length, 0),
          tokens,
        },
        flow: await this.#trainOne(flow),
        dns: await this.#trainOne(dns),
      });
      this.lastError = null;
      const { generation } = document;
      log.info({ generation, tokens, seconds: Math.round((Date.now() - startedAt) / 1000) }, 'a model is trained');
      trained(document);
      this.#schedule(this.#everyMs);
    } catch (error) {
      if (this.#stopped) return;
      this.lastError = (error as Error).message;
      log.warn({ reason: this.lastError }, 'no model was trained');
      this.#schedule(Math.min(this.#everyMs, this.#store.current === null ? FIRST_MS : RETRY_MS));
    }
  }

  #trainOne(gathered: Gathered | null): Promise<TopicModelDocument | null> {
    if (gathered === null) return Promise.resolve(null);
    const { topics, seed, passes, wordsMax, hostsMax } = this.#options.training;
    const job: TrainJob = { corpus: gathered.corpus, options: { topics, seed, passes, wordsMax, hostsMax } };
    const { host, word, count, active } = gathered.corpus;
    const buffers = [host, word, count, active!.host, active!.hour].map((a) => a.buffer as ArrayBuffer);
    return new Promise((resolve, reject) => {
      const worker = new Worker(new URL('./train-worker.js', import.meta.url), {
        workerData: job,
        transferList: buffers,
      });
      this.#worker = worker;
      worker.once('message', resolve);
      worker.once('error', reject);
      worker.once('exit', (code) => {
        this.#worker = null;
        reject(new Error(`the training thread ended with ${code}`)); // of no effect after a message
      });
    });
  }
}

/** Days from the newest one back, at most `count` calendar days. `days` are newest first. */
export function recentDays(days: readonly string[], count: number): string[] {
  const newest = days[0];
  if (newest === undefined) return [];
  const oldest = new Date(Date.parse(newest) - (count - 1) * 86_400_000).toISOString().slice(0, 10);
  return days.filter((day) => day >= oldest);
}
