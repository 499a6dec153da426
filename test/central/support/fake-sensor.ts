import { connect, type IClientOptions, type MqttClient } from 'mqtt';
import { type Ack, decodeAck } from '../../../src/record/ack.js';
import type { Batch } from '../../../src/record/batch.js';
import { encodeBatch } from '../../../src/record/encode.js';
import { sealEnvelope } from '../../../src/record/envelope.js';
import type { SensorStatus } from '../../../src/record/status.js';
import { topics } from '../../../src/record/topics.js';

const WINDOW = 64;
const RESEND_MS = 1500;

/**
 * A sensor as the central sees one: sends everything that is not acknowledged, again and again, and forgets only what
 * is. Its memory stands for the spool; it keeps an account of what the central promised.
 */
export class FakeSensor {
  readonly site: string;
  readonly sensor: string;
  readonly epoch: number;
  readonly connected: Promise<void>;
  readonly acks: Ack[] = [];
  /** Sequences that are given up are left out of `held` by the test, and told as a gap. */
  readonly held = new Map<number, Uint8Array>();
  readonly #client: MqttClient;
  readonly #timer: NodeJS.Timeout;
  readonly #sentAt = new Map<number, number>();
  next = 1;
  acked = 0;

  constructor(port: number | string, site: string, sensor: string, epoch: number, options: IClientOptions = {}) {
    this.site = site;
    this.sensor = sensor;
    this.epoch = epoch;
    const url = typeof port === 'string' ? port : `mqtt://127.0.0.1:${port}`;
    this.#client = connect(url, {
      protocolVersion: 4,
      clientId: `${site}-${sensor}`,
      reconnectPeriod: 100,
      clean: true,
      queueQoSZero: false,
      will: {
        topic: topics.status(site, sensor),
        payload: Buffer.from(JSON.stringify({ online: false, site, sensor })),
        qos: 1,
        retain: true,
      },
      ...options,
    });
    this.#client.on('error', () => {});
    this.connected = new Promise((resolve) => this.#client.once('connect', () => resolve()));
    this.#client.on('connect', () => {
      this.#client.subscribe(topics.ack(site, sensor), { qos: 1 });
      this.#sentAt.clear();
      this.pump();
    });
    this.#client.on('message', (topic, payload) => {
      if (topic === topics.ack(site, sensor)) this.#hear(decodeAck(payload));
    });
    this.#timer = setInterval(() => this.pump(), 100);
  }

  /** Keeps the batch until it is acknowledged; returns its sequence. */
  put(batch: Batch): number {
    const sequence = this.next++;
    this.held.set(sequence, encodeBatch(batch));
    this.pump();
    return sequence;
  }

  /** Forgets a batch without an acknowledgement, as a full spool does. */
  drop(sequence: number): void {
    this.held.delete(sequence);
  }

  pump(): void {
    if (!this.#client.connected) return;
    const now = Date.now();
    let before = 0;
    let inFlight = 0;
    for (const [sequence, body] of this.held) {
      if (++inFlight > WINDOW) break;
      const gap = sequence - before - 1;
      before = sequence;
      if (now - (this.#sentAt.get(sequence) ?? 0) < RESEND_MS) continue;
      this.#sentAt.set(sequence, now);
      const { site, sensor, epoch } = this;
      this.raw(sealEnvelope({ site, sensor, epoch, sequence, gap }, body));
    }
  }

  raw(payload: Uint8Array, topic = topics.batch(this.site, this.sensor)): void {
    this.#client.publish(topic, Buffer.from(payload), { qos: 1 });
  }

  sayStatus(more: Partial<SensorStatus> = {}): void {
    const { site, sensor } = this;
    const status: SensorStatus = {
      ...{ online: true, site, sensor, version: '0.0.0-fake', at: Date.now(), modelGeneration: null, shards: 2 },
      spool: { batches: this.held.size, bytes: 0, oldestSeconds: 0, droppedBatches: 0, corrupt: 0 },
      health: [],
      ...more,
    };
    this.#client.publish(topics.status(site, sensor), JSON.stringify(status), { qos: 1, retain: true });
  }

  /** The first message on a topic, retained or not. */
  async retained(topic: string): Promise<Uint8Array> {
    const message = new Promise<Uint8Array>((resolve) => {
      this.#client.on('message', (from, payload) => {
        if (from === topic) resolve(payload);
      });
    });
    await this.#client.subscribeAsync(topic, { qos: 1 });
    return message;
  }

  /** Settles when everything is acknowledged. */
  async drained(timeoutMs = 60_000): Promise<void> {
    const deadline = Date.now() + timeoutMs;
    while (this.held.size > 0) {
      if (Date.now() > deadline) throw new Error(`${this.held.size} batches were not acknowledged in ${timeoutMs} ms`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#client.endAsync(true);
  }

  #hear(ack: Ack): void {
    if (ack.epoch !== this.epoch) return;
    this.acks.push(ack);
    this.acked = Math.max(this.acked, ack.sequence);
    for (const sequence of this.held.keys()) if (sequence <= ack.sequence) this.held.delete(sequence);
    this.pump();
  }
}
