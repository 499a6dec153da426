import { addressOf, type FieldReader } from './field-reader.js';
import { base64 } from './text.js';

/** Degrees, minutes and seconds of a thousandth of an arc second counted from 2^31 (RFC 1876 §2). */
function angle(raw: number, positive: string, negative: string): string {
  const signed = raw - 2 ** 31;
  let n = Math.abs(signed);
  const thousandths = n % 1000;
  n = Math.floor(n / 1000);
  const seconds = n % 60;
  n = Math.floor(n / 60);
  return `${Math.floor(n / 60)} ${n % 60} ${seconds}.${String(thousandths).padStart(3, '0')} ${signed >= 0 ? positive : negative}`;
}

/** A size in centimetres as mantissa and power of ten, a digit each, in metres. */
function metres(byte: number): string {
  return `${(((byte >> 4) * 10 ** (byte & 15)) / 100).toFixed(2)}m`;
}

/** RFC 1876 §3. */
export function locText(r: FieldReader): string {
  const version = r.uint(1);
  const size = r.uint(1);
  const horizontal = r.uint(1);
  const vertical = r.uint(1);
  const latitude = r.uint(4);
  const longitude = r.uint(4);
  const altitude = r.uint(4);
  const digits = [size, horizontal, vertical].every((b) => b >> 4 <= 9 && (b & 15) <= 9);
  const onEarth = Math.abs(latitude - 2 ** 31) <= 90 * 3_600_000 && Math.abs(longitude - 2 ** 31) <= 180 * 3_600_000;
  if (version !== 0 || !digits || !onEarth) r.ok = false;
  const height = ((altitude - 10_000_000) / 100).toFixed(2);
  return `${angle(latitude, 'N', 'S')} ${angle(longitude, 'E', 'W')} ${height}m ${metres(size)} ${metres(horizontal)} ${metres(vertical)}`;
}

/** Lists of address prefixes (RFC 3123 §4). */
export function aplText(r: FieldReader): string {
  const items: string[] = [];
  while (r.ok && r.rest > 0) {
    const family = r.uint(2);
    const prefix = r.uint(1);
    const length = r.uint(1);
    const at = r.skip(length & 0x7f);
    const bytes = family === 1 ? 4 : 16;
    if (at < 0 || (family !== 1 && family !== 2) || (length & 0x7f) > bytes || prefix > bytes * 8) {
      r.ok = false;
      return '';
    }
    const address = addressOf(r.msg.subarray(at, at + (length & 0x7f)), bytes);
    items.push(`${length & 0x80 ? '!' : ''}${family}:${address}/${prefix}`);
  }
  return items.join(' ');
}

/** A gateway or relay: nothing, an IPv4 or IPv6 address, or a name, by its type. */
function gateway(r: FieldReader, type: number): string {
  if (type === 0) return '.';
  if (type === 1) return r.address(4);
  if (type === 2) return r.address(16);
  if (type === 3) return r.name(true);
  r.ok = false;
  return '';
}

/** RFC 4025 §3. */
export function ipsecKeyText(r: FieldReader): string {
  const precedence = r.uint(1);
  const type = r.uint(1);
  const algorithm = r.uint(1);
  const to = gateway(r, type);
  const key = base64(r.msg, r.at, (r.at = r.end));
  return [precedence, type, algorithm, to, key].join(' ').trimEnd();
}

/** RFC 8777 §4.3: the top bit of the type says that discovery is optional. */
export function relayText(r: FieldReader): string {
  const precedence = r.uint(1);
  const type = r.uint(1);
  return `${precedence} ${type >> 7} ${type & 0x7f} ${gateway(r, type & 0x7f)}`;
}
