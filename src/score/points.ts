import type { Reason } from '../record/finding.js';

/**
 * The scale of points, the same for every detector, so that lines can be ranked against each other:
 *
 *   60-95   firm: hardly anything honest does this (a scan of a hundred hosts, a tunnel that moved kilobytes)
 *   35-60   likely: worth a look today
 *   10-30   hint: strange, alone not worth a look; hints of several kinds about one thing add up
 *   -20-10  context: what is known of the peers (own or foreign, how common)
 *
 * The score of a line is the sum of its reasons, each shown with its number, and never more than that.
 */
export const POINTS_FIRM = 60;

/**
 * Points that grow with the logarithm of the evidence: `from` at `low`, `to` at `high`, straight between the two in
 * log(evidence), and flat beyond `high`. Below `low` it is `from` too; ask first whether there is enough to tell.
 */
export function grown(evidence: number, low: number, from: number, high: number, to: number): number {
  const part = Math.log(Math.max(evidence, low) / low) / Math.log(high / low);
  return from + Math.min(1, part) * (to - from);
}

/** A reason with its points rounded to a tenth, so that equal evidence gives equal text. */
export function reason(name: string, points: number, text: string): Reason {
  return { name, points: Math.round(points * 10) / 10, text };
}
