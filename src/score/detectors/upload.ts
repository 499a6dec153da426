import { addressText } from '../../base/address.js';
import type { Finding } from '../../record/finding.js';
import { AssocTable } from '../assoc-table.js';
import type { Context } from '../context.js';
import type { Detector } from '../detector.js';
import { Emission } from '../emission.js';
import { grown, reason } from '../points.js';
import { bytesText, percentText } from '../text.js';
import type { Window } from '../window.js';

/** Less is not worth a line. */
const UPLOAD_BYTES = 5e6;
/** Sent for each byte that came back. */
const RATIO = 3;
/** Sums start again after this long without a flow. */
const PAUSE_US = 12 * 3600e6;

/**
 * An own host that sends much to one peer outside and gets little back. The statistic is volume, with its asymmetry
 * and the peer's share of all that the host sends as conditions.
 *
 * Limits: a backup to the cloud is the same thing; who sends to many peers a little each is not seen.
 */
export class UploadDetector implements Detector {
  readonly name = 'upload';
  readonly #pairs: AssocTable;
  readonly #hosts: AssocTable;
  readonly #emission: Emission;
  readonly #firstUs: Float64Array;
  readonly #lastUs: Float64Array;
  readonly #up: Float64Array;
  readonly #down: Float64Array;
  readonly #hostUp: Float64Array;
  readonly #hostLastUs: Float64Array;

  constructor(memoryBytes: number) {
    this.#pairs = new AssocTable(8, memoryBytes * 0.8, 4 * 8 + 12);
    this.#hosts = new AssocTable(4, memoryBytes * 0.2, 16);
    const n = this.#pairs.capacity;
    this.#emission = new Emission(n);
    this.#firstUs = new Float64Array(n);
    this.#lastUs = new Float64Array(n);
    this.#up = new Float64Array(n);
    this.#down = new Float64Array(n);
    this.#hostUp = new Float64Array(this.#hosts.capacity);
    this.#hostLastUs = new Float64Array(this.#hosts.capacity);
  }

  get evicted(): number {
    return this.#pairs.evicted + this.#hosts.evicted;
  }

  window(window: Window, context: Context, out: Finding[]): void {
    const f = window.flows;
    const pair = new Uint32Array(8);
    const host = new Uint32Array(4);
    const touched = new Set<number>();
    const { addr, origPayload } = f;
    for (let i = 0; i < f.count; i++) {
      const up = origPayload[i]!;
      if (up < 1000 || !context.isHome(addr, i * 8) || !context.isOutside(addr, i * 8 + 4)) continue;
      for (let w = 0; w < 8; w++) pair[w] = addr[i * 8 + w]!;
      for (let w = 0; w < 4; w++) host[w] = pair[w]!;
      const h = this.#hosts.row(host);
      if (this.#hosts.fresh || f.firstUs[i]! - this.#hostLastUs[h]! > PAUSE_US) this.#hostUp[h] = 0;
      this.#hostUp[h]! += up;
      this.#hostLastUs[h] = f.lastUs[i]!;
      const row = this.#pairs.row(pair);
      if (this.#pairs.fresh || f.firstUs[i]! - this.#lastUs[row]! > PAUSE_US) {
        this.#firstUs[row] = f.firstUs[i]!;
        this.#up[row] = this.#down[row] = 0;
        this.#emission.clear(row);
      }
      this.#up[row]! += up;
      this.#down[row]! += f.respPayload[i]!;
      this.#lastUs[row] = f.lastUs[i]!;
      if (this.#up[row]! >= UPLOAD_BYTES) touched.add(row);
    }
    for (const row of touched) this.#tell(row, out);
  }

  #tell(row: number, out: Finding[]): void {
    const up = this.#up[row]!;
    const down = this.#down[row]!;
    if (up < RATIO * down) return;
    const key = this.#pairs.key.subarray(row * 8, row * 8 + 8);
    const h = this.#hosts.find(key.slice(0, 4));
    const share = h < 0 ? 1 : Math.min(1, up / Math.max(up, this.#hostUp[h]!));
    const points = grown(up, UPLOAD_BYTES, 20, 2e9, 65) - (share < 0.5 ? 10 : 0);
    if (!this.#emission.due(row, points, this.#lastUs[row]!)) return;
    const dst = addressText(key, 4);
    const text = `sent ${bytesText(up)} to ${dst} and got ${bytesText(down)} back; ${percentText(share)} of what it sent outside`;
    out.push({
      kind: this.name,
      src: addressText(key, 0),
      dst,
      dstPort: null,
      proto: null,
      domain: null,
      firstUs: this.#firstUs[row]!,
      lastUs: this.#lastUs[row]!,
      reasons: [reason('upload.volume', points, text)],
    });
  }
}
