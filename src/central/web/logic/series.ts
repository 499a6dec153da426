import type { EntityView } from '../../api/types.js';

/** Columns of an entity's day as the chart takes them: seconds, then one array a series, null where nobody reported. */
export type Activity = EntityView['activity'];
export type Column = (number | null)[];

/** The steps' times in seconds since the epoch. */
export function stepTimes(activity: Activity): number[] {
  const steps = Math.max(activity.flows.length, activity.bytesOut.length, activity.bytesIn.length, activity.dns.length);
  return Array.from({ length: steps }, (_, i) => (activity.from + i * activity.stepMs) / 1000);
}

/** A column as long as the times, where what is not a number is a gap. */
export function column(values: readonly (number | null)[], length: number): Column {
  return Array.from({ length }, (_, i) => {
    const v = values[i];
    return typeof v === 'number' && Number.isFinite(v) ? v : null;
  });
}

export interface Summary {
  readonly sum: number;
  readonly peak: number | null;
  /** Index of the first peak. */
  readonly peakAt: number;
  /** Runs of steps in which no sensor reported. */
  readonly gaps: { from: number; to: number }[];
}

/** What a reader who cannot see the chart is told of it. */
export function summarise(values: readonly (number | null)[]): Summary {
  let sum = 0;
  let peak: number | null = null;
  let peakAt = -1;
  const gaps: { from: number; to: number }[] = [];
  for (let i = 0; i < values.length; i++) {
    const v = values[i];
    if (v === null || v === undefined) {
      const last = gaps.at(-1);
      if (last !== undefined && last.to === i) last.to = i + 1;
      else gaps.push({ from: i, to: i + 1 });
      continue;
    }
    sum += v;
    if (peak === null || v > peak) {
      peak = v;
      peakAt = i;
    }
  }
  return { sum, peak, peakAt, gaps };
}

/** The indexes of the steps that a stretch of time touches: from the first to before the last. */
export function touched(
  activity: Activity,
  steps: number,
  span: { from: number; to: number } | null,
): [number, number] {
  if (span === null) return [0, steps];
  const clamp = (i: number) => Math.min(steps, Math.max(0, i));
  const from = clamp(Math.floor((span.from - activity.from) / activity.stepMs));
  return [from, Math.max(from, clamp(Math.ceil((span.to - activity.from) / activity.stepMs)))];
}
