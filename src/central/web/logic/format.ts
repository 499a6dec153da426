/** Numbers as people read them. All give an en dash for what is not known, so that unknown never looks like zero. */
export const UNKNOWN = '–';

const whole = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });
const known = (n: number | null | undefined): n is number => typeof n === 'number' && Number.isFinite(n);

/** 1234567 → `1,234,567`. */
export function count(n: number | null | undefined): string {
  return known(n) ? whole.format(n) : UNKNOWN;
}

const COUNT_UNITS = ['', ' k', ' M', ' G', ' T', ' P'];
const BYTE_UNITS = [' B', ' kB', ' MB', ' GB', ' TB', ' PB'];

function scaled(n: number, units: readonly string[]): string {
  let value = Math.abs(n);
  let unit = 0;
  // 999.5 would be written 1000 at three digits, so it already belongs to the next unit.
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  const digits = unit === 0 || value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
  return `${n < 0 ? '−' : ''}${value.toFixed(digits)}${units[unit]!}`;
}

/** Three digits and a unit: 1234567 → `1.23 M`. */
export function compact(n: number | null | undefined): string {
  return known(n) ? scaled(n, COUNT_UNITS) : UNKNOWN;
}

/** SI bytes (1 kB = 1000 B): 1234567 → `1.23 MB`. */
export function bytes(n: number | null | undefined): string {
  return known(n) ? scaled(n, BYTE_UNITS) : UNKNOWN;
}

/** A score or points: one decimal, and a real minus; what no honest score reaches is cut short. */
export function points(n: number | null | undefined): string {
  if (!known(n)) return UNKNOWN;
  if (Math.abs(n) >= 99_999) return scaled(n, COUNT_UNITS);
  const text = Math.abs(n).toFixed(1);
  return n < 0 && text !== '0.0' ? `−${text}` : text;
}

/** 0.972 → `97.2 %`. What is not whole is never rounded to 100 %, what is not nothing never to 0 %. */
export function percent(share: number | null | undefined): string {
  if (!known(share)) return UNKNOWN;
  const p = share * 100;
  if (p > 0 && p < 0.05) return '< 0.1 %';
  if (p < 100 && p >= 99.95) return p >= 99.995 ? '> 99.99 %' : `${p.toFixed(2)} %`;
  return p === 0 || p === 100 ? `${p} %` : `${p.toFixed(p >= 99 ? 2 : 1)} %`;
}

/** A tail probability as odds: 0.00008 → `1 in 12.5 k`. Larger than a half is nothing strange. */
export function odds(p: number | null | undefined): string {
  if (!known(p) || p < 0) return UNKNOWN;
  if (p > 0.5) return 'usual';
  return p === 0 ? 'never seen' : `1 in ${compact(1 / p)}`;
}

/** `1 line`, `2 lines`. */
export function plural(n: number, one: string, many = `${one}s`): string {
  return `${count(n)} ${n === 1 ? one : many}`;
}
