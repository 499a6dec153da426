/** Captures through the whole upper pipeline in one thread, for tests and benches of what is found. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { packageRoot } from '../../src/base/root.js';
import type { FrameSource } from '../../src/capture/source.js';
import { mergeDns } from '../../src/dns/order.js';
import { mergeFlows } from '../../src/flow/order.js';
import { type Finding, mergeFindings, rankFindings } from '../../src/record/finding.js';
import { Scorer } from '../../src/score/scorer.js';
import { budget } from '../../src/sensor/budget.js';
import { Shard } from '../../src/sensor/shard.js';
import type { Frame } from '../support/frames.js';
import { readPcap, withPcap } from '../support/pcap.js';
import { SHARED } from '../support/shared.js';

/** Much less than a sensor has: tables that need not be large take long to make. */
const MEMORY = 64 << 20;

export interface Label {
  unit: string;
  value: string;
  malicious: boolean;
}

/** Labels of the captures by `kind/name`. */
export function labelsOf(): Map<string, Label> {
  const lines = readFileSync(join(SHARED, 'labels.csv'), 'utf8').split('\n').slice(1);
  return new Map(
    lines.map((line) => {
      const [file, unit, value, kind] = line.split(',');
      return [file!.replace(/^pcap\//, ''), { unit: unit!, value: value!, malicious: kind === 'malicious' }];
    }),
  );
}

export interface Replayed {
  findings: Finding[];
  flows: number;
  dns: number;
}

/** What is found in a capture, ranked; `windowUs` may be infinite. */
export function replay(name: string, windowUs: number): Replayed {
  return replayEach(name, [windowUs])[0]!;
}

/** The same with windows of several lengths, each on its own. */
export function replayEach(name: string, windowsUs: readonly number[]): Replayed[] {
  return withPcap(join(SHARED, 'pcap', name), (file) => {
    const frames = readPcap(file);
    return windowsUs.map((windowUs) => findingsOf(frames, windowUs));
  });
}

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

/** What is found in the last of some captures of samples/, ranked, by a scorer that has seen the others before. */
export function replaySamples(names: string[], windowUs: number): Finding[] {
  const scorer = makeScorer();
  let findings: Finding[] = [];
  for (const name of names) {
    const packed = readFileSync(join(packageRoot(), 'samples', name));
    const dir = mkdtempSync(join(tmpdir(), 'tapspot-sample-'));
    try {
      const file = join(dir, 'capture');
      writeFileSync(file, gunzipSync(packed));
      findings = withPcap(file, (classic) => findingsOf(readPcap(classic), windowUs, scorer).findings);
    } finally {
      rmSync(dir, { recursive: true, force: true });
    }
  }
  return findings;
}

function makeScorer(): Scorer {
  return new Scorer({ wordSet: 'tapspot', seed: 1, topics: 20, memoryBytes: budget(MEMORY, 1).scorer });
}

function findingsOf(frames: Frame[], windowUs: number, scorer = makeScorer()): Replayed {
  const b = { ...budget(MEMORY, 1), flowRows: frames.length * 2 + 5000, dnsRows: frames.length + 5000 };
  const timeouts = { tcp: 300, udp: 60, icmp: 30, active: 300, dns: 5 };
  const shard = new Shard([sourceOf(frames)], { budget: b, hashSeed: 7, timeouts });
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

/** Whether a finding is about what the label names. */
export function hits(f: Finding, label: Label): boolean {
  const ends = [f.src, f.dst];
  if (label.unit === 'file') return true;
  if (label.unit === 'host') return ends.includes(label.value);
  if (label.unit === 'domain') return label.value.split(';').includes(f.domain ?? '');
  const [src, dst] = label.value.split('>');
  return ends.includes(src!) && (f.dst === null || ends.includes(dst!.split(':')[0]!));
}
