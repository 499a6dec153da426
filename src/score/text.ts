/** Numbers as people read them in reasons. Whole and rounded: the exact ones are in the record. */

export function countText(n: number, noun: string, plural = `${noun}s`): string {
  return `${numberText(n)} ${Math.round(n) === 1 ? noun : plural}`;
}

export function numberText(n: number): string {
  return Math.round(n)
    .toString()
    .replace(/\B(?=(\d{3})+$)/g, ',');
}

export function bytesText(n: number): string {
  if (n < 1000) return `${Math.round(n)} B`;
  const units = ['kB', 'MB', 'GB', 'TB', 'PB'];
  let i = -1;
  do {
    n /= 1000;
    i++;
  } while (n >= 999.5 && i + 1 < units.length);
  return `${n < 10 ? n.toFixed(1) : Math.round(n)} ${units[i]}`;
}

/** A span of microseconds. */
export function spanText(us: number): string {
  const s = Math.max(0, us / 1e6);
  if (s < 1) return s < 0.001 ? 'less than 1 ms' : `${Math.round(s * 1000)} ms`;
  if (s < 10) return `${Number(s.toFixed(1))} s`;
  if (s < 120) return `${Math.round(s)} s`;
  if (s < 7200) return `${Math.round(s / 60)} min`;
  if (s < 172_800) return `${Number((s / 3600).toFixed(1))} h`;
  return `${Number((s / 86_400).toFixed(1))} days`;
}

export function percentText(share: number): string {
  return `${Math.round(share * 100)} %`;
}
