import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Exit, OperatorError } from '../base/errors.js';
import type { Log } from '../base/log.js';
import { expand } from '../capture/expand.js';
import { addLedger, type Ledger } from '../record/ledger.js';
import type { SensorStatus } from '../record/status.js';
import { Spool } from '../spool/spool.js';
import { Uplink } from '../uplink/client.js';
import type { ScoredOut } from './analysis-worker.js';
import type { SensorConfig } from './config.js';
import { HeldModel } from './held-model.js';
import { originOf } from './origin.js';
import { Pipeline, shardsOf } from './pipeline.js';

/** What a sensor is made of, opened. */
interface Parts {
  version: string;
  log: Log;
  spool: Spool;
  pipeline: Pipeline;
  model: HeldModel;
}

/** A turn takes a quarter of a second. */
const HANG_MS = 20_000;

/**
 * The sensor: packets to summaries on disk, and from there to the central. It loses nothing that it said it has:
 * what the spool holds survives it, and what it drops on the way is in the books.
 */
export class Sensor {
  readonly #config: SensorConfig;
  readonly #version: string;
  readonly #log: Log;
  readonly #spool: Spool;
  readonly #pipeline: Pipeline;
  readonly #model: HeldModel;
  readonly #uplink: Uplink;
  readonly #startedAt = Date.now();
  readonly #stopping = new AbortController();
  readonly #health = new Map<string, string>();
  /** Running totals: of the windows that were closed, of the shards in runs before, and of the shards in this one. */
  readonly #closed: Ledger = {};
  readonly #before: Ledger = {};
  #shards: Ledger = {};
  #running: Promise<unknown> = Promise.resolve();
  #isRunning = false;
  #turnedAt = 0;
  /** Dropped summaries when they were last told of. */
  #droppedTold = 0;

  /** Opens everything that can fail for an operator's reason, so that a sensor that started has started. */
  static async start(config: SensorConfig, { version, log }: { version: string; log: Log }): Promise<Sensor> {
    const spool = await Spool.open(config.spool.directory, { limitBytes: config.spool.limit });
    try {
      const pipeline = await Pipeline.start({
        config,
        shards: shardsOf(config.shards),
        windowUs: config.window * 1e6,
        outlet: {
          kind: 'batches',
          summary: {
            site: config.site,
            sensor: config.sensor,
            budgetBitsPerSecond: config.uplink.budget,
            wordSet: config.words,
          },
        },
      });
      const model = new HeldModel({
        file: join(config.spool.directory, 'model.signed'),
        key: fileText(config.uplink.modelKey, 'uplink.modelKey') ?? null,
        use: (document) => pipeline.useModel(document),
        log,
      });
      await model.recall();
      const sensor = new Sensor(config, { version, log, spool, pipeline, model });
      sensor.#uplink.start();
      return sensor;
    } catch (error) {
      await spool.close();
      throw error;
    }
  }

  private constructor(config: SensorConfig, parts: Parts) {
    const { version, log, spool, pipeline, model } = parts;
    this.#config = config;
    this.#version = version;
    this.#log = log;
    this.#spool = spool;
    this.#pipeline = pipeline;
    this.#model = model;
    const { broker, tls, username, passwordFile } = config.uplink;
    this.#uplink = new Uplink({
      url: broker,
      site: config.site,
      sensor: config.sensor,
      spool,
      log,
      tls: {
        ca: fileText(tls?.ca, 'uplink.tls.ca'),
        cert: fileText(tls?.certificate, 'uplink.tls.certificate'),
        key: fileText(tls?.key, 'uplink.tls.key'),
      },
      credentials: { username, password: fileText(passwordFile, 'uplink.passwordFile')?.trim() },
      publicKey: fileText(config.uplink.modelKey, 'uplink.modelKey'),
      modelGeneration: model.generation ?? 0,
      status: () => this.status(),
      onModel: (payload, generation, signed) => {
        void model.take(payload, generation, signed).then(() => this.#uplink.statusChanged());
      },
    });
  }

  /**
   * Listens, or replays the configured captures, until it is stopped. Resolves when the origin has ended.
   * `paths` replays these instead of what is configured.
   */
  async run(paths?: string[]): Promise<void> {
    const config = this.#config;
    const given = paths ?? config.captures;
    const { files, skipped } = await expand(given);
    for (const { path, reason } of skipped) this.#log.warn({ path }, `left out: ${reason}`);
    if (given.length > 0 && files.length === 0) {
      throw new OperatorError('NO_CAPTURE', Exit.noInput, `There is no capture file in ${given.join(', ')}.`);
    }
    const interfaces = given.length > 0 ? [] : config.interfaces;
    this.#isRunning = true;
    this.#turnedAt = Date.now();
    const run = this.#pipeline.run(originOf({ paths: files, interfaces, config }), {
      signal: this.#stopping.signal,
      onStart: () => this.#log.info(given.length > 0 ? { captures: files.length } : { interfaces }, 'taking packets'),
      onTurn: (turn) => {
        this.#shards = turn.ledger;
        this.#turnedAt = Date.now();
      },
      onWindow: (scored) => this.#keep(scored),
    });
    this.#running = run.catch(() => {});
    const faults = await run.finally(() => {
      this.#isRunning = false;
    });
    addLedger(this.#before, this.#shards);
    this.#shards = {};
    for (const fault of faults) {
      this.#log.warn({ fault }, 'the input is damaged');
      this.#health.set('input', fault);
    }
  }

  /** False when a shard has given no account of itself for long: it hangs, and a restart is better. */
  isAlive(): boolean {
    return !this.#isRunning || Date.now() - this.#turnedAt < HANG_MS;
  }

  /** Resolves when the central has everything, or after `timeoutMs`; says which. */
  async drained(timeoutMs: number): Promise<boolean> {
    const deadline = Date.now() + timeoutMs;
    while (this.#spool.stats().batches > 0) {
      if (Date.now() > deadline || this.#stopping.signal.aborted) return false;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    return true;
  }

  /** Generation of the central's model that scores; null while the sensor uses its own baseline. */
  get modelGeneration(): number | null {
    return this.#model.generation;
  }

  status(): SensorStatus {
    return {
      online: true,
      site: this.#config.site,
      sensor: this.#config.sensor,
      version: this.#version,
      at: Date.now(),
      startedAt: this.#startedAt,
      modelGeneration: this.#model.generation,
      shards: shardsOf(this.#config.shards),
      interfaces: this.#config.interfaces,
      ledger: this.#ledger(),
      spool: this.#spool.stats(),
      health: [...this.#health.values(), ...(this.#model.fault === null ? [] : [this.#model.fault])],
    };
  }

  /** Stops taking packets, closes the last window, sends what it can in the time given, and says goodbye. */
  async stop(drainMs = 3000): Promise<void> {
    this.#stopping.abort();
    await this.#running;
    await this.#uplink.stop({ drainMs });
    await this.#pipeline.stop();
    await this.#spool.close();
  }

  /** Books that are as fresh as the last turn where a shard keeps them, and as the last window elsewhere. */
  #ledger(): Ledger {
    const shards: Ledger = { ...this.#before };
    addLedger(shards, this.#shards);
    return { ...this.#closed, ...shards };
  }

  /** What makes way in the spool is told when it begins and each time it has doubled, not for each summary. */
  #noteDropped(): void {
    const { droppedBatches: dropped } = this.#spool.stats();
    if (dropped === 0 || dropped < 2 * this.#droppedTold) return;
    this.#droppedTold = dropped;
    this.#health.set('dropped', `At least ${dropped} summaries made way because the spool or its disk is full.`);
    this.#log.warn(
      { dropped },
      'the spool or its disk is full: the oldest summaries make way until the central takes them',
    );
  }

  async #keep(scored: ScoredOut): Promise<void> {
    addLedger(this.#closed, scored.ledger);
    for (const body of scored.bodies) {
      const sequence = await this.#spool.append(body);
      if (sequence === null) this.#health.set('spool', 'The disk refused a summary; it is lost and counted.');
      this.#noteDropped();
    }
  }
}

function fileText(path: string | undefined, key: string): string | undefined {
  if (path === undefined) return undefined;
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new OperatorError('CONFIG_INVALID', Exit.config, `${key}: ${(error as Error).message}`, { cause: error });
  }
}
