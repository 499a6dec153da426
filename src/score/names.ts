import { parse } from 'tldts';
import { nameText } from '../dns/name.js';
import { entropy } from './words/helpers.js';

/** What is known of one name, worked out once. */
export interface NameFacts {
  /** As nameText writes it; `.` for the root. */
  readonly text: string;
  /**
   * Registered domain (eTLD+1, private suffixes included); the last two labels of a name outside the public suffixes;
   * the last label of a shorter one; `.` when the last label cannot be a top-level domain.
   */
  readonly domain: string;
  /** What stands before the domain, without the dot between; '' when nothing does. */
  readonly sub: string;
  readonly labels: number;
  /** Hashes of `domain` and `sub`, for counting. */
  readonly domainHash: number;
  readonly subHash: number;
  /** Bits per character of `sub`. */
  readonly subEntropy: number;
  /** In in-addr.arpa or ip6.arpa. */
  readonly reverse: boolean;
  /** Has at least two labels, the last of which is a known public suffix. */
  readonly known: boolean;
  /** The predecessor's view of the name, packed by the word set `spot` when it first needs it. */
  spot: number | undefined;
}

const PSL = { allowPrivateDomains: true, extractHostname: false, validateHostname: false, detectIp: false } as const;

/**
 * Names by their wire bytes. Working a name out takes about a microsecond, and most rows ask for a name that was
 * asked for before. When full, everything is forgotten: cheaper than an order of use, and as bounded.
 */
export class NameCache {
  readonly #held = new Map<string, NameFacts>();
  readonly #max: number;
  /** Times the cache was full. */
  cleared = 0;

  constructor(max: number) {
    this.#max = max;
  }

  /** Facts about the lower-case wire labels at `at`; never throws, whatever the bytes. */
  get(bytes: Uint8Array, at: number, length: number): NameFacts {
    const wire = Buffer.from(bytes.buffer, bytes.byteOffset + at, length).toString('latin1');
    const held = this.#held.get(wire);
    if (held !== undefined) return held;
    if (this.#held.size >= this.#max) {
      this.#held.clear();
      this.cleared++;
    }
    const facts = nameFacts(nameText(bytes, at, length));
    this.#held.set(wire, facts);
    return facts;
  }
}

export function nameFacts(text: string): NameFacts {
  const dots = text.split('.');
  const reverse = text.endsWith('.in-addr.arpa') || text.endsWith('.ip6.arpa');
  let domain = text === '.' ? '.' : dots[dots.length - 1]!;
  let known = false;
  // A label of 63 escaped bytes is 252 characters: names stay short enough for the parser.
  const parsed = parse(text, PSL);
  if (parsed.domain !== null && parsed.domain !== '' && text.endsWith(parsed.domain)) {
    domain = parsed.domain;
    known = parsed.isIcann === true || parsed.isPrivate === true;
  } else if (parsed.publicSuffix && text.endsWith(parsed.publicSuffix)) {
    domain = parsed.publicSuffix;
  }
  // Programs that talk to their own server make up names without any domain.
  const last = dots[dots.length - 1]!;
  if (!known && dots.length > 1 && (last.length > 20 || (/\d/.test(last) && !last.startsWith('xn--')))) domain = '.';
  const sub =
    domain === '.'
      ? text === '.'
        ? ''
        : text
      : text.length > domain.length
        ? text.slice(0, text.length - domain.length - 1)
        : '';
  const subEntropy = sub === '' ? 0 : entropy(sub);
  return {
    text,
    domain,
    sub,
    labels: text === '.' ? 0 : dots.length,
    domainHash: hashText(domain),
    subHash: hashText(sub),
    subEntropy,
    reverse,
    known,
    spot: undefined,
  };
}

/** FNV-1a, then mixed so that neighbours part. */
function hashText(text: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  return (h ^ (h >>> 13)) >>> 0;
}
