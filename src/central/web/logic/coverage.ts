import type { CoverageView } from '../../api/types.js';
import { compact, percent } from './format.js';

export type CoverageLevel = 'whole' | 'some lost' | 'much lost' | 'unknown' | 'silent';

/** How far a sensor's word can be trusted: 0.1 % lost is noise, 5 % hides things. */
export function coverageLevel(c: CoverageView): CoverageLevel {
  if (c.frames === 0 && c.dropped === 0) return 'silent';
  if (c.coverage === null) return 'unknown';
  if (c.coverage >= 0.999) return 'whole';
  return c.coverage >= 0.95 ? 'some lost' : 'much lost';
}

/** The sentence beside the conclusion. */
export function coverageWords(c: CoverageView): string {
  if (c.frames === 0 && c.dropped === 0) return 'saw no frames';
  if (c.coverage === null) return `saw ${compact(c.frames)} frames; drops unknown`;
  if (c.dropped === 0) return `saw all ${compact(c.frames)} frames`;
  return `saw ${percent(c.coverage)} of frames; ${compact(c.dropped)} dropped`;
}

const WORST: readonly CoverageLevel[] = ['silent', 'much lost', 'some lost', 'unknown', 'whole'];

/** Worst first: the sensors whose silence may hide something come before those that saw everything. */
export function worstFirst(all: readonly CoverageView[]): CoverageView[] {
  const rank = (c: CoverageView) => WORST.indexOf(coverageLevel(c)) + (c.coverage ?? 0) / 2;
  return [...all].sort(
    (a, b) => rank(a) - rank(b) || `${a.site}/${a.sensor}`.localeCompare(`${b.site}/${b.sensor}`, 'en'),
  );
}

/** All sensors together, known ones only: frames kept over frames shown. Null when none knows. */
export function overall(all: readonly CoverageView[]): number | null {
  let kept = 0;
  let dropped = 0;
  for (const c of all) {
    if (c.coverage === null) continue;
    kept += c.frames;
    dropped += c.dropped;
  }
  return kept + dropped === 0 ? null : kept / (kept + dropped);
}
