import type { BufferPool } from '../decode/stream-buffer.js';
import { type Connections, IDLE_US, State } from './connections.js';
import { Dialog, DialogKind, type Side } from './dialog.js';
import type { HttpReader } from './http.js';
import { AppCount } from './tally.js';
import type { Writer } from './writer.js';

/** A fixed number of parsers for TCP connections, and what they hold in all. The oldest gives way to a new one. */
export class Dialogs {
  /** Directions that wait for a hole to be filled. */
  holes = 0;
  readonly #dialogs: Dialog[];
  readonly #connections: Connections;
  readonly #counts: Float64Array;
  readonly #pool: BufferPool;
  readonly #writer: Writer;
  readonly #http: HttpReader;
  readonly #heldMax: number;
  readonly #free: number[] = [];
  #held = 0;
  /** Those in use, by when they began. */
  #oldest = -1;
  #newest = -1;

  constructor(
    connections: Connections,
    counts: Float64Array,
    pool: BufferPool,
    writer: Writer,
    http: HttpReader,
    dialogs: number,
    heldMax: number,
  ) {
    this.#connections = connections;
    this.#counts = counts;
    this.#pool = pool;
    this.#writer = writer;
    this.#http = http;
    this.#heldMax = heldMax;
    this.#dialogs = Array.from({ length: dialogs }, () => new Dialog());
    for (let i = dialogs - 1; i >= 0; i--) this.#free.push(i);
  }

  /** The parser of a connection that is read. */
  of(slot: number): Dialog {
    return this.#dialogs[this.#connections.dialog[slot]!]!;
  }

  open(slot: number, vlan: number): Dialog {
    if (this.#free.length === 0) this.#evictOldest();
    const index = this.#free.pop()!;
    const d = this.#dialogs[index]!;
    d.slot = slot;
    d.vlan = vlan;
    d.older = this.#newest;
    d.newer = -1;
    if (this.#newest >= 0) this.#dialogs[this.#newest]!.newer = index;
    else this.#oldest = index;
    this.#newest = index;
    this.#connections.state[slot] = State.read;
    this.#connections.dialog[slot] = index;
    this.#connections.passing[slot * 2] = this.#connections.passing[slot * 2 + 1] = 0;
    return d;
  }

  /** Writes what a dialog knows, gives back what it holds and leaves its connection in `state`. */
  close(d: Dialog, state: number): void {
    if (d.kind === DialogKind.http) this.#http.finish(d);
    else if (d.kind === DialogKind.tls && d.handshake.client >= 0) this.#writer.tls(d.slot, d.vlan, d.handshake, 0);
    this.#held -= d.counted;
    for (const side of d.sides) {
      if (side.buffer !== null) this.giveBack(side);
      if (side.messages !== null) this.#pool.give(side.messages);
      side.messages = null;
    }
    const index = this.#connections.dialog[d.slot]!;
    this.#connections.state[d.slot] = state;
    this.#connections.dialog[d.slot] = -1;
    if (d.older >= 0) this.#dialogs[d.older]!.newer = d.newer;
    else this.#oldest = d.newer;
    if (d.newer >= 0) this.#dialogs[d.newer]!.older = d.older;
    else this.#newest = d.older;
    d.reset();
    this.#free.push(index);
  }

  /** Ends what is read of a connection, if anything is; its slot may then be used for another. */
  end(slot: number): void {
    if (this.#connections.state[slot] === State.read && this.#connections.dialog[slot]! >= 0)
      this.close(this.of(slot), State.done);
  }

  /** After bytes of a dialog were read: is there memory for what they left? */
  settle(d: Dialog): void {
    if (d.slot < 0) return;
    this.#held += d.held - d.counted;
    d.counted = d.held;
    while (this.#held > this.#heldMax && this.#oldest >= 0) this.#evictOldest();
  }

  /** Ends the connections that have been silent for too long. */
  sweep(nowUs: number, slackUs: number): void {
    for (let index = this.#oldest; index >= 0 && this.#writer.roomy; ) {
      const d = this.#dialogs[index]!;
      index = d.newer;
      if (Math.abs(nowUs - this.#connections.lastUs[d.slot]!) > IDLE_US + slackUs) this.close(d, State.free);
    }
  }

  /** Ends every connection; false when the table was full first. */
  flush(): boolean {
    while (this.#oldest >= 0 && this.#writer.roomy) this.close(this.#dialogs[this.#oldest]!, State.free);
    return this.#oldest < 0;
  }

  giveBack(side: Side): void {
    if (side.buffer!.holes > 0) this.holes--;
    this.#pool.give(side.buffer!);
    side.buffer = null;
  }

  #evictOldest(): void {
    this.#counts[AppCount['app.evicted_dialogs']]!++;
    this.close(this.#dialogs[this.#oldest]!, State.free);
  }
}
