import assert from 'node:assert/strict';
import { type Finding, findingKey, findingScore, mergeFindings } from '../../src/record/finding.js';
import { Scorer } from '../../src/score/scorer.js';
import { type DnsRow, type FlowRow, MINUTE, START, windowOf } from './rows.js';

const MiB = 1 << 20;
const time = (r: FlowRow | DnsRow) => ('queryUs' in r ? (r as DnsRow).queryUs! : (r as FlowRow).firstUs!);

/**
 * Findings of rows, in one window of everything and in windows of a minute; both must agree on what is found, at least
 * of the kinds that begin so.
 */
export function found(flows: FlowRow[], dns: DnsRow[] = [], kinds = ''): Finding[] {
  const make = () => new Scorer({ wordSet: 'tapspot', seed: 1, topics: 5, memoryBytes: 24 * MiB });
  const all = [...flows.map((r) => r.firstUs ?? START), ...dns.map((r) => r.queryUs ?? START)];
  const from = Math.min(...all);
  const to = Math.max(...all) + MINUTE;
  const whole = mergeFindings(make().close(windowOf(flows, dns, from, to - from)).findings);
  const scorer = make();
  const pieces: Finding[] = [];
  for (let at = from; at < to; at += MINUTE) {
    const within = <T extends FlowRow | DnsRow>(rows: T[]) =>
      rows.filter((r) => time(r) >= at && time(r) < at + MINUTE);
    pieces.push(...scorer.close(windowOf(within(flows), within(dns), at)).findings);
  }
  const keys = (list: Finding[]) =>
    list
      .filter((f) => f.kind !== 'rare' && f.kind.startsWith(kinds))
      .map(findingKey)
      .sort();
  const merged = mergeFindings(pieces);
  assert.deepEqual(keys(merged), keys(whole), 'one window and many do not find the same');
  for (const f of whole) {
    assert.ok(f.firstUs <= f.lastUs, `${f.kind} ends before it begins`);
    assert.ok(findingScore(f) <= 100, `${f.kind}: ${findingScore(f)} points`);
    for (const r of f.reasons) {
      assert.ok(Number.isFinite(r.points) && r.text.length > 0);
      assert.doesNotMatch(r.text, /NaN|Infinity|undefined|null/, r.text);
    }
    const later = merged.find((m) => findingKey(m) === findingKey(f));
    if (later !== undefined)
      assert.ok(Math.abs(findingScore(later) - findingScore(f)) < 12, `${f.kind} differs by window`);
  }
  return whole;
}

export function one(findings: Finding[], kind: string): Finding {
  const of = findings.filter((f) => f.kind === kind);
  assert.equal(of.length, 1, `${of.length} findings of kind ${kind} among ${findings.map((f) => f.kind)}`);
  return of[0]!;
}

export function none(findings: Finding[], kind: string): void {
  const of = findings.filter((f) => f.kind.startsWith(kind)).map((f) => f.reasons);
  assert.deepEqual(of, []);
}
