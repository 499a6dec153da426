/** A hash of two numbers into 32 bits: what a flow or a client is like, told by its number and the seed alone. */
export function hash2(a: number, b: number): number {
  let h = Math.imul(a ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(b + 0x7f4a7c15, 0xc2b2ae35);
  h ^= h >>> 15;
  h = Math.imul(h, 0x2c1b3c6d);
  h ^= h >>> 12;
  h = Math.imul(h, 0x297a2d39);
  return (h ^ (h >>> 15)) >>> 0;
}

/** A rank from 0 to n - 1 that falls off as Zipf's law with exponent 1 says; `u` is uniform in [0, 1). */
export function zipf(n: number, u: number): number {
  return Math.min(n - 1, Math.floor(Math.exp(u * Math.log(n + 1))) - 1);
}
