import { rcodeName, typeName } from './codes.js';
import { FieldReader } from './field-reader.js';
import { aplText, ipsecKeyText, locText, relayText } from './rdata-rare.js';
import { svcParamsText } from './svcb.js';
import { base32hex, base64, generic, hex, quoted, signatureTime } from './text.js';

/**
 * The fields of each type's data, in order (RFCs 1035, 1183, 2782, 3403, 4034, 4255, 5155, 6698, 6742, 7043, 7553,
 * 7929, 8005, 8659, 9460 and others). The words are the cases of field() below.
 */
// biome-ignore format: a table
const SHAPES: Readonly<Record<string, string>> = {
  A: 'a4', NS: 'name', MD: 'name', MF: 'name', CNAME: 'name', SOA: 'name name u32 u32 u32 u32 u32', MB: 'name',
  MG: 'name', MR: 'name', WKS: 'a4 u8 ports', PTR: 'name', HINFO: 'str str', MINFO: 'name name', MX: 'u16 name',
  TXT: 'strs', RP: 'name name', AFSDB: 'u16 name', X25: 'str', ISDN: 'strs', RT: 'u16 name', NSAP: 'nsap',
  'NSAP-PTR': 'name', SIG: 'type u8 u8 u32 time time u16 name b64', KEY: 'u16 u8 u8 b64', PX: 'u16 name name',
  GPOS: 'str str str', AAAA: 'a6', LOC: 'loc', EID: 'hex', NIMLOC: 'hex', SRV: 'u16 u16 u16 name',
  NAPTR: 'u16 u16 str str str name', KX: 'u16 name', CERT: 'u16 u16 u8 b64', DNAME: 'name', APL: 'apl',
  DS: 'u16 u8 u8 hex', SSHFP: 'u8 u8 hex', IPSECKEY: 'ipseckey', RRSIG: 'type u8 u8 u32 time time u16 name b64',
  NSEC: 'name types', DNSKEY: 'u16 u8 u8 b64', DHCID: 'b64', NSEC3: 'u8 u8 u16 salt hash types',
  NSEC3PARAM: 'u8 u8 u16 salt', TLSA: 'u8 u8 u8 hex', SMIMEA: 'u8 u8 u8 hex', HIP: 'hip', NINFO: 'strs',
  RKEY: 'u16 u8 u8 b64', TALINK: 'name name', CDS: 'u16 u8 u8 hex', CDNSKEY: 'u16 u8 u8 b64', OPENPGPKEY: 'b64',
  CSYNC: 'u32 u16 types', ZONEMD: 'u32 u8 u8 hex', SVCB: 'u16 name svcb', HTTPS: 'u16 name svcb',
  DSYNC: 'type u8 u16 name', SPF: 'strs', NID: 'u16 words', L32: 'u16 a4', L64: 'u16 words', LP: 'u16 name',
  EUI48: 'eui6', EUI64: 'eui8', TKEY: 'name time time u16 rcode b64n other', TSIG: 'name u48 u16 b64n u16 rcode other',
  URI: 'u16 u16 text', CAA: 'u8 tag text', AVC: 'strs', AMTRELAY: 'relay', RESINFO: 'strs', WALLET: 'strs',
  TA: 'u16 u8 u8 hex', DLV: 'u16 u8 u8 hex',
};

/**
 * One record's data as the text of a zone file, names without a final dot. What does not fit its type, or has no
 * known shape, comes in RFC 3597 form; `ok` is false only for the former.
 */
export function rdataText(
  msg: Uint8Array,
  base: number,
  messageEnd: number,
  type: number,
  at: number,
  end: number,
): { text: string; ok: boolean } {
  const shape = SHAPES[typeName(type)];
  if (shape === undefined) return { text: generic(msg, at, end), ok: true };
  const reader = new FieldReader(msg, base, messageEnd, at, end);
  const parts: string[] = [];
  for (const kind of shape.split(' ')) {
    const part = field(reader, kind);
    if (part !== '') parts.push(part);
  }
  if (!reader.ok || reader.at !== end) return { text: generic(msg, at, end), ok: false };
  return { text: parts.join(' '), ok: true };
}

function field(r: FieldReader, kind: string): string {
  switch (kind) {
    case 'u8':
      return String(r.uint(1));
    case 'u16':
      return String(r.uint(2));
    case 'u32':
      return String(r.uint(4));
    case 'u48':
      return String(r.uint(6));
    case 'a4':
      return r.address(4);
    case 'a6':
      return r.address(16);
    case 'name':
      return r.name();
    case 'str':
      return characterString(r);
    case 'strs':
      return characterStrings(r);
    case 'text':
      return quoted(r.msg, r.at, (r.at = r.end));
    case 'tag':
      return caaTag(r);
    case 'hex':
      return hex(r.msg, r.at, (r.at = r.end));
    case 'b64':
      return base64(r.msg, r.at, (r.at = r.end));
    case 'b64n':
      return sized(r, 2, base64, '-');
    case 'salt':
      return sized(r, 1, hex, '-');
    case 'hash':
      return sized(r, 1, base32hex, '-');
    case 'other':
      return sized(r, 2, hex, '');
    case 'type':
      return typeName(r.uint(2));
    case 'rcode':
      return errorOfTsig(r.uint(2));
    case 'types':
      return typeBitmap(r);
    case 'time':
      return signatureTime(r.uint(4));
    case 'ports':
      return ports(r);
    case 'nsap':
      return `0x${hex(r.msg, r.at, (r.at = r.end))}`;
    case 'words':
      return octets(r, 8, 2, ':');
    case 'eui6':
      return octets(r, 6, 1, '-');
    case 'eui8':
      return octets(r, 8, 1, '-');
    case 'hip':
      return hipText(r);
    case 'svcb':
      return svcParamsText(r);
    case 'loc':
      return locText(r);
    case 'apl':
      return aplText(r);
    case 'ipseckey':
      return ipsecKeyText(r);
    case 'relay':
      return relayText(r);
    default:
      throw new Error(`no such field of a DNS record: ${kind}`);
  }
}

function characterString(r: FieldReader): string {
  const length = r.uint(1);
  const at = r.skip(length);
  return at < 0 ? '' : quoted(r.msg, at, at + length);
}

function characterStrings(r: FieldReader): string {
  const parts: string[] = [];
  while (r.ok && r.rest > 0) parts.push(characterString(r));
  return parts.join(' ');
}

/** Letters and digits only (RFC 8659 §4.1); anything else is no tag, so the record is shown in hex. */
function caaTag(r: FieldReader): string {
  const length = r.uint(1);
  const at = r.skip(length);
  if (at < 0) return '';
  const tag = String.fromCharCode(...r.msg.subarray(at, at + length));
  if (!/^[0-9A-Za-z]+$/.test(tag)) r.ok = false;
  return tag;
}

function sized(
  r: FieldReader,
  lengthBytes: number,
  show: (bytes: Uint8Array, from: number, to: number) => string,
  none: string,
): string {
  const length = r.uint(lengthBytes);
  const at = r.skip(length);
  return at < 0 || length === 0 ? none : show(r.msg, at, at + length);
}

function octets(r: FieldReader, n: number, group: number, between: string): string {
  const at = r.skip(n);
  if (at < 0) return '';
  const parts: string[] = [];
  for (let i = 0; i < n; i += group) parts.push(hex(r.msg, at + i, at + i + group));
  return parts.join(between);
}

/** Windows of 256 types, each up to 32 bytes of bits, in ascending order (RFC 4034 §4.1.2). */
function typeBitmap(r: FieldReader): string {
  const names: string[] = [];
  let last = -1;
  while (r.ok && r.rest > 0) {
    const window = r.uint(1);
    const length = r.uint(1);
    const at = r.skip(length);
    if (at < 0 || window <= last || length === 0 || length > 32) {
      r.ok = false;
      return '';
    }
    last = window;
    for (let bit = 0; bit < length * 8; bit++) {
      if ((r.msg[at + (bit >> 3)]! & (0x80 >> (bit & 7))) !== 0) names.push(typeName(window * 256 + bit));
    }
  }
  return names.join(' ');
}

/** Bits of well-known ports (RFC 1035 §3.4.2), which end with port 65535. */
function ports(r: FieldReader): string {
  const length = r.rest;
  const at = r.skip(length);
  if (length > 8192) r.ok = false;
  const open: number[] = [];
  for (let bit = 0; r.ok && bit < length * 8; bit++) {
    if ((r.msg[at + (bit >> 3)]! & (0x80 >> (bit & 7))) !== 0) open.push(bit);
  }
  return open.join(' ');
}

/** Error 16 means another thing in TSIG and TKEY than in a header (RFC 8945 §3). */
function errorOfTsig(code: number): string {
  return code === 16 ? 'BADSIG' : rcodeName(code);
}

/** RFC 8005 §5. The servers at the end may not be compressed, which also bounds the text. */
function hipText(r: FieldReader): string {
  const hitLength = r.uint(1);
  const algorithm = r.uint(1);
  const keyLength = r.uint(2);
  const hit = r.skip(hitLength);
  const key = r.skip(keyLength);
  if (hit < 0 || key < 0) return '';
  const parts = [algorithm, hex(r.msg, hit, hit + hitLength), base64(r.msg, key, key + keyLength)];
  while (r.ok && r.rest > 0) parts.push(r.name(true));
  return parts.join(' ');
}
