/** What a flow costs to score when the model is steady: nanoseconds, the least of some rounds, without and with detectors. */
import { Random } from '../../src/base/random.js';
import { Scorer } from '../../src/score/scorer.js';
import type { Window } from '../../src/score/window.js';
import { type FlowRow, MINUTE, START, windowOf } from '../../test/score/rows.js';

const FLOWS = 20_000;
const ROUNDS = 15;

function traffic(n: number): Window {
  const random = new Random(n);
  const rows: FlowRow[] = Array.from({ length: FLOWS }, (_, i) => ({
    src: `10.0.${random.below(4)}.${random.below(250)}`,
    dst: `198.51.${random.below(16)}.${random.below(256)}`,
    dport: [443, 80, 22, 25, 8080, 5000][random.below(6)]!,
    sport: 32768 + random.below(28_000),
    firstUs: START + n * MINUTE + (i / FLOWS) * MINUTE,
    origPayload: 1 << random.below(16),
    respPayload: 1 << random.below(20),
    origPackets: 1 << random.below(6),
    respPackets: 1 << random.below(8),
  }));
  return windowOf(rows, [], START + n * MINUTE);
}

for (const scoreOnly of [true, false]) {
  const scorer = new Scorer({ wordSet: 'tapspot', seed: 1, topics: 20, memoryBytes: 64 << 20, scoreOnly });
  const windows = Array.from({ length: ROUNDS + 10 }, (_, n) => traffic(n));
  const times = windows.map((w) => {
    const began = performance.now();
    scorer.close(w);
    return ((performance.now() - began) * 1e6) / FLOWS;
  });
  const steady = times.slice(10).sort((a, b) => a - b);
  const first = Math.round((times[0]! * FLOWS) / 1e6);
  console.log(
    `${scoreOnly ? 'scores alone  ' : 'with detectors'}  ${Math.round(steady[0]!)} ns a flow at best, ` +
      `${Math.round(steady[steady.length >> 1]!)} at median; the first window, with its training, took ${first} ms`,
  );
}
