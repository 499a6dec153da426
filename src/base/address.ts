/**
 * Addresses as they travel in columns: four 32-bit words, most significant first; an IPv4 address is written as
 * ::ffff:a.b.c.d (RFC 4291 §2.5.5.2).
 */
export const V4_MAPPED = 0x0000ffff;

export function isV4(a: Uint32Array, at: number): boolean {
  return a[at] === 0 && a[at + 1] === 0 && a[at + 2] === V4_MAPPED;
}

/** The text form (RFC 5952 for IPv6). */
export function addressText(a: Uint32Array, at: number): string {
  if (isV4(a, at)) {
    const w = a[at + 3]!;
    return `${w >>> 24}.${(w >>> 16) & 255}.${(w >>> 8) & 255}.${w & 255}`;
  }
  const groups: number[] = [];
  for (let i = 0; i < 4; i++) groups.push(a[at + i]! >>> 16, a[at + i]! & 0xffff);
  let best = -1;
  let bestLength = 1;
  for (let i = 0; i < 8; i++) {
    let n = 0;
    while (i + n < 8 && groups[i + n] === 0) n++;
    if (n > bestLength) {
      best = i;
      bestLength = n;
    }
  }
  const hex = groups.map((g) => g.toString(16));
  if (best < 0) return hex.join(':');
  return `${hex.slice(0, best).join(':')}::${hex.slice(best + bestLength).join(':')}`;
}

/** Reads an IPv4 or IPv6 text into four words; false when it is neither. */
export function parseAddress(text: string, out: Uint32Array, at: number): boolean {
  const v4 = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text);
  if (v4) {
    const parts = v4.slice(1).map(Number);
    if (parts.some((p) => p > 255)) return false;
    out[at] = out[at + 1] = 0;
    out[at + 2] = V4_MAPPED;
    out[at + 3] = ((parts[0]! << 24) | (parts[1]! << 16) | (parts[2]! << 8) | parts[3]!) >>> 0;
    return true;
  }
  const tail = /^(.*:)(\d{1,3}(?:\.\d{1,3}){3})$/.exec(text);
  if (tail) {
    const four = new Uint32Array(4);
    if (!parseAddress(tail[2]!, four, 0)) return false;
    const w = four[3]!;
    return parseAddress(`${tail[1]}${(w >>> 16).toString(16)}:${(w & 0xffff).toString(16)}`, out, at);
  }
  const halves = text.split('::');
  if (halves.length > 2) return false;
  const left = halves[0] === '' ? [] : halves[0]!.split(':');
  const right = halves.length < 2 || halves[1] === '' ? [] : halves[1]!.split(':');
  const missing = 8 - left.length - right.length;
  if (halves.length === 1 ? missing !== 0 : missing < 1) return false;
  const groups = [...left, ...Array<string>(missing).fill('0'), ...right];
  for (const g of groups) if (!/^[0-9a-fA-F]{1,4}$/.test(g)) return false;
  for (let i = 0; i < 4; i++) {
    out[at + i] = ((Number.parseInt(groups[2 * i]!, 16) << 16) | Number.parseInt(groups[2 * i + 1]!, 16)) >>> 0;
  }
  return true;
}
