import { parseAddress } from '../base/address.js';
import { nameText } from '../dns/name.js';
import type { Finding } from '../record/finding.js';
import type { Window } from '../score/window.js';

/** Rows that go in full for one finding, and for all reasons together: a flood must not become a flood of summaries. */
const PER_FINDING = 2000;
const MOST = 20_000;

export interface Evidence {
  /** 1 for a row that goes in full whatever it costs. */
  flows: Uint8Array;
  dns: Uint8Array;
  flowCount: number;
  dnsCount: number;
  /** Rows that were evidence beyond those bounds, and are summarised like others. */
  capped: number;
}

interface Wanted {
  finding: Finding;
  src: Uint32Array;
  dst: Uint32Array | null;
  suffix: string | null;
  taken: number;
}

/** Which rows of a window an analyst will want to see whole: strange ones, and those that a finding speaks of. */
export function evidenceOf(window: Window, findings: readonly Finding[], scoreAtMost: number): Evidence {
  const { flows, dns } = window;
  const out: Evidence = {
    flows: new Uint8Array(flows.count),
    dns: new Uint8Array(dns.rows.count),
    flowCount: 0,
    dnsCount: 0,
    capped: 0,
  };
  const wanted = wantedBy(findings);
  for (let i = 0; i < flows.count; i++) {
    const why = flows.score[i]! <= scoreAtMost || wants(wanted, window, i, false, out);
    if (why && out.flowCount + out.dnsCount < MOST) out.flowCount += out.flows[i] = 1;
    else if (why) out.capped++;
  }
  for (let i = 0; i < dns.rows.count; i++) {
    const why = dns.rows.score[i]! <= scoreAtMost || wants(wanted, window, i, true, out);
    if (why && out.flowCount + out.dnsCount < MOST) out.dnsCount += out.dns[i] = 1;
    else if (why) out.capped++;
  }
  return out;
}

/** Findings by a hash of their source's address. */
function wantedBy(findings: readonly Finding[]): Map<number, Wanted[]> {
  const byHost = new Map<number, Wanted[]>();
  for (const finding of findings) {
    const src = words(finding.src);
    if (src === null) continue;
    const dst = finding.dst === null ? null : words(finding.dst);
    const suffix = finding.domain === null ? null : `.${finding.domain.toLowerCase()}`;
    const key = keyOf(src, 0);
    const list = byHost.get(key);
    const item = { finding, src, dst, suffix, taken: 0 };
    if (list === undefined) byHost.set(key, [item]);
    else list.push(item);
  }
  return byHost;
}

function wants(wanted: Map<number, Wanted[]>, window: Window, row: number, isDns: boolean, out: Evidence): boolean {
  const addr = isDns ? window.dns.rows.addr : window.flows.addr;
  let capped = false;
  for (let side = 0; side < 8; side += 4) {
    for (const item of wanted.get(keyOf(addr, row * 8 + side)) ?? []) {
      if (!same(item.src, addr, row * 8 + side)) continue;
      if (item.dst !== null && !same(item.dst, addr, row * 8 + (4 - side))) continue;
      if (!(isDns ? wantsDns(item, window, row) : wantsFlow(item, window, row))) continue;
      if (item.taken < PER_FINDING) {
        item.taken++;
        return true;
      }
      capped = true;
    }
  }
  if (capped) out.capped++;
  return false;
}

function wantsFlow({ finding, suffix, dst }: Wanted, { flows }: Window, row: number): boolean {
  // What is only about a name has its evidence in the DNS rows.
  if (suffix !== null && dst === null) return false;
  const port = finding.dstPort;
  return port === null || flows.dport[row] === port || flows.sport[row] === port;
}

function wantsDns({ suffix, finding }: Wanted, { dns }: Window, row: number): boolean {
  if (suffix === null) return finding.kind.startsWith('dns');
  const name = `.${nameText(dns.bytes, dns.rows.nameAt[row]!, dns.rows.nameLength[row]!)}`;
  return name.endsWith(suffix);
}

function words(text: string): Uint32Array | null {
  const out = new Uint32Array(4);
  return parseAddress(text, out, 0) ? out : null;
}

function keyOf(a: Uint32Array, at: number): number {
  return Math.imul(a[at]! ^ Math.imul(a[at + 1]!, 31) ^ Math.imul(a[at + 2]!, 131), 0x9e3779b1) ^ a[at + 3]!;
}

function same(a: Uint32Array, b: Uint32Array, at: number): boolean {
  return a[3] === b[at + 3] && a[2] === b[at + 2] && a[1] === b[at + 1] && a[0] === b[at];
}
