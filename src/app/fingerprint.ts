import { createHash } from 'node:crypto';
import { Extension, type Hello, isGrease } from './hello.js';

const withoutGrease = (values: readonly number[]) => values.filter((v) => !isGrease(v));

/** JA3 (Althouse, Atkinson, Atkins 2017): version, ciphers, extensions, groups and point formats as sent, less GREASE. */
export function ja3Text(hello: Hello): string {
  const lists = [hello.ciphers, hello.extensions, hello.groups].map((l) => withoutGrease(l).join('-'));
  return [hello.version, ...lists, hello.pointFormats.join('-')].join(',');
}

/** JA3S: version, cipher and extensions of the ServerHello as sent. */
export function ja3sText(hello: Hello): string {
  return [hello.version, hello.cipher, hello.extensions.join('-')].join(',');
}

export function md5(text: string): string {
  return createHash('md5').update(text).digest('hex');
}

/** Two characters for a version in JA4. */
const JA4_VERSIONS: Record<number, string> = { 772: '13', 771: '12', 770: '11', 769: '10', 768: 's3' };

/**
 * JA4, the TLS client fingerprint (FoxIO, "JA4: TLS Client Fingerprinting", BSD 3-clause): `t13d1516h2_8daaf6152771_…`.
 * `transport` is `t` for TCP and `q` for QUIC; `bytes` are those the hello was read from.
 */
export function ja4Text(hello: Hello, bytes: Uint8Array, transport: 't' | 'q'): string {
  const ciphers = withoutGrease(hello.ciphers).map(hex4).sort();
  const extensions = withoutGrease(hello.extensions);
  const offered = withoutGrease(hello.versions);
  const version = offered.length > 0 ? Math.max(...offered) : hello.version;
  const named = extensions.includes(Extension.serverName) ? 'd' : 'i';
  const head = `${transport}${JA4_VERSIONS[version] ?? '00'}${named}${two(ciphers.length)}${two(extensions.length)}`;
  const sorted = extensions.filter((e) => e !== Extension.serverName && e !== Extension.alpn).map(hex4);
  const signatures = withoutGrease(hello.signatures).map(hex4);
  const last = sorted.sort().join(',') + (signatures.length > 0 ? `_${signatures.join(',')}` : '');
  return `${head}${ja4Alpn(hello, bytes)}_${hash12(ciphers.join(','))}_${sorted.length === 0 ? hash12('') : hash12(last)}`;
}

/** First and last character of the first protocol offered; of its hex form where they are not letters or digits. */
function ja4Alpn(hello: Hello, bytes: Uint8Array): string {
  for (let i = 0; i < hello.alpn.length; i += 2) {
    const from = hello.alpn[i]!;
    const to = hello.alpn[i + 1]!;
    if (to - from === 2 && isGrease((bytes[from]! << 8) | bytes[from + 1]!)) continue;
    const ends = String.fromCharCode(bytes[from]!, bytes[to - 1]!);
    if (/^[0-9A-Za-z]{2}$/.test(ends)) return ends;
    const hex = Buffer.from(bytes.subarray(from, to)).toString('hex');
    return `${hex[0]}${hex.at(-1)}`;
  }
  return '00';
}

const hex4 = (value: number) => value.toString(16).padStart(4, '0');
const two = (count: number) => String(Math.min(99, count)).padStart(2, '0');
const hash12 = (text: string) =>
  text === '' ? '000000000000' : createHash('sha256').update(text).digest('hex').slice(0, 12);
