import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Duplex } from 'node:stream';
import { connect, type IClientOptions, MqttClient } from 'mqtt';
import { Exit, OperatorError } from '../../base/errors.js';
import type { Log } from '../../base/log.js';
import { topics } from '../../record/topics.js';
import { pem } from '../broker/broker.js';

/** A broker elsewhere. */
export interface RemoteBroker {
  url: string;
  username?: string | undefined;
  passwordFile?: string | undefined;
  tls?: { ca?: string | undefined; certificate?: string | undefined; key?: string | undefined } | undefined;
}

export interface LinkOptions {
  /** A broker elsewhere, or how to reach the one in this process. */
  broker: RemoteBroker | (() => Duplex);
  log: Log;
  /** Settles when the next message may come. */
  batch(topic: string, payload: Uint8Array): Promise<void>;
  status(topic: string, payload: Uint8Array): void;
  /** Called at every connection, after the subscriptions are in place. */
  connected(): void;
}

/** A broker that denies the subscriptions is asked again: its rights may be mended while it runs. */
const RESUBSCRIBE_MS = 5000;

/**
 * The central's connection to the broker, MQTT 3.1.1, which every broker speaks. Nothing is kept for it while it is
 * away, neither there nor here: the sensors send again what was not acknowledged.
 */
export class Link {
  readonly #client: MqttClient;
  readonly #options: LinkOptions;
  /** Whether the last thing that was logged is that there is no connection. */
  #down = false;

  /** Starts to connect, and goes on trying. @throws OperatorError BROKER_TLS, BROKER_PASSWORD. */
  constructor(options: LinkOptions) {
    this.#options = options;
    const common: IClientOptions = {
      protocolVersion: 4,
      clean: true,
      clientId: `tapspot-central-${randomBytes(6).toString('hex')}`,
      keepalive: 30,
      reconnectPeriod: 1000,
      connectTimeout: 15_000,
      queueQoSZero: false,
      resubscribe: false,
    };
    const { broker } = options;
    this.#client =
      typeof broker === 'function'
        ? new MqttClient(() => broker() as never, { ...common, reconnectPeriod: 100 })
        : connect(broker.url, { ...common, ...remote(broker) });
    this.#client.handleMessage = (packet, done) => {
      const { topic, payload } = packet as { topic: string; payload: Uint8Array };
      if (topic.endsWith('/status')) {
        options.status(topic, payload);
        done();
      } else void options.batch(topic, payload).then(() => done());
    };
    this.#client.on('connect', () => void this.#subscribe());
    this.#client.on('close', () => this.#wentDown('the connection is closed'));
    this.#client.on('error', (error) => this.#wentDown(error.message));
  }

  get connected(): boolean {
    return this.#client.connected;
  }

  /** Publishes if there is a connection. What is lost is told again: see the callers. */
  publish(topic: string, payload: Uint8Array, retain: boolean): void {
    if (!this.#client.connected) return;
    this.#client.publish(topic, Buffer.from(payload), { qos: 1, retain }, (error) => {
      if (error) this.#options.log.debug({ topic, reason: error.message }, 'a message was not delivered');
    });
  }

  /** Waits, for a short while, until what was published is at the broker. */
  async close(): Promise<void> {
    await Promise.race([
      this.#client.endAsync(false).catch(() => {}),
      new Promise<void>((resolve) => setTimeout(resolve, 2000).unref()),
    ]);
    await this.#client.endAsync(true).catch(() => {});
  }

  async #subscribe(): Promise<void> {
    try {
      await this.#client.subscribeAsync([topics.allBatches, topics.allStatus], { qos: 1 });
      if (this.#down) this.#options.log.info({}, 'connected to the broker again');
      this.#down = false;
      this.#options.connected();
    } catch (error) {
      const denied = 'packet' in (error as object);
      this.#wentDown(
        denied ? 'the broker does not let the central subscribe to tapspot/v1/#' : (error as Error).message,
      );
      setTimeout(() => {
        if (this.#client.connected) void this.#subscribe();
      }, RESUBSCRIBE_MS).unref();
    }
  }

  #wentDown(reason: string): void {
    if (this.#down || this.#client.disconnecting) return;
    this.#down = true;
    this.#options.log.warn({ reason }, 'no connection to the broker; trying again');
  }
}

function remote(broker: RemoteBroker): IClientOptions {
  const { tls, username, passwordFile } = broker;
  const options: IClientOptions = {};
  if (username !== undefined) options.username = username;
  if (passwordFile !== undefined) {
    try {
      options.password = readFileSync(passwordFile, 'utf8').trimEnd();
    } catch (error) {
      const message = `broker.passwordFile: ${(error as Error).message}`;
      throw new OperatorError('BROKER_PASSWORD', Exit.config, message, { cause: error });
    }
  }
  if (tls?.ca !== undefined) options.ca = pem(tls.ca, 'broker.clientTls.ca');
  if (tls?.certificate !== undefined) options.cert = pem(tls.certificate, 'broker.clientTls.certificate');
  if (tls?.key !== undefined) options.key = pem(tls.key, 'broker.clientTls.key');
  return options;
}
