import type { KeyObject } from 'node:crypto';
import { Exit, OperatorError } from '../base/errors.js';
import type { Log } from '../base/log.js';
import { decodeAck } from '../record/ack.js';
import type { SensorStatus } from '../record/status.js';
import { NAME_PATTERN, topics } from '../record/topics.js';
import type { Spool } from '../spool/spool.js';
import { Backoff } from './backoff.js';
import { ControlDesk } from './control.js';
import { type Explanation, explain } from './explain.js';
import { Link } from './link.js';
import { Sender } from './sender.js';

export interface UplinkOptions {
  /** mqtt:// or mqtts:// */
  url: string;
  site: string;
  sensor: string;
  spool: Spool;
  /** PEM text. */
  tls?: { ca?: string; cert?: string; key?: string; servername?: string };
  credentials?: { username?: string; password?: string };
  /** The central's signing key; without it no model is taken. */
  publicKey?: KeyObject | string | null;
  /** Generation of the model that the sensor holds already; 0 for none. */
  modelGeneration?: number;
  /** What the sensor says of itself; the uplink adds to `health` what it knows. */
  status: () => SensorStatus;
  /** A newer model than any before, and the signed bytes to keep. May throw to refuse it. */
  onModel?: (payload: Uint8Array, generation: number, signed: Uint8Array) => void;
  log: Log;
  ackTimeoutMs?: number;
  statusIntervalMs?: number;
  connectTimeoutMs?: number;
  /** First and longest wait between connections. */
  reconnectMs?: { first: number; most: number };
}

export interface UplinkStats {
  connected: boolean;
  /** MQTT version of the connection, or of the next try. */
  protocol: 4 | 5;
  connections: number;
  failures: number;
  sent: number;
  repeated: number;
  bytes: number;
  inFlight: number;
  acknowledgements: number;
  refusedAcknowledgements: number;
  ackTimeouts: number;
  modelGeneration: number;
  modelsAccepted: number;
  modelsRefused: number;
}

/** How long the last words may take on the way out. */
const FAREWELL_MS = 2000;

/**
 * The sensor's end of MQTT: sends the spool, tells how the sensor is, and takes acknowledgements and models. It keeps
 * trying for as long as it runs, and logs one line for each change of its state, not for each try.
 */
export class Uplink {
  readonly #o: UplinkOptions;
  readonly #sender: Sender;
  readonly #desk: ControlDesk | null;
  readonly #backoff: Backoff;
  readonly #broker: string;
  #link: Link | null = null;
  #version: 4 | 5 = 5;
  #connections = 0;
  #failures = 0;
  #state = '';
  #trouble: Explanation | null = null;
  #refusedTopics: string[] = [];
  #statusTimer: NodeJS.Timeout | null = null;
  #statusPending = false;
  #statusAgain = false;
  #running: Promise<void> | null = null;
  readonly #stop = new AbortController();

  constructor(options: UplinkOptions) {
    for (const [what, name] of [
      ['site', options.site],
      ['sensor', options.sensor],
    ] as const) {
      if (!NAME_PATTERN.test(name)) {
        throw new OperatorError(
          'uplink.name',
          Exit.config,
          `${what} ${JSON.stringify(name)} is no name: use letters, digits, ., _ and -`,
        );
      }
    }
    const url = URL.canParse(options.url) ? new URL(options.url) : null;
    if (url === null || !/^mqtts?:$/.test(url.protocol) || url.hostname === '') {
      throw new OperatorError(
        'uplink.url',
        Exit.config,
        `${options.url} is no broker: write mqtt://host or mqtts://host`,
      );
    }
    this.#broker = `${url.protocol}//${url.host}`;
    this.#o = options;
    this.#sender = new Sender({ ...options, ackTimeoutMs: options.ackTimeoutMs ?? 30_000 });
    const { publicKey, onModel } = options;
    this.#desk = publicKey ? new ControlDesk(publicKey, options.modelGeneration ?? 0, onModel ?? (() => {})) : null;
    const { first, most } = options.reconnectMs ?? { first: 1000, most: 60_000 };
    this.#backoff = new Backoff(first, most);
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /** Waits up to `drainMs` for the central to have everything, says that the sensor is going, and goes. */
  async stop({ drainMs = 0 }: { drainMs?: number } = {}): Promise<void> {
    const until = performance.now() + drainMs;
    while (this.#running !== null && !this.#sender.drained && performance.now() < until) await pause(20, null);
    this.#stop.abort();
    const link = this.#link;
    if (link !== null) {
      const farewell = { ...this.#status(), online: false };
      const said = link.publish(this.#topic('status'), JSON.stringify(farewell), true).catch(() => {});
      await Promise.race([said, pause(FAREWELL_MS, null)]);
      await link.end();
    }
    await this.#running;
  }

  /** Tells the central at once that something in status() has changed. */
  statusChanged(): void {
    if (this.#link !== null) this.#tellStatus(this.#link);
  }

  /** What an engineer should know of the uplink, one sentence each. */
  health(): string[] {
    const out: string[] = [];
    if (this.#link === null && this.#trouble !== null) out.push(this.#trouble.text);
    for (const topic of this.#refusedTopics) {
      out.push(`the broker does not let this sensor read ${topic}: allow it in the broker's access list`);
    }
    if (this.#sender.obstacle !== null) out.push(this.#sender.obstacle);
    else if (this.#link !== null && this.#sender.timedOut) {
      out.push('the central does not acknowledge: check that it runs and reads from this broker');
    }
    if (this.#desk?.fault) out.push(this.#desk.fault);
    return out;
  }

  stats(): UplinkStats {
    const { sent, repeated, bytes, acknowledgements, refusedAcknowledgements, timeouts } = this.#sender.counts;
    return {
      connected: this.#link !== null,
      protocol: this.#version,
      connections: this.#connections,
      failures: this.#failures,
      sent,
      repeated,
      bytes,
      inFlight: this.#sender.inFlight,
      acknowledgements,
      refusedAcknowledgements,
      ackTimeouts: timeouts,
      modelGeneration: this.#desk?.generation ?? 0,
      modelsAccepted: this.#desk?.counts.accepted ?? 0,
      modelsRefused: this.#desk?.counts.refused ?? 0,
    };
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      const error = await this.#session();
      if (signal.aborted) break;
      this.#failures++;
      this.#trouble = explain(error, this.#broker);
      const { trouble, text } = this.#trouble;
      if (trouble === 'version') {
        this.#version = this.#version === 5 ? 4 : 5;
        if (this.#version === 4) continue;
      }
      this.#became(trouble, 'warn', text);
      await pause(this.#backoff.next(), signal);
    }
  }

  /** One connection, from the first try to its end; gives the reason. */
  async #session(): Promise<Error> {
    const { site, sensor, url, tls, credentials } = this.#o;
    let link: Link;
    try {
      link = await Link.open({
        url,
        clientId: `tapspot-${site}-${sensor}`,
        version: this.#version,
        ...(tls ? { tls } : {}),
        ...(credentials ? { credentials } : {}),
        will: { topic: this.#topic('status'), payload: JSON.stringify({ online: false, site, sensor }) },
        onMessage: (topic, payload) => this.#message(topic, payload),
        connectTimeoutMs: this.#o.connectTimeoutMs ?? 10_000,
        signal: this.#stop.signal,
      });
    } catch (error) {
      // Some brokers of 3.1.1 just hang up on version 5, or never answer: until one version has worked, try both.
      const silent = !['version', 'credentials', 'tls', 'unreachable'].includes(explain(error, this.#broker).trouble);
      const timeout = /connack timeout/i.test((error as Error).message);
      if (this.#connections === 0 && (silent || timeout)) this.#version = this.#version === 5 ? 4 : 5;
      return error as Error;
    }
    if (this.#stop.signal.aborted) {
      await link.end();
      return new Error('stopped');
    }
    try {
      const wanted = [topics.ack(site, sensor), ...(this.#desk ? [topics.control(site, 'model')] : [])];
      this.#refusedTopics = await link.subscribe(wanted);
    } catch (error) {
      return error as Error;
    }
    this.#connections++;
    this.#link = link;
    this.#trouble = null;
    if (this.#refusedTopics.length > 0) this.#became('acl', 'warn', this.health()[0]!);
    else
      this.#became('online', 'info', `connected to ${this.#broker} with MQTT ${this.#version === 5 ? '5' : '3.1.1'}`);
    this.#tellStatus(link);
    this.#statusTimer = setInterval(() => this.#tellStatus(link), this.#o.statusIntervalMs ?? 30_000);
    this.#sender.attach(link);
    const since = performance.now();
    const error = await link.closed;
    // A broker that takes a connection and drops it at once is not asked again at once.
    if (performance.now() - since > 10_000) this.#backoff.reset();
    this.#link = null;
    this.#sender.detach();
    clearInterval(this.#statusTimer);
    return error;
  }

  #message(topic: string, payload: Uint8Array): void {
    if (topic === this.#topic('ack')) {
      try {
        this.#sender.acknowledged(decodeAck(payload));
      } catch {
        this.#sender.counts.refusedAcknowledgements++;
      }
    } else if (this.#desk !== null && topic === topics.control(this.#o.site, 'model')) {
      const before = this.#desk.fault;
      const taken = this.#desk.model(payload);
      const { fault, generation } = this.#desk;
      if (taken) this.#o.log.info({ generation }, 'took a new model from the central');
      else if (fault !== null && fault !== before) this.#o.log.warn({}, fault);
      if (taken || fault !== before) this.statusChanged();
    }
  }

  /** Publishes the status, one at a time: while one is on its way, further changes make one more. */
  #tellStatus(link: Link): void {
    if (this.#statusPending) {
      this.#statusAgain = true;
      return;
    }
    this.#statusPending = true;
    const done = () => {
      this.#statusPending = false;
      if (this.#statusAgain && this.#link === link) {
        this.#statusAgain = false;
        this.#tellStatus(link);
      }
    };
    link.publish(this.#topic('status'), JSON.stringify(this.#status()), true).then(done, done);
  }

  #status(): SensorStatus {
    const status = this.#o.status();
    return { ...status, health: [...(status.health ?? []), ...this.health()] };
  }

  #topic(what: 'ack' | 'status'): string {
    return topics[what](this.#o.site, this.#o.sensor);
  }

  #became(state: string, level: 'info' | 'warn', text: string): void {
    if (state === this.#state) return;
    this.#state = state;
    this.#o.log[level]({ uplink: state }, text);
  }
}

/** Resolves after a while, or at once when the signal says so. */
function pause(ms: number, signal: AbortSignal | null): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal?.addEventListener('abort', done, { once: true });
    if (signal?.aborted) done();
  });
}
