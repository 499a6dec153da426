import { connect, type IClientOptions, type MqttClient } from 'mqtt';
import { encodeAck } from '../../src/record/ack.js';
import { openEnvelope } from '../../src/record/codec.js';
import type { SensorStatus } from '../../src/record/status.js';
import { parseTopic, topics } from '../../src/record/topics.js';

/**
 * As little of a central as an uplink needs: keeps what comes, acknowledges the highest contiguous sequence. It can
 * be told to forget to acknowledge.
 */
export class FakeCentral {
  /** `epoch/sequence` → body. */
  readonly stored = new Map<string, string>();
  readonly problems: string[] = [];
  readonly statuses: SensorStatus[] = [];
  duplicates = 0;
  acks = 0;
  /** Asked before each acknowledgement. */
  answers: () => boolean = () => true;
  #contiguous = new Map<number, number>();
  readonly client: MqttClient;
  readonly ready: Promise<void>;

  constructor(url: string, options: IClientOptions = {}) {
    this.client = connect(url, { reconnectPeriod: 50, protocolVersion: 4, clientId: 'central', ...options });
    this.client.on('error', () => {});
    this.client.on('message', (topic, payload) => this.#message(topic, payload));
    this.ready = new Promise((resolve) => {
      this.client.on('connect', () => {
        this.client.subscribe([topics.allBatches, topics.allStatus], { qos: 1 }, () => resolve());
      });
    });
  }

  bodies(): string[] {
    return [...this.stored.values()].sort();
  }

  #message(topic: string, payload: Buffer): void {
    const place = parseTopic(topic);
    if (place === null) return;
    if (place.what === 'status') {
      this.statuses.push(JSON.parse(payload.toString()) as SensorStatus);
      return;
    }
    let envelope: ReturnType<typeof openEnvelope>;
    try {
      envelope = openEnvelope(payload);
    } catch (error) {
      this.problems.push(String(error));
      return;
    }
    const { epoch, sequence, gap } = envelope;
    const key = `${epoch}/${sequence}`;
    const text = Buffer.from(envelope.body).toString();
    const before = this.stored.get(key);
    if (before !== undefined) this.duplicates++;
    if (before !== undefined && before !== text)
      this.problems.push(`${key} came with two bodies: ${before} and ${text}`);
    this.stored.set(key, text);
    let high = this.#contiguous.get(epoch) ?? 0;
    if (sequence - gap <= high + 1) high = Math.max(high, sequence);
    while (this.stored.has(`${epoch}/${high + 1}`)) high++;
    this.#contiguous.set(epoch, high);
    if (high > 0 && this.answers()) {
      this.acks++;
      const [site, sensor] = [place.site, place.sensor];
      this.client.publish(topics.ack(site, sensor), Buffer.from(encodeAck({ epoch, sequence: high })), { qos: 1 });
    }
  }

  async close(): Promise<void> {
    await this.client.endAsync(true);
  }
}
