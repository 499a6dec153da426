import { addressText } from '../../base/address.js';
import { DnsService } from '../../dns/columns.js';
import type { Finding } from '../../record/finding.js';
import { dnsTypeText } from '../../record/word-meaning.js';
import { AssocTable } from '../assoc-table.js';
import type { Context } from '../context.js';
import type { Detector } from '../detector.js';
import { Distinct } from '../distinct.js';
import { Emission } from '../emission.js';
import { grown, reason } from '../points.js';
import { bytesText, countText, numberText, percentText, spanText } from '../text.js';
import type { Window } from '../window.js';

/** Letters counted apart: a to z, 0 to 9, everything else. */
const LETTERS = 37;
/** Different names below a domain before anything is said. */
const NAMES_LEAST = 8;
/** Bytes of new text in names before anything is said. */
const CARRIED_LEAST = 120;
/** Text of names looks made up above this many bits per character; base32 has 5, hex 4, English about 4. */
const RANDOM_BITS = 3.2;
const LONG_NAME = 24;
const VERY_LONG_NAME = 45;
/** Types that carry data of the server's choice; A and AAAA carry 4 and 16 bytes. */
const CARRIERS: ReadonlySet<number> = new Set([5, 10, 15, 16, 24, 25, 33, 65399]);
/** Bytes of an answer beyond what names and addresses need. */
const BIG_ANSWER = 180;
/** Lists of bad addresses are asked by address, before their own name; an address is all that such a name can carry. */
const LISTED = /^(\d{1,3}\.){3}\d{1,3}(\.|$)|^([0-9a-f]\.){31}[0-9a-f](\.|$)/;
/** Rows start again after this long without a question. */
const PAUSE_US = 24 * 3600e6;

/**
 * Data in DNS names and answers (`dns.tunnel`): per client and registered domain, how much new text the names
 * carried, whatever the rate. The statistic is information: characters that differ from the name before, times the
 * entropy of all characters (names of a content network repeat a template; encoded data does not), together with the
 * length of names, the types asked for and the size of answers. After Born and Gustafson, "Detecting DNS Tunnels
 * Using Character Frequency Analysis", 2010, and Paxson et al., "Practical Comprehensive Bounds on Surreptitious
 * Communication Over DNS", USENIX Security 2013.
 *
 * Limits: a tunnel over many registered domains is many rows; one that only uses the timing or the choice among a few
 * names is not seen; nor is one in the form of addresses, or DNS over HTTPS.
 */
export class DnsTunnelDetector implements Detector {
  readonly name = 'dns.tunnel';
  /** key: client (4 words), hash of the domain (2 words). */
  readonly #table: AssocTable;
  readonly #emission: Emission;
  readonly #names: Distinct;
  readonly #domain: string[];
  readonly #before: string[];
  readonly #letters: Uint16Array;
  readonly #questions: Uint32Array;
  readonly #different: Uint32Array;
  /** Sums over different names: length, and characters unlike the name before. */
  readonly #length: Float64Array;
  readonly #fresh: Float64Array;
  readonly #carriers: Uint32Array;
  readonly #carrierType: Uint16Array;
  readonly #answers: Float64Array;
  readonly #answered: Uint32Array;
  readonly #firstUs: Float64Array;
  readonly #lastUs: Float64Array;

  constructor(memoryBytes: number) {
    this.#table = new AssocTable(6, memoryBytes, 128 + 2 + LETTERS * 2 + 5 * 4 + 2 + 5 * 8 + 12 + 350);
    const n = this.#table.capacity;
    this.#emission = new Emission(n);
    this.#names = new Distinct(n, 1024);
    this.#domain = Array<string>(n).fill('');
    this.#before = Array<string>(n).fill('');
    this.#letters = new Uint16Array(n * LETTERS);
    this.#questions = new Uint32Array(n);
    this.#different = new Uint32Array(n);
    this.#length = new Float64Array(n);
    this.#fresh = new Float64Array(n);
    this.#carriers = new Uint32Array(n);
    this.#carrierType = new Uint16Array(n);
    this.#answers = new Float64Array(n);
    this.#answered = new Uint32Array(n);
    this.#firstUs = new Float64Array(n);
    this.#lastUs = new Float64Array(n);
  }

  get evicted(): number {
    return this.#table.evicted;
  }

  window(window: Window, context: Context, out: Finding[]): void {
    const { rows, bytes } = window.dns;
    const key = new Uint32Array(6);
    const touched = new Set<number>();
    for (let i = 0; i < rows.count; i++) {
      if (rows.service[i] !== DnsService.dns) continue;
      const name = context.names.get(bytes, rows.nameAt[i]!, rows.nameLength[i]!);
      if (name.sub === '' || name.reverse || LISTED.test(name.sub)) continue;
      for (let w = 0; w < 4; w++) key[w] = rows.addr[i * 8 + w]!;
      key[4] = name.domainHash;
      key[5] = name.domain.length;
      const us = Number.isNaN(rows.queryUs[i]!) ? rows.responseUs[i]! : rows.queryUs[i]!;
      const row = this.#table.row(key);
      if (this.#table.fresh || us - this.#lastUs[row]! > PAUSE_US) this.#clear(row, name.domain, us);
      this.#lastUs[row] = us;
      this.#questions[row]!++;
      if (CARRIERS.has(rows.qtype[i]!)) {
        this.#carriers[row]!++;
        this.#carrierType[row] = rows.qtype[i]!;
      }
      if (rows.responseLength[i]! > 0) {
        this.#answered[row]!++;
        this.#answers[row]! += Math.max(0, rows.responseLength[i]! - 2 * rows.nameLength[i]! - 12);
      }
      if (!this.#names.add(row, name.subHash)) continue;
      this.#different[row]!++;
      this.#length[row]! += name.sub.length;
      this.#fresh[row]! += this.#spell(row, name.sub);
      this.#before[row] = name.sub;
      if (this.#different[row]! >= NAMES_LEAST) touched.add(row);
    }
    for (const row of touched) this.#tell(row, out);
  }

  #clear(row: number, domain: string, us: number): void {
    this.#emission.clear(row);
    this.#names.clear(row);
    this.#domain[row] = domain;
    this.#before[row] = '';
    this.#letters.fill(0, row * LETTERS, (row + 1) * LETTERS);
    this.#questions[row] = this.#different[row] = this.#carriers[row] = this.#answered[row] = 0;
    this.#length[row] = this.#fresh[row] = this.#answers[row] = 0;
    this.#firstUs[row] = us;
  }

  /** Counts letters; returns how many characters differ from the name before at the same place. */
  #spell(row: number, sub: string): number {
    const before = this.#before[row]!;
    const at = row * LETTERS;
    let fresh = 0;
    for (let i = 0; i < sub.length; i++) {
      const c = sub.charCodeAt(i);
      if (c === 46) continue;
      const letter = c >= 97 && c <= 122 ? c - 97 : c >= 48 && c <= 57 ? c - 22 : LETTERS - 1;
      if (this.#letters[at + letter]! < 0xffff) this.#letters[at + letter]!++;
      if (i >= before.length || before.charCodeAt(i) !== c) fresh++;
    }
    return fresh;
  }

  /** Bits per character over all names of a row. */
  #bits(row: number): number {
    const letters = this.#letters.subarray(row * LETTERS, (row + 1) * LETTERS);
    let all = 0;
    for (const n of letters) all += n;
    let bits = 0;
    for (const n of letters) if (n > 0) bits -= (n / all) * Math.log2(n / all);
    return bits;
  }

  #tell(row: number, out: Finding[]): void {
    const different = this.#different[row]!;
    const bits = this.#bits(row);
    const carried = (this.#fresh[row]! * bits) / 8;
    if (carried < CARRIED_LEAST || bits < RANDOM_BITS) return;
    const mean = this.#length[row]! / different;
    const domain = this.#domain[row]!;
    const below = domain === '.' ? 'without a domain' : `below ${domain}`;
    const full = this.#names.load(row) > 0.9;
    const reasons = [
      reason(
        'dns.tunnel.names',
        grown(carried, CARRIED_LEAST, 26, 12_000, 56),
        `${full ? 'more than ' : ''}${countText(different, 'different name')} ${below} in ${spanText(this.#lastUs[row]! - this.#firstUs[row]!)} ` +
          `carried about ${bytesText(carried)} (${bits.toFixed(1)} bits a character)`,
      ),
    ];
    if (mean >= LONG_NAME) {
      const points = mean >= VERY_LONG_NAME ? 15 : 12;
      reasons.push(reason('dns.tunnel.length', points, `the names are ${numberText(mean)} characters long on average`));
    }
    const questions = this.#questions[row]!;
    const carriers = this.#carriers[row]! / questions;
    if (carriers >= 0.25) {
      const type = dnsTypeText(this.#carrierType[row]!);
      const text = `${percentText(carriers)} of ${countText(questions, 'question')} asked for types that carry data, as ${type}`;
      reasons.push(reason('dns.tunnel.types', 12, text));
    }
    const answer = this.#answers[row]! / Math.max(1, this.#answered[row]!);
    if (answer >= BIG_ANSWER) {
      const brought = this.#answers[row]!;
      const text = `the answers brought ${bytesText(brought)}, ${bytesText(answer)} each`;
      reasons.push(reason('dns.tunnel.answers', grown(brought, 5000, 6, 500_000, 12), text));
    }
    const points = reasons.reduce((sum, r) => sum + r.points, 0);
    if (!this.#emission.due(row, points, this.#lastUs[row]!)) return;
    const key = this.#table.key.subarray(row * 6, row * 6 + 6);
    out.push({
      kind: this.name,
      src: addressText(key, 0),
      dst: null,
      dstPort: null,
      proto: null,
      domain,
      firstUs: this.#firstUs[row]!,
      lastUs: this.#lastUs[row]!,
      reasons,
    });
  }
}
