import { mkdirSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import { Exit, OperatorError } from '../base/errors.js';
import type { Log } from '../base/log.js';
import { packageRoot } from '../base/root.js';
import { encodeAck } from '../record/ack.js';
import { signingKey } from '../record/keys.js';
import { topics } from '../record/topics.js';
import { Events } from './api/events.js';
import { buildServer } from './api/server.js';
import { EmbeddedBroker } from './broker/broker.js';
import { Collector } from './collector/collector.js';
import { Fleet } from './collector/fleet.js';
import { Link } from './collector/link.js';
import { Refused } from './collector/refused.js';
import { type CentralConfig, parseListen } from './config.js';
import { Housekeeper } from './lake/housekeeper.js';
import { Lake } from './lake/lake.js';
import { ModelStore } from './model/store.js';
import { Trainer } from './model/trainer.js';

/** A running central. */
export interface Central {
  /** Where the console is. */
  readonly url: string;
  /** Actual ports; broker is null when an external one is used. */
  readonly ports: { readonly console: number; readonly broker: number | null };
  readonly lake: Lake;
  readonly trainer: Trainer;
  /** Resolves if the central cannot go on and must be started anew; never rejects. */
  readonly failed: Promise<Error>;
  /** Stores what has come, acknowledges it, and closes everything. */
  stop(): Promise<void>;
}

export interface CentralOptions {
  log: Log;
  version: string;
  /** The built console; dist/web of the package by default. */
  webDir?: string;
}

/**
 * The lower half in one process: broker, collector, lake, trainer and console.
 *
 *   data/  lake/  models/  refused/  tmp/  signing.key  signing.key.pub
 *
 * @throws OperatorError when something is not as it must be to start; nothing stays open then.
 */
export async function startCentral(config: CentralConfig, options: CentralOptions): Promise<Central> {
  const { log, version } = options;
  const open: (() => Promise<void> | void)[] = [];
  const opened = <T>(thing: T, close: (thing: T) => Promise<void> | void): T => {
    open.push(() => close(thing));
    return thing;
  };
  const stop = async () => {
    for (let close = open.pop(); close !== undefined; close = open.pop()) await close();
  };
  let failed: (error: Error) => void;
  const failure = new Promise<Error>((settle) => {
    failed = settle;
  });

  try {
    const data = dataFolder(config.data);
    const { memory, threads } = config.lake;
    const lake = opened(
      await Lake.open({ dir: join(data, 'lake'), tempDir: join(data, 'tmp'), memoryBytes: memory, threads, log }),
      (l) => l.close(),
    );
    const keys = signingKey(join(data, 'signing.key'));
    log.info({ path: join(data, 'signing.key.pub') }, "give this public key to the sensors as the uplink's modelKey");

    const models = new ModelStore(join(data, 'models'), config.training.keep, keys, log);
    const fleet = new Fleet(config.maxSensors);
    const events = opened(new Events(), (e) => e.close());
    const broker = await startBroker(config, log);
    if (broker !== null) opened(broker, (b) => b.close());

    const told = new Set<string>();
    const tellModel = (site: string) => {
      if (models.current === null || !link.connected || told.has(site)) return;
      told.add(site);
      link.publish(topics.control(site, 'model'), models.current.signed, true);
    };
    const tellModelToAll = () => {
      told.clear();
      for (const { site } of lake.sequences.states()) tellModel(site);
      for (const { site } of fleet.all()) tellModel(site);
    };
    const collector = new Collector(lake, new Refused(join(data, 'refused'), log), {
      commitRows: config.lake.commitRows,
      commitBytes: config.lake.commitBytes,
      commitIntervalMs: config.lake.commitInterval * 1000,
      inFlightBytes: config.lake.inFlight,
      maxSensors: config.maxSensors,
      log,
      acknowledge: (site, sensor, ack) => link.publish(topics.ack(site, sensor), encodeAck(ack), false),
      stored(site, sensor) {
        tellModel(site);
        events.tell('batch', `${site}/${sensor}`);
      },
      fatal: (error) => failed(error),
    });
    const { url, username, passwordFile, clientTls } = config.broker;
    const link: Link = opened(
      new Link({
        broker: broker === null ? { url: url!, username, passwordFile, tls: clientTls } : () => broker.connect(),
        log,
        batch: (topic, payload) => collector.offer(topic, payload),
        status(topic, payload) {
          const who = fleet.hear(topic, payload, Date.now());
          if (who === null) return;
          tellModel(who.site);
          events.tell('status', `${who.site}/${who.sensor}`);
        },
        connected: tellModelToAll,
      }),
      (l) => l.close(),
    );
    // Before the link closes, so that what is stored last is acknowledged too.
    opened(collector, (c) => c.stop());
    opened(new Housekeeper(lake, config.lake.retention, log), (h) => h.stop());
    const trainer = opened(
      new Trainer(lake, models, {
        training: config.training,
        log,
        trained(document) {
          tellModelToAll();
          events.tell('model', String(document.generation));
        },
      }),
      (t) => t.stop(),
    );

    const { hosts, listen } = config.console;
    const webDir = options.webDir ?? join(packageRoot(), 'dist/web');
    const measured = { lake, collector, fleet, link, broker, models, trainer, version };
    const server = opened(await buildServer({ ...measured, events, hosts, webDir, log }), (s) => s.close());
    await listenOn(server, listen);
    const port = (server.server.address() as AddressInfo).port;
    const { host } = parseListen(listen)!;
    return {
      url: `http://${host.includes(':') ? `[${host}]` : host}:${port}`,
      ports: { console: port, broker: broker?.port ?? null },
      lake,
      trainer,
      failed: failure,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

function dataFolder(path: string): string {
  const data = resolve(path);
  try {
    mkdirSync(data, { recursive: true, mode: 0o750 });
  } catch (error) {
    const message = `the data folder ${data} cannot be made: ${(error as Error).message}. Change data, or who owns it.`;
    throw new OperatorError('DATA_FOLDER', Exit.io, message, { cause: error });
  }
  return data;
}

async function startBroker({ broker, maxSensors }: CentralConfig, log: Log): Promise<EmbeddedBroker | null> {
  if (broker.url !== undefined) return null;
  const { tls, users, maxClients } = broker;
  const listen = parseListen(broker.listen)!;
  const started = await EmbeddedBroker.start({ listen, tls, users, maxClients, maxSensors }, log);
  log.info({ host: listen.host, port: started.port, tls: tls !== undefined }, 'the broker takes sensors');
  return started;
}

async function listenOn(server: Awaited<ReturnType<typeof buildServer>>, listen: string): Promise<void> {
  const { host, port } = parseListen(listen)!;
  try {
    await server.listen({ host, port });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    const message = `the console cannot listen on ${listen}: ${(error as Error).message}. Change console.listen.`;
    throw new OperatorError('CONSOLE_LISTEN', Exit.unavailable, message, { cause: error });
  }
}
