/** What is reported of a certificate (RFC 5280 §4.1). Text is what the certificate says; only the reader is strict. */
export interface Certificate {
  /** Lower-case hex, without leading zeros beyond what DER demands. */
  serial: string;
  /** Last CN of subject and issuer; null where there is none. */
  subjectCn: string | null;
  issuerCn: string | null;
  /** Seconds since the epoch; null where the time is none that DER allows. */
  notBefore: number | null;
  notAfter: number | null;
  /** DNS names and addresses of subjectAltName, at most NAMES_MAX of them. */
  names: string[];
  /** How many more there were. */
  namesLeftOut: number;
  /** Subject and issuer are the same: signed by itself, or pretending to be. */
  selfSigned: boolean;
}

export const NAMES_MAX = 100;
const TEXT_MAX = 256;

/** DER tags. */
const Tag = { integer: 2, oid: 6, sequence: 0x30, set: 0x31, utcTime: 0x17, generalizedTime: 0x18 } as const;
const OID_CN = '550403';
const OID_SAN = '551d11';

/** A cursor over DER (X.690 §10: definite lengths in their shortest form). Throws Broken, which stays in this file. */
class Der {
  readonly bytes: Uint8Array;
  at: number;
  readonly end: number;

  constructor(bytes: Uint8Array, at: number, end: number) {
    this.bytes = bytes;
    this.at = at;
    this.end = end;
  }

  get more(): boolean {
    return this.at < this.end;
  }

  /** Tag of the next element, or -1 at the end. */
  get tag(): number {
    return this.more ? this.bytes[this.at]! : -1;
  }

  /** The next element's content, which must have this tag (any, when it is not told). */
  next(tag = this.tag): Der {
    if (this.tag !== tag || (tag & 0x1f) === 0x1f || this.at + 2 > this.end) throw new Broken();
    let at = this.at + 2;
    let length = this.bytes[this.at + 1]!;
    if (length >= 0x80) {
      const n = length & 0x7f;
      if (n === 0 || n > 3 || at + n > this.end) throw new Broken();
      length = 0;
      for (let i = 0; i < n; i++) length = length * 256 + this.bytes[at + i]!;
      if (length < 0x80 || length < 2 ** (8 * (n - 1))) throw new Broken();
      at += n;
    }
    if (at + length > this.end) throw new Broken();
    this.at = at + length;
    return new Der(this.bytes, at, at + length);
  }

  hex(): string {
    return Buffer.from(this.bytes.buffer, this.bytes.byteOffset + this.at, this.end - this.at).toString('hex');
  }
}

class Broken extends Error {}

/** Reads a certificate in bytes[from, to); null when it is not well formed. */
export function readCertificate(bytes: Uint8Array, from: number, to: number): Certificate | null {
  try {
    const outer = new Der(bytes, from, to);
    const certificate = outer.next(Tag.sequence);
    if (outer.more) return null;
    return readBody(certificate.next(Tag.sequence));
  } catch (error) {
    if (error instanceof Broken) return null;
    throw error;
  }
}

/** TBSCertificate: [version] serial algorithm issuer validity subject key [issuerId] [subjectId] [extensions]. */
function readBody(tbs: Der): Certificate {
  if (tbs.tag === 0xa0) tbs.next();
  const serial = tbs.next(Tag.integer).hex();
  tbs.next(Tag.sequence);
  const issuer = tbs.next(Tag.sequence);
  const validity = tbs.next(Tag.sequence);
  const notBefore = timeOf(validity.next());
  const notAfter = timeOf(validity.next());
  const subject = tbs.next(Tag.sequence);
  tbs.next(Tag.sequence);
  const names: string[] = [];
  let namesLeftOut = 0;
  while (tbs.more) {
    if (tbs.tag !== 0xa3) {
      tbs.next();
      continue;
    }
    const extensions = tbs.next().next(Tag.sequence);
    while (extensions.more) namesLeftOut += readExtension(extensions.next(Tag.sequence), names);
  }
  const selfSigned = issuer.hex() === subject.hex();
  const subjectCn = commonName(subject);
  return { serial, subjectCn, issuerCn: commonName(issuer), notBefore, notAfter, names, namesLeftOut, selfSigned };
}

/** Takes the names out of a subjectAltName; returns how many it left out. */
function readExtension(extension: Der, names: string[]): number {
  if (extension.next(Tag.oid).hex() !== OID_SAN) return 0;
  if (extension.tag === 0x01) extension.next(); // critical
  const list = extension.next(0x04).next(Tag.sequence);
  let leftOut = 0;
  while (list.more) {
    const tag = list.tag;
    const name = list.next();
    if (tag !== 0x82 && tag !== 0x87) continue; // dNSName, iPAddress (RFC 5280 §4.2.1.6)
    if (names.length >= NAMES_MAX) leftOut++;
    else names.push(tag === 0x82 ? latin1(name) : addressOf(name));
  }
  return leftOut;
}

/** The last commonName of a Name: a SEQUENCE of SETs of type and value. */
function commonName(name: Der): string | null {
  const rdns = new Der(name.bytes, name.at, name.end);
  let found: string | null = null;
  while (rdns.more) {
    const set = rdns.next(Tag.set);
    while (set.more) {
      const pair = set.next(Tag.sequence);
      const type = pair.next(Tag.oid).hex();
      const tag = pair.tag;
      const value = pair.next();
      if (type === OID_CN) found = textOf(value, tag);
    }
  }
  return found;
}

/** UTF8String and BMPString by their own rules, every other string as latin1. */
function textOf(value: Der, tag: number): string {
  const bytes = Buffer.from(value.bytes.subarray(value.at, Math.min(value.end, value.at + TEXT_MAX)));
  if (tag === 0x0c) return bytes.toString('utf8');
  if (tag === 0x1e)
    return bytes
      .subarray(0, bytes.length & ~1)
      .swap16()
      .toString('utf16le');
  return bytes.toString('latin1');
}

function latin1(value: Der): string {
  return Buffer.from(value.bytes.subarray(value.at, Math.min(value.end, value.at + TEXT_MAX))).toString('latin1');
}

function addressOf(value: Der): string {
  const bytes = value.bytes.subarray(value.at, value.end);
  if (bytes.length === 4) return bytes.join('.');
  return Buffer.from(bytes.subarray(0, 16)).toString('hex');
}

/** UTCTime YYMMDDHHMMSSZ, with 50 for 1950, or GeneralizedTime YYYYMMDDHHMMSSZ (RFC 5280 §4.1.2.5). */
function timeOf(value: Der): number | null {
  const digits = latin1(value);
  const m = /^(\d{2}|\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(digits);
  if (m === null) return null;
  const year = m[1]!.length === 4 ? Number(m[1]) : Number(m[1]) + (Number(m[1]) < 50 ? 2000 : 1900);
  const [month, day, hour, minute, second] = m.slice(2).map(Number) as [number, number, number, number, number];
  const ms = Date.UTC(year, month - 1, day, hour, minute, second);
  return Number.isNaN(ms) || month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 ? null : ms / 1000;
}
