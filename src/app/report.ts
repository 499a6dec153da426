import { addressText } from '../base/address.js';
import { type Certificate, readCertificate } from './certificate.js';
import { type HttpColumns, HttpFlag, NO_ALERT, type Sheet, type TlsColumns, TlsFlag, TRANSPORTS } from './columns.js';
import { ja3sText, ja3Text, ja4Text, md5 } from './fingerprint.js';
import { Extension, Hello, isGrease } from './hello.js';
import { cipherName, versionName } from './names.js';
import { NO_VERSION } from './writer.js';

/** Names and lists that a row shows at most. */
const ALPN_MAX = 16;

/** A TLS handshake as text. What was not seen is null; times are seconds. Hostile bytes are latin1. */
export interface TlsRow {
  ts: number;
  client: string;
  cport: number;
  server: string;
  sport: number;
  vlan: number;
  transport: (typeof TRANSPORTS)[number];
  /** `v1`, `v2`, `draft-29`; null over TCP. */
  quicVersion: string | null;
  established: boolean;
  helloRetry: boolean;
  quicRetry: boolean;
  /** The name asked for, lower case. */
  sni: string | null;
  /** What the client offers, and what the server chose (over TLS 1.3 it says so encrypted). */
  alpn: string[];
  serverAlpn: string | null;
  /** Highest version offered, version and cipher chosen. */
  clientVersion: string | null;
  version: string | null;
  cipher: string | null;
  ciphers: number[];
  extensions: number[];
  /** The client offers, or pretends to offer, Encrypted Client Hello. */
  ech: boolean;
  ja3: string | null;
  ja3Text: string | null;
  ja4: string | null;
  ja3s: string | null;
  clientAlert: number | null;
  serverAlert: number | null;
  /** The server's own certificate; null over TLS 1.3, where it is encrypted. */
  certificate: Certificate | null;
  certificates: number;
  clientCertificate: boolean;
  /** Seconds from the ClientHello to the ServerHello. */
  latency: number | null;
}

const client = new Hello();
const server = new Hello();

/** One handshake with everything in it, for NDJSON and for reports. */
export function tlsRow(sheet: Sheet<TlsColumns>, row: number): TlsRow {
  const { rows, bytes } = sheet;
  const at = rows.at[row]!;
  const serverAt = at + rows.clientLength[row]!;
  const certificateAt = serverAt + rows.serverLength[row]!;
  const certificateEnd = certificateAt + rows.certificateLength[row]!;
  const asked = serverAt > at && client.readClient(bytes, at, serverAt);
  const answered = certificateAt > serverAt && server.readServer(bytes, serverAt, certificateAt);
  const flags = rows.flags[row]!;
  const quic = rows.transport[row] === 1;
  const ja3 = asked ? ja3Text(client) : null;
  return {
    ts: rows.startUs[row]! / 1e6,
    client: addressText(rows.addr, row * 8),
    cport: rows.cport[row]!,
    server: addressText(rows.addr, row * 8 + 4),
    sport: rows.sport[row]!,
    vlan: rows.vlan[row]!,
    transport: TRANSPORTS[rows.transport[row]!]!,
    quicVersion: quic ? quicVersionName(rows.quicVersion[row]!) : null,
    established: (flags & TlsFlag.established) !== 0,
    helloRetry: (flags & TlsFlag.helloRetry) !== 0,
    quicRetry: (flags & TlsFlag.quicRetry) !== 0,
    sni: tlsName(sheet, row),
    alpn: asked ? protocols(client, bytes) : [],
    serverAlpn: answered ? (protocols(server, bytes)[0] ?? null) : null,
    clientVersion: asked ? versionName(Math.max(client.version, ...client.versions.filter((v) => !isGrease(v)))) : null,
    version: answered ? versionName(server.versions[0] ?? server.version) : null,
    cipher: answered ? cipherName(server.cipher) : null,
    ciphers: asked ? client.ciphers.slice() : [],
    extensions: asked ? client.extensions.slice() : [],
    ech: asked && client.extensions.includes(Extension.encryptedClientHello),
    ja3: ja3 === null ? null : md5(ja3),
    ja3Text: ja3,
    ja4: asked ? ja4Text(client, bytes, quic ? 'q' : 't') : null,
    ja3s: answered ? md5(ja3sText(server)) : null,
    clientAlert: rows.clientAlert[row] === NO_ALERT ? null : rows.clientAlert[row]!,
    serverAlert: rows.serverAlert[row] === NO_ALERT ? null : rows.serverAlert[row]!,
    certificate: certificateEnd > certificateAt ? readCertificate(bytes, certificateAt, certificateEnd) : null,
    certificates: rows.chain[row]!,
    clientCertificate: (flags & TlsFlag.clientCertificate) !== 0,
    latency: seconds(rows.startUs[row]!, rows.serverUs[row]!),
  };
}

/** The server name of a row, lower case; null where none was sent. */
export function tlsName(sheet: Sheet<TlsColumns>, row: number): string | null {
  const length = sheet.rows.sniLength[row]!;
  if (length === 0) return null;
  const from = sheet.rows.at[row]! + sheet.rows.sniFrom[row]!;
  return latin1(sheet.bytes, from, length).toLowerCase();
}

function protocols(hello: Hello, bytes: Uint8Array): string[] {
  const out: string[] = [];
  for (let i = 0; i < Math.min(hello.alpn.length, ALPN_MAX * 2); i += 2) {
    out.push(latin1(bytes, hello.alpn[i]!, hello.alpn[i + 1]! - hello.alpn[i]!));
  }
  return out;
}

function quicVersionName(version: number): string {
  if (version === 1) return 'v1';
  if (version === 0x6b3343cf) return 'v2';
  return version >= 0xff000000 ? `draft-${version & 0xff}` : `0x${version.toString(16)}`;
}

/** An HTTP exchange as text: the record of a proxy. What was not seen is null; times are seconds, bytes latin1. */
export interface HttpRow {
  ts: number;
  client: string;
  cport: number;
  server: string;
  sport: number;
  vlan: number;
  method: string | null;
  host: string | null;
  /** The request's target as sent: path and query, a whole URI to a proxy, or host and port of a CONNECT. */
  uri: string | null;
  /** Host, path and query, as one text. */
  fullUri: string | null;
  version: string | null;
  userAgent: string | null;
  referer: string | null;
  status: number | null;
  contentType: string | null;
  /** Bytes of the bodies. */
  requestBytes: number;
  responseBytes: number;
  /** Seconds from the request's head to the response's last byte. */
  duration: number | null;
  /** Names of HttpFlag: what is odd about the exchange. */
  oddities: string[];
}

/** One exchange with everything in it, for NDJSON and for reports. */
export function httpRow(sheet: Sheet<HttpColumns>, row: number): HttpRow {
  const { rows, bytes } = sheet;
  let at = rows.at[row]!;
  const next = (length: number): string | null => {
    at += length;
    return length === 0 ? null : latin1(bytes, at - length, length);
  };
  const method = next(rows.methodLength[row]!);
  const uri = next(rows.targetLength[row]!);
  const host = next(rows.hostLength[row]!);
  const userAgent = next(rows.agentLength[row]!);
  const referer = next(rows.refererLength[row]!);
  const contentType = next(rows.typeLength[row]!);
  const began = Number.isNaN(rows.requestUs[row]!) ? rows.responseUs[row]! : rows.requestUs[row]!;
  const minor = method === null ? rows.responseMinor[row]! : rows.requestMinor[row]!;
  return {
    ts: began / 1e6,
    client: addressText(rows.addr, row * 8),
    cport: rows.cport[row]!,
    server: addressText(rows.addr, row * 8 + 4),
    sport: rows.sport[row]!,
    vlan: rows.vlan[row]!,
    method,
    host: host ?? hostOf(uri),
    uri,
    fullUri: uri === null ? null : fullUri(method, host, uri),
    version: minor === NO_VERSION ? null : `1.${minor}`,
    userAgent,
    referer,
    status: rows.status[row]! < 0 ? null : rows.status[row]!,
    contentType,
    requestBytes: rows.requestBytes[row]!,
    responseBytes: rows.responseBytes[row]!,
    duration: seconds(rows.requestUs[row]!, rows.endUs[row]!),
    oddities: Object.entries(HttpFlag).flatMap(([name, bit]) => ((rows.flags[row]! & bit) !== 0 ? [name] : [])),
  };
}

/** The host of an absolute URI (a request to a proxy without a Host header). */
function hostOf(uri: string | null): string | null {
  const m = uri === null ? null : /^[a-z][a-z0-9+.-]*:\/\/([^/?#]+)/i.exec(uri);
  return m === null ? null : m[1]!;
}

/** What the predecessor calls fulluri: host, path and query. */
function fullUri(method: string | null, host: string | null, uri: string): string {
  const absolute = /^[a-z][a-z0-9+.-]*:\/\/(.*)$/is.exec(uri);
  if (absolute !== null) return absolute[1]!;
  if (method === 'CONNECT' || host === null) return uri;
  return host + uri;
}

function seconds(fromUs: number, toUs: number): number | null {
  // Never negative: taps mix up neighbours.
  return Number.isNaN(fromUs) || Number.isNaN(toUs) ? null : Math.max(0, Math.round(toUs - fromUs)) / 1e6;
}

function latin1(bytes: Uint8Array, from: number, length: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + from, length).toString('latin1');
}
