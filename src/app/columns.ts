import type { ColumnSpec, Columns } from '../base/columns.js';

/** What carried a TLS handshake. */
export const TRANSPORTS = ['tcp', 'quic'] as const;

/** Bits of a TLS row's `flags`. */
export const TlsFlag = {
  /** Both sides went on to encrypted records; over QUIC: the server answered with its hello. */
  established: 1,
  /** The server asked for another ClientHello (RFC 8446 §4.1.4); the row has the first one. */
  helloRetry: 2,
  /** The server sent a QUIC Retry (RFC 9000 §17.2.5), or a Version Negotiation (§17.2.1). */
  quicRetry: 4,
  quicVersionNegotiation: 8,
  /** The client sent a certificate of its own. */
  clientCertificate: 16,
  /** The server's certificate was longer than a row may keep. */
  certificateTooLong: 32,
} as const;

/** No alert was seen. */
export const NO_ALERT = -1;

/**
 * TLS handshakes, over TCP or QUIC. Messages stay bytes: a row's span in `bytes` is ClientHello, ServerHello and the
 * server's own certificate (DER), one after the other, each as long as its column says, 0 where it was not seen. The
 * hellos are without the four bytes of the handshake header.
 */
export const TLS_COLUMNS = {
  /** Client then server, four words each. */
  addr: [Uint32Array, 8],
  cport: [Uint16Array, 1],
  sport: [Uint16Array, 1],
  vlan: [Uint16Array, 1],
  /** Index into TRANSPORTS. */
  transport: [Uint8Array, 1],
  /** 0 over TCP. */
  quicVersion: [Uint32Array, 1],
  /** Microseconds since the epoch of the first packet of the handshake, and of the ServerHello (NaN: not seen). */
  startUs: [Float64Array, 1],
  serverUs: [Float64Array, 1],
  flags: [Uint8Array, 1],
  /** Description of the last alert in the clear (RFC 8446 §6), or NO_ALERT. */
  clientAlert: [Int16Array, 1],
  serverAlert: [Int16Array, 1],
  /** Certificates the server sent. */
  chain: [Uint8Array, 1],
  at: [Uint32Array, 1],
  length: [Uint32Array, 1],
  clientLength: [Uint32Array, 1],
  serverLength: [Uint32Array, 1],
  certificateLength: [Uint32Array, 1],
  /** The server's name within the ClientHello, as sent; length 0 where there is none. */
  sniFrom: [Uint32Array, 1],
  sniLength: [Uint16Array, 1],
} as const satisfies ColumnSpec;

/** Bits of an HTTP row's `flags`: how a message's framing was odd (RFC 9112), and what became of the exchange. */
export const HttpFlag = {
  /** Content-Length and Transfer-Encoding together (§6.1): a classic of request smuggling. */
  bothLengths: 1,
  /** Several Content-Lengths that differ (§6.3). */
  lengthsDiffer: 2,
  /** A Content-Length that is no number. */
  badLength: 4,
  /** A Transfer-Encoding whose last coding is not a plain `chunked`. */
  oddTransfer: 8,
  /** A folded header line (§5.2). */
  folded: 16,
  /** White space before a colon, or a header line without a name (§5.1). */
  badName: 32,
  /** A line that ended in a bare LF (§2.2). */
  bareLf: 64,
  /** A NUL or a bare CR in the head. */
  control: 128,
  /** More than one Host. */
  hostsDiffer: 256,
  /** A chunk size that is none (§7.1). */
  badChunk: 512,
  /** A value was cut to what a row keeps. */
  cut: 1024,
  /** The connection ended, or bytes of it were lost, before the message did. */
  incomplete: 2048,
} as const;

/**
 * HTTP/1 exchanges: a request with its response, or one without the other. A row's span in `bytes` is method, target,
 * host, user agent, referer and the response's content type, one after the other, as sent (latin1).
 */
export const HTTP_COLUMNS = {
  /** Client then server, four words each. */
  addr: [Uint32Array, 8],
  cport: [Uint16Array, 1],
  sport: [Uint16Array, 1],
  vlan: [Uint16Array, 1],
  /** When the request's head was seen, the response's, and the response's last byte; NaN where there was none. */
  requestUs: [Float64Array, 1],
  responseUs: [Float64Array, 1],
  endUs: [Float64Array, 1],
  /** -1 where there was no response. */
  status: [Int16Array, 1],
  /** Minor versions: 1 for HTTP/1.1; 255 where there was no such message. */
  requestMinor: [Uint8Array, 1],
  responseMinor: [Uint8Array, 1],
  /** Bytes of the bodies: as Content-Length says, or as counted. */
  requestBytes: [Float64Array, 1],
  responseBytes: [Float64Array, 1],
  flags: [Uint16Array, 1],
  at: [Uint32Array, 1],
  length: [Uint32Array, 1],
  methodLength: [Uint16Array, 1],
  targetLength: [Uint16Array, 1],
  hostLength: [Uint16Array, 1],
  agentLength: [Uint16Array, 1],
  refererLength: [Uint16Array, 1],
  typeLength: [Uint16Array, 1],
} as const satisfies ColumnSpec;

export type TlsColumns = Columns<typeof TLS_COLUMNS>;
export type HttpColumns = Columns<typeof HTTP_COLUMNS>;

/** Rows with the bytes they point into. A plain object, so that it can be transferred between threads. */
export interface Sheet<R> {
  rows: R;
  bytes: Uint8Array;
  bytesUsed: number;
}

export interface AppTable {
  tls: Sheet<TlsColumns>;
  http: Sheet<HttpColumns>;
}
