import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findingScore } from '../../src/record/finding.js';
import { noShared, sharedCaptures } from '../support/shared.js';
import { hits, labelsOf, replay, replayEach } from './replay.js';

const MINUTE_US = 60e6;
const of = (kind: string) => sharedCaptures().filter((name) => name.startsWith(`${kind}/`));

test('every captured DNS tunnel is found, and its domain named', { skip: noShared }, () => {
  const labels = labelsOf();
  let files = 0;
  let firm = 0;
  for (const name of [...of('dns-tunnel'), ...of('dns-exfil').slice(0, 8)]) {
    const label = labels.get(name)!;
    const found = replay(name, MINUTE_US).findings.filter((f) => f.kind === 'dns.tunnel' && hits(f, label));
    assert.ok(found.length > 0 && findingScore(found[0]!) >= 50, name);
    files++;
    if (findingScore(found[0]!) >= 60) firm++;
  }
  assert.ok(files >= 20 && firm >= files * 0.7, `${firm} firm of ${files}`);
});

test('scans and password guesses in captures are found', { skip: noShared }, () => {
  for (const [name, kind] of [
    ['hs-icmpScan.pcap.xz', 'scan.horizontal'],
    ['synPingSweep', 'scan.horizontal'],
    ['ps-tcp_ack', 'scan.vertical'],
    ['ps-tcp_syn', 'scan.vertical'],
    ['ps-udp', 'scan.vertical'],
    ['oracle_brute', 'bruteforce'],
  ] as const) {
    const file = of('recon-bruteforce').find((f) => f.includes(name))!;
    const found = replay(file, MINUTE_US).findings.filter((f) => f.kind === kind);
    assert.ok(found.length > 0 && findingScore(found[0]!) >= 50, `${name}: ${found.length}`);
  }
});

test('ordinary traffic stays quiet, in one window and in many', { skip: noShared }, () => {
  const flows = [0, 0];
  const loud: string[][] = [[], []];
  // Half of them, since unpacking takes its time; bench/score/captures.ts reads all.
  const names = [...of('benign-apps'), ...of('dns-benign')].filter((_, n) => n % 2 === 0);
  for (const [n, name] of names.entries()) {
    // Every third one in a single window too.
    const windows = n % 3 === 0 ? [MINUTE_US, Number.POSITIVE_INFINITY] : [MINUTE_US];
    replayEach(name, windows).forEach((got, w) => {
      flows[w]! += got.flows;
      for (const f of got.findings) if (findingScore(f) > 40) loud[w]!.push(`${name} ${f.kind} ${findingScore(f)}`);
    });
  }
  for (const w of [0, 1]) {
    assert.ok(flows[w]! > 10_000 / (1 + 3 * w), `only ${flows[w]} flows: the captures were not read`);
    // One of them holds a program that calls its server every ten minutes for a day: a beacon, if an honest one.
    assert.ok(loud[w]!.length <= 2, loud[w]!.join('\n'));
  }
});
