/**
 * What the detectors make of labelled captures: every line of `points` or more, by file, and totals by class.
 *
 *     node .build/test/bench/score/captures.js [kind or part of a name] [points] [window in seconds]
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FrameSource } from '../../src/capture/source.js';
import { mergeDns } from '../../src/dns/order.js';
import { mergeFlows } from '../../src/flow/order.js';
import { type Finding, findingScore, mergeFindings, rankFindings } from '../../src/record/finding.js';
import { Scorer } from '../../src/score/scorer.js';
import { budget } from '../../src/sensor/budget.js';
import { Shard } from '../../src/sensor/shard.js';
import type { Frame } from '../../test/support/frames.js';
import { readPcap, withPcap } from '../../test/support/pcap.js';
import { SHARED, sharedCaptures } from '../../test/support/shared.js';

const [what = '', least = '20', seconds = '0'] = process.argv.slice(2);
const windowUs = Number(seconds) * 1e6 || Number.POSITIVE_INFINITY;

const labels = new Map(
  readFileSync(join(SHARED, 'labels.csv'), 'utf8')
    .split('\n')
    .slice(1)
    .map((line) => {
      const [file, unit, value, kind] = line.split(',');
      return [file!, { unit: unit!, value: value!, malicious: kind === 'malicious' }];
    }),
);

/** All frames as one batch. */
function sourceOf(frames: Frame[]): FrameSource {
  const bytes = frames.reduce((sum, f) => sum + f.bytes.length, 0);
  const arena = new Uint8Array(bytes);
  const n = frames.length;
  const batch = {
    count: 0,
    arena,
    view: new DataView(arena.buffer),
    start: new Uint32Array(n),
    capLen: new Uint32Array(n),
    wireLen: new Uint32Array(n),
    timeUs: new Float64Array(n),
    linkType: new Uint16Array(n),
  };
  let at = 0;
  frames.forEach((f, i) => {
    arena.set(f.bytes, at);
    batch.start[i] = at;
    batch.capLen[i] = f.bytes.length;
    batch.wireLen[i] = f.wireLen ?? f.bytes.length;
    batch.timeUs[i] = f.timeUs ?? 0;
    batch.linkType[i] = f.linkType ?? 1;
    at += f.bytes.length;
  });
  return {
    name: 'frames',
    batch,
    read: () => {
      if (batch.count === n) return 'end';
      batch.count = n;
      return 'frames';
    },
    ready: async () => {},
    stats: () => ({ frames: n, wireBytes: bytes, droppedRing: 0, droppedInterface: 0, otherShard: 0, filtered: 0 }),
    fault: () => null,
    progress: () => null,
    close: () => {},
  };
}

function findingsOf(frames: Frame[]): { findings: Finding[]; flows: number; dns: number } {
  const memory = 256 << 20;
  const b = { ...budget(memory, 1), flowRows: frames.length * 3 + 100_000, dnsRows: frames.length + 10_000 };
  const timeouts = { tcp: 300, udp: 60, icmp: 30, active: 300, dns: 5 };
  const shard = new Shard([sourceOf(frames)], { budget: b, hashSeed: 7, timeouts });
  const scorer = new Scorer({ wordSet: 'tapspot', seed: 1, topics: 20, memoryBytes: b.scorer });
  const findings: Finding[] = [];
  let flows = 0;
  let dns = 0;
  let from = frames[0]?.timeUs ?? 0;
  for (let ended = false; !ended; ) {
    const to = from + windowUs;
    const why = shard.run(to, () => true);
    if (why === 'end') {
      while (!shard.flush());
      ended = true;
    } else if (why === 'until') shard.advance(to);
    const part = shard.take();
    const window = {
      fromUs: from,
      toUs: Number.isFinite(to) ? to : shard.span().lastUs,
      flows: mergeFlows([part.flows]),
      dns: mergeDns([part.dns]),
      ledger: {},
    };
    findings.push(...scorer.close(window).findings);
    flows += window.flows.count;
    dns += window.dns.rows.count;
    // Nothing happens in a pause of days: the next window begins with the next frame.
    from = Math.max(to, shard.nextUs() || to);
  }
  return { findings: rankFindings(mergeFindings(findings)), flows, dns };
}

function hits(f: Finding, label: { unit: string; value: string }): boolean {
  const ends = [f.src, f.dst];
  if (label.unit === 'file') return true;
  if (label.unit === 'host') return ends.includes(label.value);
  if (label.unit === 'domain') return label.value.split(';').includes(f.domain ?? '');
  const [src, dst] = label.value.split('>');
  return ends.includes(src!) && (f.dst === null || ends.includes(dst!.split(':')[0]!));
}

const totals = new Map<string, number[]>();
for (const name of sharedCaptures().filter((n) => n.includes(what))) {
  const label = labels.get(`pcap/${name}`);
  const { findings, flows, dns } = withPcap(join(SHARED, 'pcap', name), (file) => findingsOf(readPcap(file)));
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
