import { dirname, join } from 'node:path';
import { literal } from './duck.js';
import type { Files, Partition } from './files.js';
import type { Lake } from './lake.js';

/** An hour is merged when nothing came for so long, */
const QUIET_MS = 5 * 60_000;
/** or when it has so many small files. */
const SMALL_FILES_MAX = 32;
/** A file that is no longer small: merging it again would only wear the disk. */
const SMALL_BYTES = 32 * 2 ** 20;
/** Files merged at once, so that one merge is short. */
const MERGE_FILES_MAX = 256;

export interface Compaction {
  partition: Partition;
  files: string[];
}

/** The hour that gains most from merging; null when there is none. */
export function nextCompaction(files: Files, now: number): Compaction | null {
  let best: Compaction | null = null;
  for (const partition of files.partitions.values()) {
    const small = [...partition.files].flatMap(([path, bytes]) => (bytes < SMALL_BYTES ? [path] : []));
    const due = small.length >= SMALL_FILES_MAX || now - partition.changedAt >= QUIET_MS;
    if (small.length < 2 || !due || small.length <= (best?.files.length ?? 0)) continue;
    best = { partition, files: small.sort().slice(0, MERGE_FILES_MAX) };
  }
  return best;
}

/** Writes the rows of several files of one hour into one, and puts it in their place in one commit. */
export async function compact(lake: Lake, { partition, files }: Compaction): Promise<void> {
  await lake.replace(async (staged) => {
    const list = files.map((path) => literal(join(lake.dir, path))).join(', ');
    const select = `SELECT * FROM read_parquet([${list}], hive_partitioning = false, union_by_name = true)`;
    const add = await lake.copy(lake.duck.merge, partition.table, select, staged);
    const folder = dirname(files[0]!);
    const stray = add.find((path) => dirname(path) !== folder);
    if (stray !== undefined) throw new Error(`rows of ${folder} would be filed as ${stray}`);
    return { add, remove: files };
  });
}
