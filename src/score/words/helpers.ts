/**
 * The predecessor's helper functions, to the letter, so that its test vectors hold (Apache Spot, spot-ml,
 * SuspiciousConnectsWordCreation).
 */

/** 0 for 0, else log2 cut to a whole number. */
export function floorLog2(x: number): number {
  return x === 0 ? 0 : Math.trunc(Math.log10(x) / Math.log10(2));
}

/** log2 rounded up; asked for x + 1, so never for 0. */
export function ceilLog2(x: number): number {
  return Math.ceil(Math.log10(x) / Math.log10(2));
}

/** Index of the first cut that x does not exceed. */
export function bin(x: number, cuts: readonly number[]): number {
  for (let i = 0; i < cuts.length; i++) if (x <= cuts[i]!) return i;
  return cuts.length;
}

/** Cuts for the entropy of a text, shared by DNS and proxy; indices 0 to 19, the last for everything above. */
export const ENTROPY_CUTS: readonly number[] = [
  0.0,
  0.3,
  0.6,
  0.9,
  1.2,
  1.5,
  1.8,
  2.1,
  2.4,
  2.7,
  3.0,
  3.3,
  3.6,
  3.9,
  4.2,
  4.5,
  4.8,
  5.1,
  5.4,
  Number.POSITIVE_INFINITY,
];

/** Shannon entropy of the characters of a text, in bits. */
export function entropy(text: string): number {
  const seen = new Map<number, number>();
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    seen.set(c, (seen.get(c) ?? 0) + 1);
  }
  let bits = 0;
  for (const n of seen.values()) bits -= (n / text.length) * Math.log2(n / text.length);
  return bits;
}
