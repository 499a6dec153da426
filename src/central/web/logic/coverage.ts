import type { CoverageView } from '../../api/types.js';
import { count, percent } from './format.js';

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
  if (c.coverage === null) return `saw ${count(c.frames)} frames; it cannot know what it dropped`;
  if (c.dropped === 0) return `saw all ${count(c.frames)} frames`;
  return `saw ${percent(c.coverage)} of frames; ${count(c.dropped)} dropped`;
}

/** Worst first: the sensors whose silence may hide something come before those that saw everything. */
export function worstFirst(all: readonly CoverageView[]): CoverageView[] {
  const weight = (c: CoverageView) => (c.frames === 0 && c.dropped === 0 ? -2 : (c.coverage ?? -1));
  return [...all].sort(
    (a, b) => weight(a) - weight(b) || `${a.site}/${a.sensor}`.localeCompare(`${b.site}/${b.sensor}`, 'en'),
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
