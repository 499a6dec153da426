import type { Files } from './files.js';

export interface RetentionLimits {
  /** The most that all files may take. */
  bytes: number;
  /** Hours of event time older than so many days go. */
  days?: number | undefined;
}

const DAY_MS = 86_400_000;

/**
 * The files to delete, oldest hour of event time first, all tables alike: those beyond the age, then as many hours as
 * it takes to get within the bytes. The newest hour stays, whatever its size.
 */
export function expired(files: Files, limits: RetentionLimits, now: number): string[] {
  const hours = new Map<string, { paths: string[]; bytes: number }>();
  for (const { day, hour, files: held } of files.partitions.values()) {
    const key = `${day}T${hour}`;
    const all = hours.get(key) ?? { paths: [], bytes: 0 };
    for (const [path, bytes] of held) {
      all.paths.push(path);
      all.bytes += bytes;
    }
    hours.set(key, all);
  }
  const order = [...hours.keys()].sort();
  const oldest = limits.days === undefined ? '' : new Date(now - limits.days * DAY_MS).toISOString().slice(0, 13);
  let bytes = files.bytes;
  const gone: string[] = [];
  for (const key of order.slice(0, -1)) {
    if (key >= oldest && bytes <= limits.bytes) break;
    const { paths, bytes: freed } = hours.get(key)!;
    gone.push(...paths);
    bytes -= freed;
  }
  return gone;
}
