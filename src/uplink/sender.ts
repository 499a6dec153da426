import type { Ack } from '../record/ack.js';
import { stampEnvelope } from '../record/envelope.js';
import { topics } from '../record/topics.js';
import type { Spool } from '../spool/spool.js';
import { Backoff } from './backoff.js';
import type { Link } from './link.js';

/** Envelopes, and their bytes, that may be on their way to the central. */
export const WINDOW = 64;
const WINDOW_BYTES = 8 * 2 ** 20;
/** Bytes an MQTT PUBLISH adds to its payload at most: headers, topic, packet identifier. */
const PACKET_OVERHEAD = 512;

export interface SenderOptions {
  site: string;
  sensor: string;
  spool: Spool;
  /** Without an acknowledgement for so long, the oldest envelope is sent again. */
  ackTimeoutMs: number;
}

/**
 * Sends what the spool holds, in order, at most a window ahead of what the central has acknowledged. A PUBACK only
 * says that the broker has it in its memory, so it opens nothing and trims nothing.
 *
 * When no acknowledgement comes, the sender goes back to the oldest envelope and asks with that one alone, ever more
 * seldom, so that a central that is away for a day does not cost the line a day of repeats.
 */
export class Sender {
  readonly counts = { sent: 0, repeated: 0, bytes: 0, acknowledgements: 0, refusedAcknowledgements: 0, timeouts: 0 };
  /** What keeps the oldest envelope from being sent at all, for the operator; null when nothing does. */
  obstacle: string | null = null;
  readonly #o: SenderOptions;
  readonly #backoff: Backoff;
  #link: Link | null = null;
  #flying: { sequence: number; bytes: number }[] = [];
  #flyingBytes = 0;
  #unconfirmed = 0;
  #cursor = 0;
  #highest = 0;
  #window = WINDOW;
  #pumping = false;
  #again = false;
  #timer: NodeJS.Timeout | null = null;

  constructor(options: SenderOptions) {
    this.#o = options;
    this.#backoff = new Backoff(options.ackTimeoutMs, 10 * options.ackTimeoutMs);
    options.spool.onAppend = () => this.#kick();
  }

  /** Begins again behind what is acknowledged, over a new connection. */
  attach(link: Link): void {
    this.#link = link;
    this.#unconfirmed = 0;
    this.#backoff.reset();
    this.#rewind(WINDOW);
    this.#kick();
  }

  detach(): void {
    this.#link = null;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  /** Envelopes sent that the central has not acknowledged. */
  get inFlight(): number {
    return this.#flying.length;
  }

  /** Whether an acknowledgement is overdue. */
  get timedOut(): boolean {
    return this.#window < WINDOW;
  }

  /** Whether the central has everything. */
  get drained(): boolean {
    return this.#o.spool.oldest === this.#o.spool.next;
  }

  acknowledged(ack: Ack): void {
    const { spool } = this.#o;
    const before = spool.acknowledged;
    if (!spool.acknowledge(ack.epoch, ack.sequence)) {
      this.counts.refusedAcknowledgements++;
      return;
    }
    if (spool.acknowledged === before) return;
    this.counts.acknowledgements++;
    while (this.#flying.length > 0 && this.#flying[0]!.sequence <= ack.sequence) {
      this.#flyingBytes -= this.#flying.shift()!.bytes;
    }
    this.#cursor = Math.max(this.#cursor, ack.sequence);
    this.#window = WINDOW;
    this.#backoff.reset();
    this.#watch();
    this.#kick();
  }

  #rewind(window: number): void {
    this.#flying = [];
    this.#flyingBytes = 0;
    this.#cursor = this.#o.spool.acknowledged;
    this.#window = window;
    this.#watch();
  }

  /** Starts the clock anew for what is on its way. */
  #watch(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    if (this.#flying.length > 0 && this.#link !== null) {
      this.#timer = setTimeout(() => this.#timeout(), this.#backoff.next());
    }
  }

  #timeout(): void {
    this.#timer = null;
    this.counts.timeouts++;
    // A broker that does not even confirm is not there any more, whatever the socket says.
    if (this.#unconfirmed > 0) {
      void this.#link?.end(true);
      return;
    }
    this.#rewind(1);
    this.#kick();
  }

  #kick(): void {
    this.#again = true;
    if (this.#pumping || this.#link === null) return;
    this.#pumping = true;
    void this.#pump().finally(() => {
      this.#pumping = false;
      if (this.#again && this.#link !== null) this.#kick();
    });
  }

  async #pump(): Promise<void> {
    this.#again = false;
    for (;;) {
      const link = this.#link;
      if (link === null || !link.open || this.#flying.length >= this.#window) return;
      if (this.#unconfirmed >= Math.min(WINDOW, link.receiveMaximum)) return;
      if (this.#flying.length > 0 && this.#flyingBytes >= WINDOW_BYTES) return;
      const from = this.#cursor;
      let record: Awaited<ReturnType<Spool['read']>>;
      try {
        record = await this.#o.spool.read(from + 1);
      } catch (error) {
        this.obstacle = `the spool cannot be read for now: ${(error as Error).message}`;
        this.#timer ??= setTimeout(() => this.#timeout(), this.#backoff.next());
        return;
      }
      // An acknowledgement, a timeout or another connection may have come while the disk was read.
      if (this.#link !== link || this.#cursor !== from) continue;
      if (record === null) return;
      if (!this.#send(link, record.sequence, record.gap, record.body)) return;
    }
  }

  #send(link: Link, sequence: number, gap: number, body: Uint8Array): boolean {
    const { site, sensor, spool } = this.#o;
    const envelope = stampEnvelope({ site, sensor, epoch: spool.epoch, sequence, gap }, body);
    if (envelope.length + PACKET_OVERHEAD > link.maximumPacketSize) {
      this.obstacle = `the broker takes packets up to ${link.maximumPacketSize} bytes and a batch has ${envelope.length}: raise its limit`;
      return false;
    }
    this.obstacle = null;
    this.#cursor = sequence;
    this.#flying.push({ sequence, bytes: envelope.length });
    this.#flyingBytes += envelope.length;
    this.#unconfirmed++;
    if (sequence > this.#highest) this.counts.sent++;
    else this.counts.repeated++;
    this.#highest = Math.max(this.#highest, sequence);
    this.counts.bytes += envelope.length;
    if (this.#flying.length === 1) this.#watch();
    const confirmed = (error: Error | null) => {
      if (this.#link !== link) return;
      this.#unconfirmed--;
      // MQTT 5 says so when an access list forbids the topic; 3.1.1 brokers swallow the message.
      if (error !== null) this.obstacle = `the broker refuses this sensor's batches: ${error.message}`;
      this.#kick();
    };
    link.publish(topics.batch(site, sensor), envelope).then(
      () => confirmed(null),
      (error: Error) => confirmed(error),
    );
    return true;
  }
}
