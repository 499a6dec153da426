import { connect, type IClientOptions, type IPublishPacket, type MqttClient } from 'mqtt';
import { CLOSED } from './explain.js';

export interface LinkOptions {
  url: string;
  clientId: string;
  /** 5, or 4 for MQTT 3.1.1. */
  version: 4 | 5;
  tls?: { ca?: string; cert?: string; key?: string; servername?: string };
  credentials?: { username?: string; password?: string };
  will: { topic: string; payload: string };
  onMessage(topic: string, payload: Uint8Array): void;
  /** For the TCP and TLS handshakes and the CONNACK together. */
  connectTimeoutMs: number;
  /** Gives up a connection that is being opened. */
  signal: AbortSignal;
}

const KEEPALIVE_SECONDS = 30;
/** The largest packet taken from a broker: a signed model. */
const MAX_PACKET = 64 * 2 ** 20 + 65_536;

/**
 * One connection to a broker, from CONNACK to its end: never a second one. Nothing is queued behind its back, since
 * what mqtt.js would keep while offline it keeps in memory without a bound.
 */
export class Link {
  readonly version: 4 | 5;
  /** Publishes that may wait for their PUBACK, and bytes of a packet, as the broker says. */
  readonly receiveMaximum: number;
  readonly maximumPacketSize: number;
  /** Settles with the error when the connection is gone. */
  readonly closed: Promise<Error>;
  #open = true;
  /** Publishes without an answer yet. */
  readonly #waiting = new Set<(error: Error) => void>();
  readonly #client: MqttClient;

  private constructor(client: MqttClient, version: 4 | 5, closed: Promise<Error>, limits: Limits) {
    this.#client = client;
    this.version = version;
    this.receiveMaximum = limits.receiveMaximum ?? 65_535;
    this.maximumPacketSize = limits.maximumPacketSize ?? 256 * 2 ** 20;
    this.closed = closed.then((error) => {
      this.#open = false;
      for (const reject of this.#waiting) reject(error);
      this.#waiting.clear();
      return error;
    });
  }

  /** Resolves once the broker has accepted; rejects with what explain() understands. */
  static async open(options: LinkOptions): Promise<Link> {
    const client = connect(options.url, clientOptions(options));
    // The first error is the cause; what follows it are its consequences.
    let cause: Error | null = null;
    client.on('error', (error) => (cause ??= error));
    client.on('disconnect', (packet) => {
      cause ??= Object.assign(new Error('disconnected by the broker'), { code: packet.reasonCode ?? 128 });
    });
    client.on('message', (topic: string, payload: Buffer, _packet: IPublishPacket) => {
      options.onMessage(topic, payload);
    });
    // Errors of the socket, some of which mqtt.js keeps to itself.
    client.stream.on('error', (error: Error) => (cause ??= error));
    const closed = new Promise<Error>((resolve) => {
      client.once('close', () => {
        client.end(true);
        resolve(cause ?? new Error(CLOSED));
      });
    });
    const giveUp = () => client.stream.destroy();
    options.signal.addEventListener('abort', giveUp, { once: true });
    if (options.signal.aborted) giveUp();
    const limits = await new Promise<Limits | Error>((resolve) => {
      client.once('connect', (packet) => resolve((packet.properties ?? {}) as Limits));
      void closed.then(resolve);
    });
    options.signal.removeEventListener('abort', giveUp);
    if (limits instanceof Error) throw limits;
    return new Link(client, options.version, closed, limits);
  }

  get open(): boolean {
    return this.#open;
  }

  /** QoS 1. Resolves at the PUBACK; rejects when the broker says no or the connection ends. */
  publish(topic: string, payload: Uint8Array | string, retain = false): Promise<void> {
    if (!this.#open) return Promise.reject(new Error(CLOSED));
    const body =
      typeof payload === 'string' ? payload : Buffer.from(payload.buffer, payload.byteOffset, payload.length);
    return new Promise((resolve, reject) => {
      this.#waiting.add(reject);
      this.#client.publish(topic, body, { qos: 1, retain }, (error) => {
        this.#waiting.delete(reject);
        if (error) reject(error);
        else resolve();
      });
    });
  }

  /** Resolves with the topics that the broker refuses. */
  async subscribe(topics: string[]): Promise<string[]> {
    const refused: string[] = [];
    for (const topic of topics) {
      const granted = new Promise<boolean>((resolve) => {
        this.#client.subscribe(topic, { qos: 1 }, (error, grants) => {
          resolve(!error && (grants ?? []).every((g) => g.qos < 128));
        });
      });
      const answer = await Promise.race([granted, this.closed]);
      if (answer instanceof Error) throw answer;
      if (!answer) refused.push(topic);
    }
    return refused;
  }

  /** Says goodbye, so that the broker keeps the will to itself; at once with `force`. */
  async end(force = false): Promise<void> {
    if (!this.#open) return;
    this.#client.end(force);
    const timer = setTimeout(() => this.#client.stream.destroy(), 2000);
    await this.closed;
    clearTimeout(timer);
  }
}

interface Limits {
  receiveMaximum?: number;
  maximumPacketSize?: number;
}

function clientOptions(o: LinkOptions): IClientOptions {
  return {
    clientId: o.clientId,
    protocolVersion: o.version,
    clean: true,
    reconnectPeriod: 0,
    resubscribe: false,
    queueQoSZero: false,
    connectTimeout: o.connectTimeoutMs,
    keepalive: KEEPALIVE_SECONDS,
    ...(o.version === 5 ? { properties: { maximumPacketSize: MAX_PACKET } } : {}),
    ...(o.tls ?? {}),
    ...(o.credentials ?? {}),
    will: { topic: o.will.topic, payload: Buffer.from(o.will.payload), qos: 1, retain: true },
  };
}
