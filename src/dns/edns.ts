import { errorName, optionName } from './codes.js';
import { addressOf, FieldReader } from './field-reader.js';
import { hex, quoted } from './text.js';

export interface EdnsOption {
  code: number;
  name: string;
  /** What the option says, where its shape is known and holds; else null. */
  text: string | null;
  hex: string;
}

/** The OPT pseudo-record (RFC 6891 §6.1). */
export interface Edns {
  version: number;
  /** UDP payload that the sender can take. */
  udpSize: number;
  /** "DNSSEC OK" (RFC 3225). */
  do: boolean;
  /** The other fifteen flag bits, unassigned. */
  flags: number;
  options: EdnsOption[];
}

/**
 * Reads the options in [at, end). Returns what could be read, and whether all could.
 */
export function readOptions(msg: Uint8Array, base: number, messageEnd: number, at: number, end: number) {
  const options: EdnsOption[] = [];
  while (at + 4 <= end) {
    const code = (msg[at]! << 8) | msg[at + 1]!;
    const from = at + 4;
    const to = from + ((msg[at + 2]! << 8) | msg[at + 3]!);
    if (to > end) break;
    const reader = new FieldReader(msg, base, messageEnd, from, to);
    const text = optionText(reader, code);
    const fits = reader.ok && reader.at === to;
    options.push({ code, name: optionName(code), text: fits ? text : null, hex: hex(msg, from, to) });
    at = to;
  }
  return { options, ok: at === end };
}

function optionText(r: FieldReader, code: number): string | null {
  switch (code) {
    case 3: // RFC 5001
    case 17: // draft-bellis-dnsop-edns-tags
      return quoted(r.msg, r.at, (r.at = r.end));
    case 5: // RFC 6975: algorithms understood
    case 6:
    case 7:
      return Array.from(r.msg.subarray(r.at, (r.at = r.end))).join(' ');
    case 8:
      return clientSubnet(r);
    case 9: // RFC 7314: seconds until the zone expires; empty in a query
      return r.rest === 0 ? '' : String(r.uint(4));
    case 10:
      return cookie(r);
    case 11: // RFC 7828: units of 100 ms
      return r.rest === 0 ? '' : `${r.uint(2) / 10} s`;
    case 12: {
      const padding = r.rest;
      r.at = r.end;
      return `${padding} bytes`;
    }
    case 13: // RFC 7901
    case 18: // RFC 9567
      return r.name(true);
    case 14: {
      const tags: number[] = [];
      while (r.rest > 0 && r.ok) tags.push(r.uint(2));
      return tags.join(' ');
    }
    case 15: {
      const error = r.uint(2);
      const extra = r.rest > 0 ? ` ${quoted(r.msg, r.at, (r.at = r.end))}` : '';
      return `${error} (${errorName(error)})${extra}`;
    }
    default:
      r.at = r.end;
      return null;
  }
}

/** `192.0.2.0/24/0`: address, source and scope prefix lengths (RFC 7871 §6). */
function clientSubnet(r: FieldReader): string | null {
  const family = r.uint(2);
  const source = r.uint(1);
  const scope = r.uint(1);
  const bytes = family === 1 ? 4 : 16;
  if ((family !== 1 && family !== 2) || source > bytes * 8 || r.rest > bytes) {
    r.ok = false;
    return null;
  }
  const address = addressOf(r.msg.subarray(r.at, (r.at = r.end)), bytes);
  return `${address}/${source}/${scope}`;
}

/** A client's eight bytes, then the server's eight to thirty-two (RFC 7873 §4). */
function cookie(r: FieldReader): string {
  const length = r.rest;
  if (length !== 8 && (length < 16 || length > 40)) r.ok = false;
  const at = r.skip(length);
  const client = hex(r.msg, at, at + Math.min(8, length));
  return length > 8 ? `${client} ${hex(r.msg, at + 8, at + length)}` : client;
}
