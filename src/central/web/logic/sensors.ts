import type { SensorView } from '../../api/types.js';
import { coverageLevel } from './coverage.js';

/** True when an engineer should look: it is away, it says so itself, or something was lost. */
export function troubled(s: SensorView): boolean {
  const lost = s.missing > 0 || (s.spool !== null && s.spool.droppedBatches + s.spool.corrupt > 0);
  return !s.online || lost || s.health.length > 0 || ['much lost', 'silent'].includes(coverageLevel(s.coverage));
}

/** Trouble first, then by name; a copy. */
export function order(sensors: readonly SensorView[]): SensorView[] {
  const rank = (s: SensorView) => (s.online ? (troubled(s) ? 1 : 2) : 0);
  return [...sensors].sort(
    (a, b) =>
      rank(a) - rank(b) || `${a.site}/${a.sensor}`.localeCompare(`${b.site}/${b.sensor}`, 'en', { numeric: true }),
  );
}
