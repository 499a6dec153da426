/** What the first bytes of a stream may be. */
export const Start = { no: 0, maybe: 1, tls: 2, http: 3 } as const;

/** TLS records that may begin a stream, and HTTP messages; `wait` bytes decide for sure. */
const RECORD_MAX = 16_384 + 2048;

/**
 * Methods by their first four bytes: those of IANA's HTTP Method Registry that are in use, and of UPnP and RPC over
 * HTTP. A stream joined midway must begin with one of them; one that is seen from its start, with any token.
 */
const METHODS = new Set(
  (
    'GET |POST|HEAD|PUT |DELE|OPTI|TRAC|CONN|PATC|PROP|MKCO|COPY|MOVE|LOCK|UNLO|SEAR|REPO|CHEC|MERG|NOTI|SUBS|UNSU|' +
    'M-SE|RPC_|BCOP|BDEL|BMOV|BPRO|POLL|MKCA|ACL |BIND|LINK|UNLI|REBI|UPDA|VERS|BASE|LABE|MKAC|MKWO|ORDE|UNBI|UNCH|SSTP'
  )
    .split('|')
    .map(
      (word) =>
        word.charCodeAt(0) | (word.charCodeAt(1) << 8) | (word.charCodeAt(2) << 16) | (word.charCodeAt(3) << 24),
    ),
);
const HTTP = 0x50545448;

/** Whether a segment of a connection that was not seen from its start may begin a TLS handshake or an HTTP message. */
export function sniff(bytes: Uint8Array, from: number, end: number): number {
  if (end - from < 6) return Start.no;
  const first = bytes[from]!;
  if (first === 22) return isHandshake(bytes, from) ? Start.tls : Start.no;
  if (first < 65 || first > 90 || end - from < 16) return Start.no;
  const word = first | (bytes[from + 1]! << 8) | (bytes[from + 2]! << 16) | (bytes[from + 3]! << 24);
  if (word === HTTP) return bytes[from + 4] === 47 && bytes[from + 5] === 49 ? Start.http : Start.no;
  return METHODS.has(word) ? Start.http : Start.no;
}

/** The same for the first bytes of a stream, which may be few: `maybe` asks for more. */
export function sniffStart(bytes: Uint8Array, from: number, end: number): number {
  const first = bytes[from]!;
  const n = end - from;
  if (first === 22) {
    if (n >= 6) return isHandshake(bytes, from) ? Start.tls : Start.no;
    return n === 1 || bytes[from + 1] === 3 ? Start.maybe : Start.no;
  }
  // A token of at most 24 capitals and a space, or `HTTP/1`.
  for (let i = 0; i < Math.min(n, 25); i++) {
    const byte = bytes[from + i]!;
    if (byte === 32) return i >= 3 ? Start.http : Start.no;
    if (byte === 47 && i === 4 && first === 72) return Start.http;
    const capital = (byte >= 65 && byte <= 90) || byte === 45 || byte === 95;
    if (!capital) return Start.no;
  }
  return n < 25 ? Start.maybe : Start.no;
}

/** A handshake record (RFC 8446 §5.1) that begins with a ClientHello or a ServerHello. */
function isHandshake(bytes: Uint8Array, from: number): boolean {
  const length = (bytes[from + 3]! << 8) | bytes[from + 4]!;
  const type = bytes[from + 5]!;
  return (
    bytes[from + 1] === 3 && bytes[from + 2]! <= 4 && length >= 4 && length <= RECORD_MAX && (type === 1 || type === 2)
  );
}
