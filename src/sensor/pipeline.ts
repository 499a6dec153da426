import { randomInt } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { buffersOf } from '../base/columns.js';
import { DNS_COLUMNS } from '../dns/columns.js';
import { FLOW_COLUMNS } from '../flow/columns.js';
import { addLedger, type Ledger, sinceLedger } from '../record/ledger.js';
import type { ModelDocument } from '../record/topic-model.js';
import type { AnalysisCalls, Outlet, ScoredOut } from './analysis-worker.js';
import { budget } from './budget.js';
import type { PipelineConfig } from './config.js';
import type { Part } from './shard.js';
import type { Origin, Report, ShardCalls } from './shard-worker.js';
import { Thread } from './thread.js';

/** A shard gives account of itself at least this often. */
const TURN_MS = 250;

export interface PipelineOptions {
  config: PipelineConfig;
  /** Shards that read: one for a pipe, as many as configured otherwise. */
  shards: number;
  outlet: Outlet;
  /** Microseconds one window covers; Infinity: all there is, cut only when memory says so. */
  windowUs: number;
}

/** What has been read so far, over all shards. */
export interface Turn {
  ledger: Ledger;
  progress: { done: number; total: number } | null;
}

/** Worker threads for a setting of `auto`: a core is left for everything that is not packets. */
export function shardsOf(setting: 'auto' | number): number {
  return setting === 'auto' ? Math.max(1, availableParallelism() - 1) : setting;
}

/**
 * Shards and analysis, each a thread, and the beat that joins them: all shards work up to the end of a window, their
 * parts go to the analysis, and while it scores them the shards are already at the next.
 */
export class Pipeline {
  readonly #options: PipelineOptions;
  readonly #shards: Thread<ShardCalls>[];
  readonly #analysis: Thread<AnalysisCalls>;
  #closing: Promise<void> = Promise.resolve();

  static async start(options: PipelineOptions): Promise<Pipeline> {
    const pipeline = new Pipeline(options);
    const { config } = options;
    const scorer = {
      wordSet: config.words,
      seed: config.seed,
      topics: config.topics,
      homeNetworks: config.homeNetworks,
      memoryBytes: budget(config.memory, options.shards).scorer,
    };
    try {
      await pipeline.#analysis.call('open', { scorer, outlet: options.outlet });
    } catch (error) {
      await pipeline.stop();
      throw error;
    }
    return pipeline;
  }

  private constructor(options: PipelineOptions) {
    this.#options = options;
    this.#shards = Array.from(
      { length: options.shards },
      () => new Thread<ShardCalls>(new URL('./shard-worker.js', import.meta.url)),
    );
    this.#analysis = new Thread<AnalysisCalls>(new URL('./analysis-worker.js', import.meta.url));
  }

  /** The central's model, for windows from the next one on. Resolves with what is wrong with it, or null. */
  useModel(document: ModelDocument): Promise<string | null> {
    return this.#analysis.call('useModel', { document });
  }

  /**
   * Reads an origin to its end, or until `signal`. Every closed window goes through `onWindow`, in order; every turn
   * of a shard through `onTurn`. Resolves with what is wrong with the input, a sentence each, when all is scored.
   */
  async run(
    origin: (shard: number, shards: number) => Origin,
    handlers: {
      /** Frames are being taken. */
      onStart: () => void;
      onWindow: (scored: ScoredOut) => Promise<void> | void;
      onTurn: (turn: Turn) => void;
      signal: AbortSignal;
    },
  ): Promise<string[]> {
    const { config, shards, windowUs } = this.#options;
    const hashSeed = randomInt(0x1_0000_0000);
    const options = { budget: budget(config.memory, shards), hashSeed, timeouts: config.timeouts };
    try {
      await Promise.all(this.#shards.map((s, i) => s.call('open', { origin: origin(i, shards), options })));
      let reports = await Promise.all(this.#shards.map((s) => s.call('start', null)));
      handlers.onStart();
      let before: Ledger = {};
      let fromUs = Number.NaN;
      let untilUs = Number.NaN;
      for (;;) {
        if (Number.isNaN(untilUs) || !reports.some((r) => r.pause === 'full')) {
          [fromUs, untilUs] = this.#nextWindow(untilUs, reports, windowUs);
        }
        reports = await Promise.all(this.#shards.map((s, i) => this.#toWindowEnd(s, i, untilUs, reports, handlers)));
        const over = handlers.signal.aborted || reports.every((r) => r.pause === 'end');
        let rest = true;
        while (rest) {
          // All shards end at one time, so that what is idle then is idle in each.
          const flushUs = over ? Math.max(...reports.map((r) => r.lastUs)) : null;
          const parts = await Promise.all(this.#shards.map((s) => s.call('take', { flushUs })));
          if (over) reports = await Promise.all(this.#shards.map((s) => s.call('report', null)));
          const ledger = sumOf(reports);
          await this.#close(boundsOf(fromUs, untilUs, reports), parts, sinceLedger(before, ledger), handlers.onWindow);
          before = ledger;
          rest = parts.some((p) => !p.done);
        }
        if (over) break;
      }
      await this.#closing;
      return [...new Set(reports.flatMap((r) => r.faults))];
    } finally {
      await Promise.allSettled(this.#shards.map((s) => s.call('close', null)));
    }
  }

  /** Completes the files that rows are written to; throws when that fails. */
  async finish(): Promise<void> {
    await this.#analysis.call('close', null);
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#shards, this.#analysis].map((t) => t.close()));
  }

  /** The window in which the earliest waiting frame lies; never one that is past. */
  #nextWindow(untilUs: number, reports: readonly Report[], windowUs: number): [number, number] {
    if (windowUs === Number.POSITIVE_INFINITY) return [Number.NaN, windowUs];
    const waiting = reports.map((r) => r.nextUs).filter((us) => !Number.isNaN(us));
    const earliest = waiting.length > 0 ? Math.min(...waiting) : Number.isNaN(untilUs) ? Date.now() * 1000 : untilUs;
    const fromUs = Math.max(Number.isNaN(untilUs) ? 0 : untilUs, Math.floor(earliest / windowUs) * windowUs);
    return [fromUs, fromUs + windowUs];
  }

  /** Lets one shard work turn after turn until the window ends for it. */
  async #toWindowEnd(
    shard: Thread<ShardCalls>,
    index: number,
    untilUs: number,
    reports: Report[],
    handlers: { onTurn: (turn: Turn) => void; signal: AbortSignal },
  ): Promise<Report> {
    for (;;) {
      const report = await shard.call('run', { untilUs, turnMs: TURN_MS });
      reports[index] = report;
      handlers.onTurn({ ledger: sumOf(reports), progress: slowest(reports) });
      if (report.pause !== 'turn' || handlers.signal.aborted) return report;
    }
  }

  /** Hands a window to the analysis; at most one is being scored while the next is being filled. */
  async #close(
    bounds: { fromUs: number; toUs: number },
    parts: Part[],
    ledger: Ledger,
    onWindow: (scored: ScoredOut) => Promise<void> | void,
  ): Promise<void> {
    await this.#closing;
    const buffers = parts.flatMap((p) => [
      ...buffersOf(FLOW_COLUMNS, p.flows),
      ...buffersOf(DNS_COLUMNS, p.dns.rows),
      p.dns.bytes.buffer as ArrayBuffer,
    ]);
    const closing = this.#analysis.call('window', { ...bounds, parts, ledger }, buffers).then(onWindow);
    closing.catch(() => {}); // Its failure is seen where #closing is awaited.
    this.#closing = closing;
  }
}

function sumOf(reports: readonly Report[]): Ledger {
  const sum: Ledger = {};
  for (const r of reports) addLedger(sum, r.ledger);
  return sum;
}

/** Every shard reads all of the input, so the one that is furthest behind tells how far the whole is. */
function slowest(reports: readonly Report[]): { done: number; total: number } | null {
  let least: { done: number; total: number } | null = null;
  for (const { progress } of reports) {
    if (progress === null) return null;
    if (least === null || progress.done < least.done) least = progress;
  }
  return least;
}

/** The window's bounds; of an unbounded one, the times of its first and last frame. */
function boundsOf(fromUs: number, untilUs: number, reports: readonly Report[]): { fromUs: number; toUs: number } {
  if (untilUs !== Number.POSITIVE_INFINITY) return { fromUs, toUs: untilUs };
  const first = Math.min(...reports.map((r) => r.firstUs));
  const last = Math.max(...reports.map((r) => r.lastUs));
  return { fromUs: Number.isFinite(first) ? first : 0, toUs: Number.isFinite(last) ? last : 0 };
}
