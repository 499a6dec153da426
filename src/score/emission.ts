const AGAIN_US = 3600e6;

/** When a detector should tell of a row again: when it has clearly more to say, or an hour has passed. */
export class Emission {
  readonly #points: Float32Array;
  readonly #us: Float64Array;

  constructor(rows: number) {
    this.#points = new Float32Array(rows);
    this.#us = new Float64Array(rows);
  }

  clear(row: number): void {
    this.#points[row] = 0;
  }

  due(row: number, points: number, nowUs: number): boolean {
    const held = this.#points[row]!;
    if (held > 0 && points < held + 1 && Math.abs(nowUs - this.#us[row]!) < AGAIN_US) return false;
    this.#points[row] = Math.max(points, held);
    this.#us[row] = nowUs;
    return true;
  }
}
