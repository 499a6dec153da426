/** Quantities as people write them in configuration: `256MiB`, `90s`, `256kbit/s`. */

const BYTES: Record<string, number> = {
  '': 1,
  b: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  tb: 1e12,
  kib: 2 ** 10,
  mib: 2 ** 20,
  gib: 2 ** 30,
  tib: 2 ** 40,
};
const SECONDS: Record<string, number> = { ms: 1e-3, s: 1, m: 60, min: 60, h: 3600, d: 86_400, w: 604_800 };
const BITS: Record<string, number> = { bit: 1, kbit: 1e3, mbit: 1e6, gbit: 1e9 };

function quantity(text: string, units: Record<string, number>, suffix = ''): number | null {
  const match = /^\s*(\d+(?:\.\d+)?)\s*([a-z]*)(\/s)?\s*$/i.exec(text);
  if (match === null || (match[3] ?? '') !== suffix) return null;
  const factor = units[match[2]!.toLowerCase()];
  return factor === undefined ? null : Number(match[1]) * factor;
}

/** Bytes of `64KiB`, `1GB`, `4096`; null when it is not a size. */
export const parseBytes = (text: string) => quantity(text, BYTES);
/** Seconds of `500ms`, `90s`, `5m`, `12h`, `7d`; null when it is not a span. A unit is required. */
export const parseSeconds = (text: string) => quantity(text, SECONDS);
/** Bits per second of `256kbit/s`, `1Mbit/s`; null when it is not a rate. */
export const parseBitRate = (text: string) => quantity(text, BITS, '/s');

/** `1.5 MiB`, `812 B`. */
export function bytesText(n: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let i = 0;
  while (n >= 1024 && i < units.length - 1) {
    n /= 1024;
    i++;
  }
  return `${i === 0 ? n : n.toFixed(n < 10 ? 1 : 0)} ${units[i]}`;
}

/** `45 s`, `2 m 5 s`, `3 h 10 m`, `2 d 4 h`. */
export function spanText(seconds: number): string {
  if (seconds < 1) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < 60) return `${seconds < 10 ? Math.round(seconds * 10) / 10 : Math.round(seconds)} s`;
  const s = Math.round(seconds);
  const pair = (big: number, a: string, small: number, b: string) => {
    const rest = Math.floor((s % big) / small);
    return `${Math.floor(s / big)} ${a}${rest > 0 ? ` ${rest} ${b}` : ''}`;
  };
  if (s < 3600) return pair(60, 'm', 1, 's');
  if (s < 86_400) return pair(3600, 'h', 60, 'm');
  return pair(86_400, 'd', 3600, 'h');
}
