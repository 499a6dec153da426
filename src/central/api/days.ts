import type { Lake } from '../lake/lake.js';

/** The day that was asked for, or the newest that has data; null when there is none. */
export function dayOrNewest(lake: Lake, day: string | undefined): string | null {
  return day ?? lake.files.days()[0] ?? null;
}

/** First millisecond of a UTC day. */
export const dayStart = (day: string): number => Date.parse(`${day}T00:00:00Z`);
export const DAY_MS = 86_400_000;
