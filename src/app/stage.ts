import type { Packet } from '../decode/packet.js';
import { BufferPool, WINDOW_BYTES } from '../decode/stream-buffer.js';
import type { AppTable } from './columns.js';
import { Connections } from './connections.js';
import { Dialogs } from './dialogs.js';
import { HttpReader } from './http.js';
import { isQuic, QuicReader } from './quic.js';
import { Streams } from './streams.js';
import { APP_COUNTS, AppCount, tallyOf } from './tally.js';
import { TlsReader } from './tls.js';
import { BYTES_RESERVE, ROWS_RESERVE, Writer } from './writer.js';

export interface AppStageOptions {
  /** For connections, for what waits to be put together, and for what rows will be made of. At least 512 KiB. */
  memoryBytes: number;
  /** Most rows, and bytes, of each of the two sheets of a table. */
  rowsMax?: number;
  bytesMax?: number;
  /** Secret per sensor; changes nothing in what is reported. */
  seed: number;
}

const TCP = 6;
const UDP = 17;
/** What one parser takes, without what it holds. */
const DIALOG_BYTES = 1024;
const SWEEP_US = 5_000_000;

/** Whether a packet is for this stage: TCP, or UDP with a long header of QUIC. */
export function isApp(p: Packet, view: DataView): boolean {
  if (p.proto === TCP) return true;
  return p.proto === UDP && isQuic(view, p.payloadStart, p.payloadEnd);
}

/**
 * Packets to TLS handshakes (over TCP and QUIC) and HTTP/1 exchanges, recognised by what they say on any port.
 *
 * What is in a row depends on the packets' own times and order alone, never on when somebody called advance(), so live,
 * replay and N shards agree; only memory that runs out can make a difference, and that is counted. Memory is fixed by
 * the options. Heap is used for handshakes and heads, not for any other packet.
 */
export class AppStage {
  readonly #counts = new Float64Array(APP_COUNTS.length);
  readonly #writer: Writer;
  readonly #dialogs: Dialogs;
  readonly #streams: Streams;
  readonly #quic: QuicReader;
  #sweptUs = Number.NEGATIVE_INFINITY;

  constructor(options: AppStageOptions) {
    const memory = Math.max(512 << 10, options.memoryBytes);
    const rowsMax = Math.max(4 * ROWS_RESERVE, Math.floor(options.rowsMax ?? 65_536));
    const bytesMax = Math.max(4 * BYTES_RESERVE, Math.floor(options.bytesMax ?? 16 << 20));
    // Shares: connections 0.2, parsers 0.1, buffers 0.3, what parsers hold over TCP 0.25 and over QUIC 0.1; 0.05 spare.
    const connections = new Connections(memory * 0.2, options.seed);
    const dialogs = Math.max(16, Math.floor((memory * 0.1) / DIALOG_BYTES));
    const pool = new BufferPool(Math.max(4 * WINDOW_BYTES, memory * 0.3));
    this.#writer = new Writer(connections, this.#counts, rowsMax, bytesMax);
    const http = new HttpReader(this.#counts, this.#writer);
    const tls = new TlsReader(this.#counts, pool);
    const held = memory * 0.25;
    this.#dialogs = new Dialogs(connections, this.#counts, pool, this.#writer, http, dialogs, held);
    this.#streams = new Streams(connections, this.#counts, pool, this.#dialogs, tls, http);
    this.#quic = new QuicReader(connections, this.#counts, pool, this.#writer, dialogs >> 1, memory * 0.1);
    connections.onEvict = (slot) => {
      this.#counts[AppCount['app.evicted_connections']]!++;
      this.#dialogs.end(slot);
      this.#quic.end(slot);
    };
  }

  /** Accounts for one packet for which isApp() holds. `view` and `bytes` are the same memory, offset for offset. */
  add(p: Packet, view: DataView, bytes: Uint8Array): void {
    if (p.proto === TCP) this.#streams.add(p, bytes);
    else this.#quic.add(p, view, bytes);
  }

  /** Time has come this far: what has been silent for long becomes rows. */
  advance(nowUs: number): void {
    if (Math.abs(nowUs - this.#sweptUs) < SWEEP_US) return;
    this.#sweptUs = nowUs;
    this.#dialogs.sweep(nowUs, SWEEP_US);
    this.#quic.sweep(nowUs, SWEEP_US);
  }

  /** The capture has ended: whatever waits becomes rows. False when the table was full first: take() and repeat. */
  flush(): boolean {
    return this.#dialogs.flush() && this.#quic.flush();
  }

  /** True when a packet more might not find room for its rows: take() now, or they are dropped and counted. */
  get full(): boolean {
    return !this.#writer.roomy;
  }

  /** Running totals under the ledger's keys; see tally.ts. */
  get tally(): Record<string, number> {
    return tallyOf(this.#counts);
  }

  /** The finished rows, in no particular order (see mergeApp in sheet.ts). */
  take(): AppTable {
    return this.#writer.take();
  }
}
