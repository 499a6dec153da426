import { Counter, Gauge, Registry } from 'prom-client';
import type { EmbeddedBroker } from '../broker/broker.js';
import type { Collector } from '../collector/collector.js';
import type { Fleet } from '../collector/fleet.js';
import type { Link } from '../collector/link.js';
import type { Lake } from '../lake/lake.js';
import type { ModelStore } from '../model/store.js';
import type { Trainer } from '../model/trainer.js';

export interface Measured {
  lake: Lake;
  collector: Collector;
  fleet: Fleet;
  link: Link;
  broker: EmbeddedBroker | null;
  models: ModelStore;
  trainer: Trainer;
  version: string;
}

const PREFIX = 'tapspot_central_';

/** What a monitoring system is told, read from where it is counted when it is asked for. */
export function metrics(m: Measured): Registry {
  const registry = new Registry();
  const registers = [registry];
  const counter = (name: string, help: string, value: () => number) =>
    new Counter({
      name: PREFIX + name,
      help,
      registers,
      collect() {
        this.reset();
        this.inc(value());
      },
    });
  const gauge = (name: string, help: string, value: () => number) =>
    new Gauge({
      name: PREFIX + name,
      help,
      registers,
      collect() {
        this.set(value());
      },
    });
  const { counts, refused } = m.collector;
  counter('batch_stored_total', 'Batches that were made durable since the start', () => counts.batches);
  counter('row_stored_total', 'Rows of those batches', () => counts.rows);
  counter('batch_bytes_total', 'Bytes of those batches as they came', () => counts.bytes);
  counter('batch_duplicate_total', 'Batches that came again and were dropped', () => counts.duplicates);
  counter('batch_turned_away_total', 'Batches let go for want of room; they come again', () => counts.turnedAway);
  counter('commit_total', 'Commits of the lake by the collector', () => counts.commits);
  counter('commit_retry_total', 'Commits that the disk refused and that were tried again', () => counts.retries);
  new Counter({
    name: `${PREFIX}batch_refused_total`,
    help: 'Batches that were refused',
    labelNames: ['reason'],
    registers,
    collect() {
      this.reset();
      for (const [reason, n] of Object.entries(refused.byReason)) this.inc({ reason }, n);
    },
  });
  counter('status_refused_total', 'Status messages that were refused', () => m.fleet.refused);
  gauge('waiting_bytes', 'Decoded bytes of batches that wait for a commit', () => m.collector.waitingBytes);
  gauge('lake_bytes', 'Bytes of the Parquet files', () => m.lake.files.bytes);
  gauge('lake_files', 'Parquet files', () => m.lake.files.count);
  gauge('batch_missing', 'Sequences that sensors gave up before the lake had them', () => {
    let missing = 0;
    for (const state of m.lake.sequences.states()) missing += state.missing;
    return missing;
  });
  gauge('sensors', 'Sensors that the lake holds batches of', () => m.lake.sequences.sensors);
  gauge('sensors_online', 'Sensors that say they are online', () => m.fleet.all().filter((s) => s.online).length);
  gauge('broker_connected', '1 while the central is connected to the broker', () => (m.link.connected ? 1 : 0));
  gauge('broker_clients', 'Connections of the embedded broker', () => m.broker?.clients ?? 0);
  counter('broker_refused_total', 'Connections and messages the embedded broker refused', () => m.broker?.refused ?? 0);
  gauge('model_generation', 'Generation of the newest model; 0 before the first', () => {
    return m.models.current?.document.generation ?? 0;
  });
  gauge('training', '1 while a model is being trained', () => (m.trainer.training ? 1 : 0));
  gauge('resident_memory_bytes', 'Resident set size', () => process.memoryUsage.rss());
  new Gauge({
    name: `${PREFIX}build_info`,
    help: 'Always 1',
    labelNames: ['version'],
    registers,
    collect() {
      this.set({ version: m.version }, 1);
    },
  });
  return registry;
}
