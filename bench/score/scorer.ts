/**
 * What a flow costs to score when the model is steady: nanoseconds of processor time, without and
 * with detectors. The least of some rounds is the program's own; the median has the machine's other work in it.
 */
import { Random } from '../../src/base/random.js';
import { type ModelDocument, trainTopicModel } from '../../src/record/topic-model.js';
import { Scorer, type WordRows } from '../../src/score/scorer.js';
import type { Window } from '../../src/score/window.js';
import { type FlowRow, MINUTE, START, windowOf } from '../../test/score/rows.js';

const FLOWS = 20_000;
const ROUNDS = 15;

function traffic(n: number): Window {
  const random = new Random(n);
  // A thousand hosts, each with some thirty peers that it comes back to, and sizes that go with the peer.
  const rows: FlowRow[] = Array.from({ length: FLOWS }, (_, i) => {
    const host = random.below(1000);
    const peer = (host * 7 + Math.floor(30 * random.uniform() ** 2) * 131) % 4096;
    return {
      src: `10.0.${host >> 8}.${host & 255}`,
      dst: `198.51.${peer >> 8}.${peer & 255}`,
      dport: [443, 443, 443, 80, 22, 25, 8080, 5000][peer & 7]!,
      sport: 32768 + random.below(28_000),
      firstUs: START + n * MINUTE + (i / FLOWS) * MINUTE,
      origPayload: 300 + (1 << (peer & 15)) + random.below(2000),
      respPayload: 900 + (1 << (peer & 15)) + random.below(9000),
      origPackets: 4 + random.below(12),
      respPackets: 4 + random.below(20),
    };
  });
  return windowOf(rows, [], START + n * MINUTE);
}

/** The model that a central would have made of these words. */
function modelOf(words: WordRows): ModelDocument {
  const corpus = { ...words, count: Float64Array.from(words.occurrences) };
  const flow = trainTopicModel(corpus, { topics: 20, seed: 1, passes: 5 })!.toDocument();
  const trainedOn = { fromUs: 0, toUs: 1, sensors: [], documents: 1, tokens: 1 };
  return { version: 1, generation: 1, wordSet: 'tapspot', seed: 1, trainedAt: 0, trainedOn, flow, dns: null };
}

for (const scoreOnly of [true, false]) {
  const scorer = new Scorer({ wordSet: 'tapspot', seed: 1, topics: 20, memoryBytes: 64 << 20, scoreOnly });
  const first = performance.now();
  scorer.useModel(modelOf(scorer.close(traffic(0)).words));
  const training = Math.round((performance.now() - first) / 2);
  const windows = Array.from({ length: ROUNDS + 10 }, (_, n) => traffic(n + 1));
  const times = windows.map((w) => {
    const began = process.cpuUsage();
    scorer.close(w);
    const used = process.cpuUsage(began);
    return ((used.user + used.system) * 1000) / FLOWS;
  });
  const steady = times.slice(10).sort((a, b) => a - b);
  console.log(
    `${scoreOnly ? 'scores alone  ' : 'with detectors'}  ${Math.round(steady[0]!)} ns a flow at best, ` +
      `${Math.round(steady[steady.length >> 1]!)} at median; a training took ${training} ms`,
  );
}
