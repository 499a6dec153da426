import type { Lake } from '../lake/lake.js';
import type { CoverageView } from './types.js';

interface Row {
  site: string;
  sensor: string;
  frames: number;
  dropped: number | null;
}

/** What each sensor kept of what it was shown on a day, by the books it sent. */
export async function coverageOf(lake: Lake, day: string): Promise<CoverageView[]> {
  const rows = await lake.query<Row>((from) => {
    const ledger = from('ledger', [day]);
    return ledger === null
      ? null
      : `SELECT site, sensor, coalesce(sum(value) FILTER (name = 'capture.frames'), 0) AS frames,
           sum(value) FILTER (starts_with(name, 'capture.dropped')) AS dropped
         FROM ${ledger} GROUP BY site, sensor ORDER BY site, sensor`;
  });
  return rows.map(({ site, sensor, frames, dropped }) => {
    const shown = frames + (dropped ?? 0);
    // Without a count of drops nobody can say; without a frame there is nothing to say it of.
    const coverage = dropped === null || shown === 0 ? null : 1 - dropped / shown;
    return { site, sensor, frames, dropped: dropped ?? 0, coverage };
  });
}
