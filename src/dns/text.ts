/** Bytes as the text that zone files and reports use. */

/** `"text"` with `\"`, `\\` and `\DDD` (RFC 1035 §5.1). */
export function quoted(bytes: Uint8Array, from: number, to: number): string {
  let text = '"';
  for (let i = from; i < to; i++) {
    const c = bytes[i]!;
    if (c < 0x20 || c >= 0x7f) text += `\\${String(c).padStart(3, '0')}`;
    else if (c === 0x22 || c === 0x5c) text += `\\${String.fromCharCode(c)}`;
    else text += String.fromCharCode(c);
  }
  return `${text}"`;
}

export function hex(bytes: Uint8Array, from: number, to: number): string {
  let text = '';
  for (let i = from; i < to; i++) text += bytes[i]!.toString(16).padStart(2, '0');
  return text;
}

export function base64(bytes: Uint8Array, from: number, to: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + from, to - from).toString('base64');
}

/** Base 32 with the extended hex alphabet, lower case like the label it stands for, without padding (RFC 4648 §7), as in NSEC3. */
export function base32hex(bytes: Uint8Array, from: number, to: number): string {
  const digits = '0123456789abcdefghijklmnopqrstuv';
  let text = '';
  let bits = 0;
  let value = 0;
  for (let i = from; i < to; i++) {
    value = ((value << 8) | bytes[i]!) & 0xfff;
    for (bits += 8; bits >= 5; bits -= 5) text += digits[(value >>> (bits - 5)) & 31];
  }
  return bits > 0 ? text + digits[(value << (5 - bits)) & 31] : text;
}

/** Seconds since the epoch as YYYYMMDDHHmmSS (RFC 4034 §3.2). */
export function signatureTime(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace(/[-:T]|\.\d+Z/g, '');
}

/** What RFC 3597 §5 makes of data nobody understands: `\# 4 c0000201`. */
export function generic(bytes: Uint8Array, from: number, to: number): string {
  return from === to ? '\\# 0' : `\\# ${to - from} ${hex(bytes, from, to)}`;
}
