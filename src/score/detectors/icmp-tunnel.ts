import { addressText } from '../../base/address.js';
import { FIRST_SIZES } from '../../flow/columns.js';
import type { Finding } from '../../record/finding.js';
import { protocolName } from '../../record/names.js';
import { AssocTable } from '../assoc-table.js';
import type { Context } from '../context.js';
import type { Detector } from '../detector.js';
import { Emission } from '../emission.js';
import { isGroup } from '../networks.js';
import { grown, reason } from '../points.js';
import { bytesText, countText } from '../text.js';
import type { Window } from '../window.js';
import { ICMP, ICMP6 } from './traits.js';

/** Payload before anything is said. */
const LEAST_BYTES = 500;
const SIZES_LEAST = 4;

/**
 * Data inside echo messages (`icmp.tunnel`). An honest ping sends the same size again and again and gets the same
 * bytes back (RFC 792: "the data received in the echo message must be returned"); a tunnel has messages of many sizes,
 * or answers of another size than its questions.
 *
 * Limits: sizes are known of the first packets of a flow only; a tunnel that pads to one size is not seen.
 */
export class IcmpTunnelDetector implements Detector {
  readonly name = 'icmp.tunnel';
  readonly #table: AssocTable;
  readonly #emission: Emission;
  readonly #firstUs: Float64Array;
  readonly #lastUs: Float64Array;
  readonly #up: Float64Array;
  readonly #down: Float64Array;
  /** Different payload sizes seen, as bits by size. */
  readonly #sizes: Uint32Array;

  constructor(memoryBytes: number) {
    this.#table = new AssocTable(9, memoryBytes, 4 * 8 + 32 + 12);
    const n = this.#table.capacity;
    this.#emission = new Emission(n);
    this.#firstUs = new Float64Array(n);
    this.#lastUs = new Float64Array(n);
    this.#up = new Float64Array(n);
    this.#down = new Float64Array(n);
    this.#sizes = new Uint32Array(n * 8);
  }

  get evicted(): number {
    return this.#table.evicted;
  }

  window(window: Window, _context: Context, out: Finding[]): void {
    const f = window.flows;
    const key = new Uint32Array(9);
    const touched = new Set<number>();
    for (let i = 0; i < f.count; i++) {
      const proto = f.proto[i]!;
      if (
        !((proto === ICMP && (f.sport[i] === 8 || f.sport[i] === 0)) || (proto === ICMP6 && f.sport[i]! >> 1 === 64))
      ) {
        continue;
      }
      if (isGroup(f.addr, i * 8 + 4)) continue;
      for (let w = 0; w < 8; w++) key[w] = f.addr[i * 8 + w]!;
      key[8] = proto;
      const row = this.#table.row(key);
      if (this.#table.fresh) {
        this.#emission.clear(row);
        this.#firstUs[row] = f.firstUs[i]!;
        this.#up[row] = this.#down[row] = 0;
        this.#sizes.fill(0, row * 8, row * 8 + 8);
      }
      this.#up[row]! += f.origPayload[i]!;
      this.#down[row]! += f.respPayload[i]!;
      this.#lastUs[row] = f.lastUs[i]!;
      for (let j = 0; j < FIRST_SIZES; j++) {
        const size = Math.abs(f.firstSizes[i * FIRST_SIZES + j]!);
        if (size > 0) this.#sizes[row * 8 + ((size >> 5) & 7)]! |= 1 << (size & 31);
      }
      touched.add(row);
    }
    for (const row of touched) this.#tell(row, out);
  }

  #tell(row: number, out: Finding[]): void {
    const key = this.#table.key.subarray(row * 9, row * 9 + 9);
    const up = this.#up[row]!;
    const down = this.#down[row]!;
    if (up + down < LEAST_BYTES) return;
    let sizes = 0;
    for (let w = row * 8; w < row * 8 + 8; w++) for (let b = this.#sizes[w]!; b !== 0; b &= b - 1) sizes++;
    const unlike = Math.abs(up - down) > 0.2 * Math.max(up, down) && Math.min(up, down) > 0;
    if (sizes < SIZES_LEAST && !(unlike && sizes >= 2)) return;
    const points = grown(up + down, LEAST_BYTES, 40, 1e6, 80) + (unlike ? 10 : 0);
    if (!this.#emission.due(row, points, this.#lastUs[row]!)) return;
    const text =
      `echo messages of ${countText(sizes, 'different size')} carried ${bytesText(up)} there and ${bytesText(down)} back; ` +
      'an honest ping repeats one size and gets it back';
    out.push({
      kind: this.name,
      src: addressText(key, 0),
      dst: addressText(key, 4),
      dstPort: null,
      proto: protocolName(key[8]!),
      domain: null,
      firstUs: this.#firstUs[row]!,
      lastUs: this.#lastUs[row]!,
      reasons: [reason('icmp.tunnel.sizes', points, text)],
    });
  }
}
