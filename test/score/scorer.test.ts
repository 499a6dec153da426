import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Random } from '../../src/base/random.js';
import { trainTopicModel } from '../../src/record/topic-model.js';
import { Scorer, type ScorerOptions } from '../../src/score/scorer.js';
import type { Window } from '../../src/score/window.js';
import { type DnsRow, type FlowRow, HOUR, MINUTE, SECOND, START, windowOf } from './rows.js';

const MiB = 1 << 20;
setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

const options: ScorerOptions = { wordSet: 'tapspot', seed: 1, topics: 10, memoryBytes: 24 * MiB };

/** A small office: browsing, mail and names, by seed. */
function office(seed: number, flows: number, fromUs = START, span = MINUTE): Window {
  const random = new Random(seed);
  const rows: FlowRow[] = [];
  const dns: DnsRow[] = [];
  for (let i = 0; i < flows; i++) {
    const host = 1 + random.below(20);
    const mail = host <= 5 && random.below(3) === 0;
    rows.push({
      src: `10.0.0.${host}`,
      dst: mail ? '10.0.1.25' : `198.51.100.${1 + random.below(30)}`,
      dport: mail ? 993 : 443,
      sport: 32768 + random.below(28000),
      firstUs: fromUs + (i / flows) * span,
      origPayload: 500 + random.below(600),
      respPayload: 4000 + random.below(9000),
      origPackets: 8 + random.below(6),
      respPackets: 8 + random.below(8),
    });
    const name = `www${random.below(3)}.site${random.below(40)}.example.com`;
    dns.push({ client: `10.0.0.${host}`, name, queryUs: fromUs + (i / flows) * span, qtype: random.below(4) ? 1 : 28 });
  }
  return windowOf(rows, dns, fromUs, span);
}

test("nine usual flows and an odd one score about 0.9 and 0.1 in the predecessor's words", () => {
  const rows: FlowRow[] = Array.from({ length: 10 }, (_, i) => ({
    src: '10.0.0.1',
    dst: '10.0.0.2',
    dport: 80,
    sport: 40000,
    firstUs: START + (i === 9 ? 3 : 14) * HOUR,
    origBytes: 200,
    origPackets: 4,
  }));
  const scorer = new Scorer({ ...options, wordSet: 'spot' });
  const { words } = scorer.close(windowOf(rows, [], START, 24 * HOUR));
  const model = trainTopicModel(
    {
      hosts: words.hosts,
      words: words.words,
      host: words.host,
      word: words.word,
      count: Float64Array.from(words.occurrences),
    },
    { topics: 20, seed: 1, passes: 20, alpha: 0.002, eta: 0.0001 },
  )!;
  const p = (hour: number) =>
    Math.min(
      model.probability('10.0.0.1', `80_TCP_${hour}_8_3`),
      model.probability('10.0.0.2', `-1_80_TCP_${hour}_8_3`),
    );
  assert.ok(Math.abs(p(14) - 0.9) < 0.03, `usual: ${p(14)}`);
  assert.ok(Math.abs(p(3) - 0.1) < 0.03, `odd: ${p(3)}`);
});

test("four usual DNS answers and an odd one score about 0.8 and 0.2 in the predecessor's words", () => {
  const dns: DnsRow[] = Array.from({ length: 5 }, (_, i) => ({
    name: 'turner.com.example.com',
    queryUs: START + (i === 4 ? 3 : 14) * HOUR,
    responseFrame: 128,
  }));
  const { words } = new Scorer({ ...options, wordSet: 'spot' }).close(windowOf([], dns, START, 24 * HOUR));
  assert.equal(words.words.length, 2);
  const model = trainTopicModel(
    {
      hosts: words.hosts,
      words: words.words,
      host: words.host,
      word: words.word,
      count: Float64Array.from(words.occurrences),
    },
    { topics: 20, seed: 1, passes: 20, alpha: 0.002, eta: 0.0001 },
  )!;
  const p = words.words.map((w) => model.probability('10.0.0.1', w)).sort();
  assert.ok(Math.abs(p[0]! - 0.2) < 0.03 && Math.abs(p[1]! - 0.8) < 0.03, `${p}`);
});

test('after close every row has a score in (0, 1], and the books say how many', () => {
  const window = office(1, 500);
  const got = new Scorer(options).close(window);
  for (let i = 0; i < 500; i++) {
    assert.ok(window.flows.score[i]! > 0 && window.flows.score[i]! <= 1);
    assert.ok(window.dns.rows.score[i]! > 0 && window.dns.rows.score[i]! <= 1);
  }
  assert.equal(window.ledger['score.flows'], 500);
  assert.equal(window.ledger['score.dns'], 500);
  assert.equal(window.ledger['score.uncounted'], 0);
  assert.equal(got.modelGeneration, 0);
  const told = got.words.occurrences.reduce((a, b) => a + b, 0);
  assert.equal(told, 3 * 500, 'two words a flow, one a DNS transaction');
  for (let i = 0; i < got.words.count; i++) {
    assert.ok(got.words.host[i]! < got.words.hosts.length && got.words.word[i]! < got.words.words.length);
  }
});

test('the same windows and seed give the same bytes', () => {
  const run = () => {
    const scorer = new Scorer(options);
    return [0, 1, 2].map((n) => {
      const window = office(n, 300, START + n * MINUTE);
      const got = scorer.close(window);
      return [
        Buffer.from(window.flows.score.buffer).toString('hex'),
        Buffer.from(window.dns.rows.score.buffer).toString('hex'),
        got,
      ];
    });
  };
  assert.deepEqual(run(), run());
});

test('what a host never did is stranger than what it always does', () => {
  const scorer = new Scorer(options);
  for (let n = 0; n < 5; n++) scorer.close(office(n, 400, START + n * MINUTE));
  const window = office(9, 400, START + 5 * MINUTE);
  const odd = windowOf([
    {
      src: '10.0.0.9',
      dst: '10.0.0.10',
      dport: 445,
      origPayload: 200_000,
      respPayload: 900,
      firstUs: START + 5 * MINUTE,
    },
  ]);
  scorer.close(window);
  scorer.close(odd);
  const usual = [...window.flows.score.subarray(0, 400)].sort((a, b) => a - b);
  assert.ok(odd.flows.score[0]! < 1e-3, `${odd.flows.score[0]}`);
  assert.ok(odd.flows.score[0]! < usual[4]!, 'below the 1 % of usual flows');
  const median = usual[200]!;
  assert.ok(median > 0.2 && median < 0.95, `usual flows are usual: median ${median}`);
});

test('the tail of usual traffic is about uniform', () => {
  const scorer = new Scorer(options);
  for (let n = 0; n < 8; n++) scorer.close(office(n, 500, START + n * MINUTE));
  const window = office(77, 2000, START + 8 * MINUTE);
  scorer.close(window);
  for (const at of [0.02, 0.1, 0.3]) {
    const share = window.flows.score.subarray(0, 2000).filter((s) => s <= at).length / 2000;
    assert.ok(share <= at * 2 + 0.02, `${share} of usual flows score ${at} or less`);
  }
});

test('memory stays bounded under two hundred thousand random hosts, and real hosts stay known', () => {
  const random = new Random(3);
  const scorer = new Scorer({ ...options, memoryBytes: 8 * MiB });
  for (let n = 0; n < 3; n++) scorer.close(office(n, 400, START + n * MINUTE));
  collect();
  const before = process.memoryUsage();
  let uncounted = 0;
  for (let n = 0; n < 5; n++) {
    const rows: FlowRow[] = Array.from({ length: 20_000 }, (_, i) => ({
      src: `${11 + random.below(150)}.${random.below(256)}.${random.below(256)}.${random.below(256)}`,
      dst: `10.9.${random.below(256)}.${random.below(256)}`,
      dport: random.below(65536),
      proto: random.below(2) ? 6 : 17,
      origPayload: random.below(1 << random.below(24)),
      firstUs: START + (3 + n) * MINUTE + i * 1000,
      state: 'S0',
    }));
    const dns: DnsRow[] = Array.from({ length: 500 }, () => ({
      client: `172.16.${random.below(256)}.${random.below(256)}`,
      name: `${random.uint32()}.${random.uint32().toString(36)}.com`,
      rcode: 3,
    }));
    const window = windowOf(rows, dns, START + (3 + n) * MINUTE);
    scorer.close(window);
    uncounted += window.ledger['score.uncounted']!;
  }
  collect();
  const after = process.memoryUsage();
  const grown = after.heapUsed + after.arrayBuffers - before.heapUsed - before.arrayBuffers;
  assert.ok(grown < 64 * MiB, `grew by ${Math.round(grown / MiB)} MiB`);
  assert.ok(uncounted > 0, 'the flood did not fill the tables: the test has gone vacuous');
  const window = office(5, 300, START + 30 * MINUTE);
  scorer.close(window);
  const strange = window.flows.score.subarray(0, 300).filter((s) => s < 0.01).length;
  assert.ok(strange < 30, `${strange} of 300 usual flows became strange`);
});

test('times far apart, backwards and before the epoch do no harm', () => {
  const scorer = new Scorer(options);
  for (const at of [START, START - 1000 * HOUR, START + 1e6 * HOUR, -5 * HOUR, 0, START]) {
    const window = office(1, 50, at, SECOND);
    scorer.close(window);
    for (let i = 0; i < 50; i++) assert.ok(window.flows.score[i]! > 0 && window.flows.score[i]! <= 1, `at ${at}`);
  }
});

test('a window with nothing in it is closed like any other', () => {
  const scorer = new Scorer(options);
  assert.deepEqual(scorer.close(windowOf([])).findings, []);
  scorer.close(office(1, 100));
  assert.deepEqual(scorer.close(windowOf([])).words.count, 0);
});
