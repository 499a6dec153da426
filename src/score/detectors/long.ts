import { addressText } from '../../base/address.js';
import { LeaveReason } from '../../flow/columns.js';
import type { Finding } from '../../record/finding.js';
import { protocolName } from '../../record/names.js';
import { AssocTable } from '../assoc-table.js';
import type { Context } from '../context.js';
import type { Detector } from '../detector.js';
import { Emission } from '../emission.js';
import { isGroup } from '../networks.js';
import { grown, reason } from '../points.js';
import { bytesText, spanText } from '../text.js';
import type { Window } from '../window.js';

/** Shorter connections are everybody's. */
const LONG_US = 3600e6;
/** Pieces of one connection are no further apart than this (flows are cut by the active timeout, or by silence). */
const GAP_US = 300e6;
const PIECE_US = 30e6;

/**
 * Connections that stay open for an hour and more, put together again from the pieces that the active timeout makes
 * of them. A hint: tunnels and remote shells live long, and so do much honest software.
 *
 * Limits: a connection whose pieces are more than five minutes apart is told as several.
 */
export class LongDetector implements Detector {
  readonly name = 'long';
  readonly #table: AssocTable;
  readonly #emission: Emission;
  readonly #firstUs: Float64Array;
  readonly #lastUs: Float64Array;
  readonly #bytes: Float64Array;

  constructor(memoryBytes: number) {
    this.#table = new AssocTable(10, memoryBytes, 3 * 8 + 12);
    const n = this.#table.capacity;
    this.#emission = new Emission(n);
    this.#firstUs = new Float64Array(n);
    this.#lastUs = new Float64Array(n);
    this.#bytes = new Float64Array(n);
  }

  get evicted(): number {
    return this.#table.evicted;
  }

  window(window: Window, _context: Context, out: Finding[]): void {
    const f = window.flows;
    const key = new Uint32Array(10);
    const touched = new Set<number>();
    for (let i = 0; i < f.count; i++) {
      const whole = f.leaveReason[i] !== LeaveReason.active;
      if (f.lastUs[i]! - f.firstUs[i]! < PIECE_US && whole) continue;
      if (f.respPackets[i] === 0 || isGroup(f.addr, i * 8 + 4)) continue;
      for (let w = 0; w < 8; w++) key[w] = f.addr[i * 8 + w]!;
      key[8] = (f.sport[i]! << 16) | f.dport[i]!;
      key[9] = f.proto[i]!;
      const row = this.#table.row(key);
      if (this.#table.fresh || f.firstUs[i]! - this.#lastUs[row]! > GAP_US) {
        this.#emission.clear(row);
        this.#firstUs[row] = f.firstUs[i]!;
        this.#bytes[row] = 0;
      }
      this.#lastUs[row] = f.lastUs[i]!;
      this.#bytes[row]! += f.origBytes[i]! + f.respBytes[i]!;
      if (f.lastUs[i]! - this.#firstUs[row]! >= LONG_US) touched.add(row);
    }
    for (const row of touched) this.#tell(row, out);
  }

  #tell(row: number, out: Finding[]): void {
    const key = this.#table.key.subarray(row * 10, row * 10 + 10);
    const span = this.#lastUs[row]! - this.#firstUs[row]!;
    const points = grown(span, LONG_US, 15, 24 * LONG_US, 35);
    if (!this.#emission.due(row, points, this.#lastUs[row]!)) return;
    const text = `a connection stayed open for ${spanText(span)} and moved ${bytesText(this.#bytes[row]!)}`;
    out.push({
      kind: this.name,
      src: addressText(key, 0),
      dst: addressText(key, 4),
      dstPort: key[8]! & 0xffff,
      proto: protocolName(key[9]!),
      domain: null,
      firstUs: this.#firstUs[row]!,
      lastUs: this.#lastUs[row]!,
      reasons: [reason('long.open', points, text)],
    });
  }
}
