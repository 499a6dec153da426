import { addressText } from '../../base/address.js';
import { DnsService } from '../../dns/columns.js';
import type { Finding } from '../../record/finding.js';
import { AssocTable } from '../assoc-table.js';
import type { Context } from '../context.js';
import type { Detector } from '../detector.js';
import { Distinct } from '../distinct.js';
import { Emission } from '../emission.js';
import { grown, reason } from '../points.js';
import { countText, percentText, spanText } from '../text.js';
import type { Window } from '../window.js';

const NXDOMAIN = 3;
/** Different registered domains that do not exist before anything is said. */
const LEAST = 10;
/** Counts start again after this long without a failure. */
const PAUSE_US = 6 * 3600e6;
const EXAMPLES = 3;

/**
 * A client that asks for many registered domains that do not exist (`dns.dga`): what software does that looks for
 * its master under generated names (Antonakakis et al., "From Throw-Away Traffic to Bots", USENIX Security 2012).
 * The statistic is the number of different failed domains, with the share of failures and how made-up they look.
 *
 * Limits: a mail server or crawler that follows dead links looks alike; failures below one domain count once.
 */
export class NxdomainDetector implements Detector {
  readonly name = 'dns.dga';
  readonly #table: AssocTable;
  readonly #emission: Emission;
  readonly #failed: Distinct;
  readonly #found: Distinct;
  readonly #madeUp: Uint32Array;
  readonly #examples: string[];
  readonly #firstUs: Float64Array;
  readonly #lastUs: Float64Array;

  constructor(memoryBytes: number) {
    this.#table = new AssocTable(4, memoryBytes, 64 + 64 + 4 + 4 + 100 + 2 * 8 + 12);
    const n = this.#table.capacity;
    this.#emission = new Emission(n);
    this.#failed = new Distinct(n, 512);
    this.#found = new Distinct(n, 512);
    this.#madeUp = new Uint32Array(n);
    this.#examples = Array<string>(n).fill('');
    this.#firstUs = new Float64Array(n);
    this.#lastUs = new Float64Array(n);
  }

  get evicted(): number {
    return this.#table.evicted;
  }

  window(window: Window, context: Context, out: Finding[]): void {
    const { rows, bytes } = window.dns;
    const key = new Uint32Array(4);
    const touched = new Set<number>();
    for (let i = 0; i < rows.count; i++) {
      const rcode = rows.rcode[i]!;
      if (rows.service[i] !== DnsService.dns || (rcode !== NXDOMAIN && rcode !== 0)) continue;
      const name = context.names.get(bytes, rows.nameAt[i]!, rows.nameLength[i]!);
      // Only what could have been registered: not reverse names, not search lists of local names.
      if (!name.known || name.reverse) continue;
      for (let w = 0; w < 4; w++) key[w] = rows.addr[i * 8 + w]!;
      const us = Number.isNaN(rows.queryUs[i]!) ? rows.responseUs[i]! : rows.queryUs[i]!;
      const row = this.#table.row(key);
      if (this.#table.fresh || us - this.#lastUs[row]! > PAUSE_US) {
        this.#emission.clear(row);
        this.#failed.clear(row);
        this.#found.clear(row);
        this.#madeUp[row] = 0;
        this.#examples[row] = '';
        this.#firstUs[row] = us;
        this.#lastUs[row] = us;
      }
      if (rcode === 0) {
        this.#found.add(row, name.domainHash);
        continue;
      }
      this.#lastUs[row] = us;
      if (!this.#failed.add(row, name.domainHash)) continue;
      if (looksMadeUp(name.domain)) this.#madeUp[row]!++;
      const examples = this.#examples[row]!;
      if (examples.split(' ').length <= EXAMPLES) this.#examples[row] = `${examples}${name.domain} `;
      touched.add(row);
    }
    for (const row of touched) this.#tell(row, out);
  }

  #tell(row: number, out: Finding[]): void {
    const failed = this.#failed.estimate(row);
    if (failed < LEAST) return;
    const found = this.#found.estimate(row);
    const madeUp = Math.min(1, this.#madeUp[row]! / failed);
    const examples = this.#examples[row]!.trim().split(' ').join(', ');
    const span = spanText(this.#lastUs[row]! - this.#firstUs[row]!);
    const reasons = [
      reason(
        'dns.dga.failed',
        grown(failed, LEAST, 32, 200, 65),
        `asked for ${countText(failed, 'domain')} that ${failed === 1 ? 'does' : 'do'} not exist in ${span}, as ${examples}`,
      ),
    ];
    if (madeUp >= 0.3) {
      reasons.push(
        reason('dns.dga.random', 5 + 15 * madeUp, `${percentText(madeUp)} of them look made up by a program`),
      );
    }
    if (found > failed) {
      const text = `${countText(found, 'other domain')} of the same client did exist`;
      reasons.push(reason('dns.dga.found', found > 10 * failed ? -30 : found > 3 * failed ? -20 : -10, text));
    }
    const points = reasons.reduce((sum, r) => sum + r.points, 0);
    if (!this.#emission.due(row, points, this.#lastUs[row]!)) return;
    const src = addressText(this.#table.key, row * 4);
    const [firstUs, lastUs] = [this.#firstUs[row]!, this.#lastUs[row]!];
    out.push({ kind: this.name, src, dst: null, dstPort: null, proto: null, domain: null, firstUs, lastUs, reasons });
  }
}

/** Long first labels with few vowels, digits among letters, or five consonants in a row. */
export function looksMadeUp(domain: string): boolean {
  const label = domain.slice(0, domain.indexOf('.'));
  if (label.length < 7 || label.startsWith('xn--')) return false;
  const letters = label.replace(/[^a-z]/g, '');
  const digits = label.replace(/[^0-9]/g, '').length;
  const vowels = letters.replace(/[^aeiouy]/g, '').length;
  if (digits >= 2 && letters.length >= 3 && /[a-z]\d+[a-z]/.test(label)) return true;
  return /[bcdfghjklmnpqrstvwxz]{5}/.test(label) || (letters.length >= 7 && vowels / letters.length < 0.22);
}
