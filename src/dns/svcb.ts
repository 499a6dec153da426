import { svcParamName } from './codes.js';
import { addressOf, type FieldReader } from './field-reader.js';
import { base64, quoted } from './text.js';

/** The parameters of SVCB and HTTPS records (RFC 9460 §2.2), keys strictly ascending. */
export function svcParamsText(r: FieldReader): string {
  const items: string[] = [];
  let last = -1;
  while (r.ok && r.rest > 0) {
    const key = r.uint(2);
    const length = r.uint(2);
    const at = r.skip(length);
    if (at < 0 || key <= last) {
      r.ok = false;
      return '';
    }
    last = key;
    const value = valueText(key, r.msg, at, at + length);
    if (value === null) {
      r.ok = false;
      return '';
    }
    items.push(value === '' ? svcParamName(key) : `${svcParamName(key)}=${value}`);
  }
  return items.join(' ');
}

/** A value, or null when it does not fit its key. Unknown keys are quoted bytes. */
function valueText(key: number, msg: Uint8Array, from: number, to: number): string | null {
  const length = to - from;
  switch (key) {
    case 0:
      return length < 2 || length % 2 !== 0 ? null : quotedList(pairs(msg, from, to).map(svcParamName));
    case 1:
      return alpnText(msg, from, to);
    case 2:
    case 8:
      return length === 0 ? '' : null;
    case 3:
      return length === 2 ? `"${pairs(msg, from, to)[0]}"` : null;
    case 4:
      return hints(msg, from, to, 4);
    case 5:
      return `"${base64(msg, from, to)}"`;
    case 6:
      return hints(msg, from, to, 16);
    default:
      return length === 0 ? '' : quoted(msg, from, to);
  }
}

const quotedList = (items: string[]) => `"${items.join(',')}"`;

function pairs(msg: Uint8Array, from: number, to: number): number[] {
  const out: number[] = [];
  for (let i = from; i < to; i += 2) out.push((msg[i]! << 8) | msg[i + 1]!);
  return out;
}

function hints(msg: Uint8Array, from: number, to: number, bytes: 4 | 16): string | null {
  if (to === from || (to - from) % bytes !== 0) return null;
  const out: string[] = [];
  for (let i = from; i < to; i += bytes) out.push(addressOf(msg.subarray(i, i + bytes), bytes));
  return quotedList(out);
}

/**
 * Protocol names, each with a length (RFC 7301 §3.1). A comma or backslash inside a name is escaped once for the list
 * and the whole once more as a string (RFC 9460 appendix A.1).
 */
function alpnText(msg: Uint8Array, from: number, to: number): string | null {
  const list: number[] = [];
  for (let i = from; i < to; ) {
    const stop = i + 1 + msg[i]!;
    if (stop > to || msg[i] === 0) return null;
    if (list.length > 0) list.push(0x2c);
    for (let k = i + 1; k < stop; k++) {
      if (msg[k] === 0x2c || msg[k] === 0x5c) list.push(0x5c);
      list.push(msg[k]!);
    }
    i = stop;
  }
  return list.length === 0 ? null : quoted(Uint8Array.from(list), 0, list.length);
}
