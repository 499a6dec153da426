/**
 * Tail probabilities travel in hundredths of a decade: q = -100 log10 p, so that a step is 2.3 % of the value at any
 * size, and what is common costs one byte or two. From ZERO on it means 0, which is also what is below 10^-38: there
 * a Float32 has not all its digits any more.
 */
const ZERO = 5000;
const LEAST = 3800;
const PROBABILITY = new Float32Array(ZERO + 1);
for (let q = 0; q < ZERO; q++) PROBABILITY[q] = 10 ** (-q / 100);

/** What is not a probability (a row that nobody scored) counts as 1: ordinary. */
export function quantisedScore(p: number): number {
  if (!(p < 1)) return 0;
  if (p <= 0) return ZERO;
  const q = Math.round(-100 * Math.log10(p));
  return q > LEAST ? ZERO : q;
}

export function scoreOf(quantised: number): number {
  return PROBABILITY[Math.min(quantised, ZERO)]!;
}
