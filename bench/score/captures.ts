/**
 * What the detectors make of labelled captures: every line of `points` or more, by file, and totals by class.
 *
 *     node .build/test/bench/score/captures.js [kind or part of a name] [points] [window in seconds]
 */
import { findingScore } from '../../src/record/finding.js';
import { hits, labelsOf, replay } from '../../test/score/replay.js';
import { sharedCaptures } from '../../test/support/shared.js';

const [what = '', least = '20', seconds = '0'] = process.argv.slice(2);
const windowUs = Number(seconds) * 1e6 || Number.POSITIVE_INFINITY;
const labels = labelsOf();

const totals = new Map<string, number[]>();
for (const name of sharedCaptures().filter((n) => n.includes(what))) {
  const label = labels.get(name);
  const { findings, flows, dns } = replay(name, windowUs);
  const best = findings.filter((f) => label === undefined || !label.malicious || hits(f, label));
  const kind = `${name.split('/')[0]} ${label?.malicious ? 'malicious' : 'benign'}`;
  if (!totals.has(kind)) totals.set(kind, []);
  totals.get(kind)!.push(best.length > 0 ? findingScore(best[0]!) : 0);
  console.log(`\n${label?.malicious ? '!' : ' '} ${name.slice(0, 110)}  ${flows} flows, ${dns} dns, ${label?.value}`);
  for (const f of findings.filter((f) => findingScore(f) >= Number(least)).slice(0, 8)) {
    console.log(
      `   ${findingScore(f)} ${f.kind} ${f.src} > ${f.dst ?? '*'} ${f.proto ?? ''}/${f.dstPort ?? ''} ${f.domain ?? ''}`,
    );
    for (const r of f.reasons) console.log(`        ${r.points} ${r.name}: ${r.text.slice(0, 230)}`);
  }
}
console.log('\nbest line of each file, by kind: files, median, share of 35 and more, share of 60 and more');
for (const [kind, scores] of totals) {
  const sorted = scores.sort((a, b) => a - b);
  const share = (x: number) => `${sorted.filter((s) => s >= x).length}/${sorted.length}`;
  console.log(
    `${kind.padEnd(28)} ${String(sorted.length).padStart(4)} ${sorted[sorted.length >> 1]} ${share(35)} ${share(60)}`,
  );
}
