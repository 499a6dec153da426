import type { SpoolFs } from './fs.js';
import { nodeFs } from './fs.js';
import { recover } from './recover.js';

export interface SpoolReport {
  /** 0 where the directory holds no spool. */
  epoch: number;
  segments: { name: number; bytes: number; bodies: number; oldest: number | null; newest: number | null }[];
  bodies: number;
  bytes: number;
  next: number;
  acknowledged: number;
  corrupt: number;
  torn: number;
  foreign: number;
}

/** Reads a spool without changing it, whether or not a sensor is using it. A record being written shows as torn. */
export async function fsck(dir: string, fs: SpoolFs = nodeFs): Promise<SpoolReport> {
  const { epoch, next, acknowledged, segments, corrupt, torn, foreign } = await recover(fs, dir, false);
  const rows = segments.map((s) => ({
    name: s.number,
    bytes: s.bytes,
    bodies: s.count,
    oldest: s.count > 0 ? s.oldest : null,
    newest: s.count > 0 ? s.newest : null,
  }));
  return {
    epoch,
    segments: rows,
    bodies: rows.reduce((n, s) => n + s.bodies, 0),
    bytes: rows.reduce((n, s) => n + s.bytes, 0),
    next,
    acknowledged,
    corrupt,
    torn,
    foreign,
  };
}
