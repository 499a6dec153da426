/**
 * What share of some weighed values lies at or below a value: an empirical distribution function in a few hundred
 * points, for p-values that mean the same whatever the scale of the values.
 */
export interface TailCurve {
  /** Ascending, above 0. */
  readonly probability: number[];
  /** Not descending, in (0, 1]. */
  readonly share: number[];
}

/** Neighbouring points differ by this factor in share at most, where the data allow it. */
const STEP = 1.06;
/** Points of a curve at most: STEP^POINTS_MAX is far beyond any count of records. */
export const TAIL_POINTS_MAX = 1024;
/** No share is below this, so that it stays apart from 0 in a Float32 and in base-10 logarithms. */
export const TAIL_LEAST = 1e-12;

/**
 * The curve of `value` weighed by `weight`. A share is (weight at or below + 1) / (all weight + 1), the usual
 * p-value correction (Davison and Hinkley 1997, §4.2): ten records can never call something one in a thousand.
 */
export function tailCurve(value: Float64Array, weight: Float64Array): TailCurve {
  const order = Uint32Array.from(value.keys()).sort((a, b) => value[a]! - value[b]! || a - b);
  let all = 0;
  for (const i of order) all += weight[i]!;
  const probability: number[] = [];
  const share: number[] = [];
  let below = 0;
  let last = 0;
  for (let n = 0; n < order.length; n++) {
    const v = value[order[n]!]!;
    below += weight[order[n]!]!;
    if (n + 1 < order.length && value[order[n + 1]!] === v) continue;
    const s = Math.min(1, (below + 1) / (all + 1));
    if (s < last * STEP && n + 1 < order.length) continue;
    probability.push(v);
    share.push(s);
    last = s;
  }
  return { probability, share };
}

/**
 * Reads a curve: between points straight in logarithms of both, below the first point in proportion to the value,
 * so that it is never 0 and a smaller value never has a larger share.
 */
export class Tail {
  readonly #value: Float64Array;
  readonly #logValue: Float64Array;
  readonly #logShare: Float64Array;

  /** The curve must have been checked (see checkTailCurve). */
  constructor(curve: TailCurve) {
    this.#value = Float64Array.from(curve.probability);
    this.#logValue = this.#value.map(Math.log);
    this.#logShare = Float64Array.from(curve.share, Math.log);
  }

  share(value: number): number {
    const v = this.#value;
    const n = v.length;
    if (n === 0 || Number.isNaN(value)) return 1;
    if (value >= v[n - 1]!) return Math.exp(this.#logShare[n - 1]!);
    if (value <= v[0]!) return Math.max(TAIL_LEAST, Math.exp(this.#logShare[0]!) * (Math.max(value, 0) / v[0]!));
    let low = 0;
    let high = n - 1;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (v[middle]! <= value) low = middle;
      else high = middle;
    }
    const x0 = this.#logValue[low]!;
    const part = (Math.log(value) - x0) / (this.#logValue[high]! - x0);
    return Math.exp(this.#logShare[low]! + part * (this.#logShare[high]! - this.#logShare[low]!));
  }
}

/** What is wrong with a curve that came from elsewhere, or null. */
export function checkTailCurve(curve: TailCurve): string | null {
  const { probability, share } = curve;
  if (!Array.isArray(probability) || !Array.isArray(share)) return 'the tail is not two lists';
  if (probability.length !== share.length) return 'the two lists of the tail differ in length';
  if (probability.length > TAIL_POINTS_MAX) return `the tail has more than ${TAIL_POINTS_MAX} points`;
  for (let i = 0; i < probability.length; i++) {
    const p = probability[i];
    const s = share[i];
    if (typeof p !== 'number' || !Number.isFinite(p) || p <= 0) return 'a probability of the tail is not above 0';
    if (typeof s !== 'number' || !(s > 0 && s <= 1)) return 'a share of the tail is not in (0, 1]';
    if (i > 0 && !(p > probability[i - 1]!)) return 'the probabilities of the tail do not ascend';
    if (i > 0 && !(s >= share[i - 1]!)) return 'the shares of the tail descend';
  }
  return null;
}
