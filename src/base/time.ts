/** ISO 8601 in UTC with microseconds, e.g. `2026-01-02T03:04:05.678901Z`; null for a time that is none. */
export function isoUs(us: number): string | null {
  if (!Number.isFinite(us) || Math.abs(us) > 8.64e18) return null;
  const whole = Math.round(us);
  const ms = Math.floor(whole / 1000);
  return `${new Date(ms).toISOString().slice(0, -1)}${String(whole - ms * 1000).padStart(3, '0')}Z`;
}
