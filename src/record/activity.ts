/** Hours of the day; the profile is circular, so 23 and 0 are neighbours. */
export const HOURS = 24;
/** Hours of pseudo-evidence that a host is no different from its own average. */
const DOUBT = 3;

/**
 * How much more or less a host is active in each hour of the day (UTC) than its own average: observed over expected
 * hours of activity, both smoothed over neighbouring hours (weights 1/4, 1/2, 1/4) and drawn towards 1 by DOUBT. Only
 * hours in which anything at all was observed count, so that a sensor that slept through the night does not call
 * the night strange; and an hour counts once however busy it was, so that a burst is not a habit.
 *
 * Returns hosts.length * 24 factors in the order of `hosts`. `names` are the hosts that `active.host` numbers.
 */
export function activityFactors(
  hosts: readonly string[],
  names: readonly string[],
  active: { host: Uint32Array; hour: Int32Array },
): Float32Array {
  const place = new Map(hosts.map((name, i) => [name, i]));
  const observed = new Float64Array(hosts.length * HOURS);
  const total = new Float64Array(hosts.length);
  const exposure = new Float64Array(HOURS);
  const seenHours = new Set<number>();
  const seen = new Set<number>();
  for (let i = 0; i < active.host.length; i++) {
    const absolute = active.hour[i]!;
    const hour = ((absolute % HOURS) + HOURS) % HOURS;
    if (!seenHours.has(absolute)) {
      seenHours.add(absolute);
      exposure[hour]!++;
    }
    const host = place.get(names[active.host[i]!]!);
    if (host === undefined) continue;
    const key = host * 2 ** 32 + (absolute >>> 0);
    if (seen.has(key)) continue;
    seen.add(key);
    observed[host * HOURS + hour]!++;
    total[host]!++;
  }
  const smooth = (a: Float64Array, at: number, h: number) =>
    a[at + h]! / 2 + a[at + ((h + 1) % HOURS)]! / 4 + a[at + ((h + HOURS - 1) % HOURS)]! / 4;
  const out = new Float32Array(hosts.length * HOURS).fill(1);
  const all = seenHours.size;
  for (let d = 0; d < hosts.length && all > 0; d++) {
    for (let h = 0; h < HOURS; h++) {
      const expected = (total[d]! * smooth(exposure, 0, h)) / all;
      out[d * HOURS + h] = (smooth(observed, d * HOURS, h) + DOUBT) / (expected + DOUBT);
    }
  }
  return out;
}
