import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from '../../src/base/random.js';
import { Tail, tailCurve } from '../../src/base/tail.js';
import { activityFactors } from '../../src/record/activity.js';
import {
  BadModel,
  type Corpus,
  decodeModel,
  encodeModel,
  type ModelDocument,
  readModelDocument,
  TopicModel,
  type TopicModelDocument,
  trainTopicModel,
} from '../../src/record/topic-model.js';
import { wordMeaning } from '../../src/record/word-meaning.js';
import { Scorer } from '../../src/score/scorer.js';
import { START, windowOf } from './rows.js';

const o = { topics: 6, seed: 3, passes: 15 };

/** Clients that browse, servers that serve, by seed. */
function corpus(seed = 1, hosts = 30): Corpus {
  const random = new Random(seed);
  const names = Array.from({ length: hosts }, (_, i) => `10.0.0.${i + 1}`);
  const words = Array.from({ length: 40 }, (_, i) => `out_tcp_${i}_done_1_1_1_1`);
  const rows: [number, number, number][] = [];
  for (let h = 0; h < hosts; h++) {
    for (let n = 0; n < 30; n++) rows.push([h, (h % 2) * 20 + random.below(1 + random.below(20)), 1 + random.below(9)]);
  }
  return of(names, words, rows);
}

function of(hosts: string[], words: string[], rows: [number, number, number][]): Corpus {
  return {
    hosts,
    words,
    host: Uint32Array.from(rows, (r) => r[0]),
    word: Uint32Array.from(rows, (r) => r[1]),
    count: Float64Array.from(rows, (r) => r[2]),
  };
}

test('the order of the corpus does not matter, nor do unused names', () => {
  const c = corpus();
  const rows = Array.from(c.host, (h, i): [number, number, number] => [h, c.word[i]!, c.count[i]!]);
  const random = new Random(9);
  const order = Uint32Array.from(rows.keys());
  random.shuffle(order);
  const hosts = ['192.0.2.1', ...[...c.hosts].reverse()];
  const turned = of(
    hosts,
    c.words,
    [...order].map((i) => [c.hosts.length - rows[i]![0], rows[i]![1], rows[i]![2]]),
  );
  assert.deepEqual(trainTopicModel(turned, o)!.toDocument(), trainTopicModel(c, o)!.toDocument());
});

test('nothing to learn from gives no model', () => assert.equal(trainTopicModel(of(['a'], ['b'], []), o), null));

test('probabilities of all words and a new one sum to 1 for every host', () => {
  const m = trainTopicModel(corpus(), o)!;
  for (const host of ['10.0.0.1', '10.0.0.2', 'never.seen']) {
    const sum = m.words.reduce((s, w) => s + m.probability(host, w), m.probability(host, 'new'));
    assert.ok(Math.abs(sum - 1) < 1e-4, `${host}: ${sum}`);
  }
});

test('a word of its own kind is likelier for a host than one of the other kind, and that than a new one', () => {
  const m = trainTopicModel(corpus(), o)!;
  const own = m.probability('10.0.0.1', 'out_tcp_0_done_1_1_1_1');
  const other = m.probability('10.0.0.1', 'out_tcp_20_done_1_1_1_1');
  const unseen = m.probability('10.0.0.1', 'a word never met');
  assert.ok(own > 10 * other && other > 0 && unseen > 0 && unseen < own / 50, `${own} ${other} ${unseen}`);
});

test('a document reads back to the same model', () => {
  const c = corpus();
  c.active = { host: Uint32Array.of(0, 0, 1), hour: Int32Array.of(10, 34, 11) };
  const m = trainTopicModel(c, o)!;
  const back = TopicModel.fromDocument(JSON.parse(JSON.stringify(m.toDocument())));
  for (const host of ['10.0.0.1', 'x']) {
    for (const word of [m.words[3]!, 'y']) {
      const p = m.probability(host, word, 10);
      assert.equal(back.probability(host, word, 10), p);
      assert.equal(back.tail(p), m.tail(p));
    }
  }
});

test('the model is bounded: the rarest hosts and words fall to the prior and to the unseen', () => {
  const m = trainTopicModel(corpus(1, 200), { ...o, hostsMax: 50, wordsMax: 10 })!;
  assert.equal(m.hosts.length, 50);
  assert.equal(m.words.length, 10);
  assert.ok(m.probability('10.0.0.999', 'dropped') > 0);
});

test('many documents are learnt in steps and still told apart', () => {
  const m = trainTopicModel(corpus(1, 1200), { ...o, passes: 6 })!;
  assert.ok(
    m.probability('10.0.0.1', 'out_tcp_0_done_1_1_1_1') > 5 * m.probability('10.0.0.1', 'out_tcp_20_done_1_1_1_1'),
  );
});

test('the tail of the training data is uniform, monotone and never 0', () => {
  const c = corpus();
  const m = trainTopicModel(c, o)!;
  let all = 0;
  const below = [0.05, 0.2, 0.5].map((at) => ({ at, mass: 0 }));
  for (let i = 0; i < c.count.length; i++) {
    const t = m.tail(m.probability(c.hosts[c.host[i]!]!, c.words[c.word[i]!]!));
    assert.ok(t > 0 && t <= 1);
    all += c.count[i]!;
    for (const b of below) if (t <= b.at) b.mass += c.count[i]!;
  }
  for (const b of below) assert.ok(Math.abs(b.mass / all - b.at) < 0.06, `${b.mass / all} at ${b.at}`);
  let last = 0;
  for (let p = 1e-30; p < 1; p *= 1.5) {
    const t = m.tail(p);
    assert.ok(t > 0 && t >= last, `tail(${p}) = ${t} < ${last}`);
    last = t;
  }
  assert.ok(m.tail(0) > 0);
  assert.equal(m.tail(Number.NaN), 1);
});

test('ten records can never call something one in a thousand', () => {
  const curve = tailCurve(
    Float64Array.from({ length: 10 }, (_, i) => (i + 1) / 100),
    new Float64Array(10).fill(1),
  );
  assert.ok(new Tail(curve).share(0.01) > 0.1);
});

test('a host is strange in the hours it sleeps, but only once that is known', () => {
  const days = (n: number) => {
    const host: number[] = [];
    const hour: number[] = [];
    for (let d = 0; d < n; d++) {
      for (let h = 0; h < 24; h++) {
        host.push(1);
        hour.push(d * 24 + h);
        if (h >= 8 && h < 18) {
          host.push(0);
          hour.push(d * 24 + h);
        }
      }
    }
    return activityFactors(['a', 'b'], ['a', 'b'], { host: Uint32Array.from(host), hour: Int32Array.from(hour) });
  };
  const month = days(30);
  assert.ok(month[3]! < 0.3 && month[12]! > 1.5, `${month[3]} at night, ${month[12]} at noon`);
  assert.ok(month[18]! > month[21]!, 'the hour next to work is less strange than one far from it');
  assert.ok(days(1)[3]! > 0.7, 'one day is no habit');
  for (let h = 0; h < 24; h++) assert.ok(Math.abs(month[24 + h]! - 1) < 0.05, 'always on is never strange');
  const asleep = activityFactors(['a'], ['a'], {
    host: Uint32Array.from({ length: 100 }, () => 0),
    hour: Int32Array.from({ length: 100 }, (_, i) => (i % 4) + 24 * (i % 25)),
  });
  assert.ok(Math.abs(asleep[12]! - 1) < 0.05, 'hours in which nobody watched say nothing');
});

const good = (): TopicModelDocument => trainTopicModel(corpus(), o)!.toDocument();

test('hostile documents are refused with what is wrong, before anything large is allocated', () => {
  const d = good();
  const f32 = (...x: number[]) => Buffer.from(Float32Array.from(x).buffer).toString('base64');
  const many = Array.from({ length: 65537 }, (_, i) => `${i}`);
  const bad: [string, unknown][] = [
    ['null', null],
    ['a text', 'x'],
    ['no topics', { ...d, topics: 0 }],
    ['a billion topics', { ...d, topics: 1e9 }],
    ['half a topic', { ...d, topics: 2.5 }],
    ['too many words', { ...d, words: many }],
    ['a word that is a number', { ...d, words: [...d.words.slice(1), 7] }],
    ['a word of a megabyte', { ...d, words: [...d.words.slice(1), 'x'.repeat(1e6)] }],
    ['a word twice', { ...d, words: [...d.words.slice(1), d.words[1]] }],
    ['a host less', { ...d, hosts: d.hosts.slice(1) }],
    ['phi of another size', { ...d, phi: d.phi.slice(8) }],
    ['phi that is not base64', { ...d, phi: '*'.repeat(d.phi.length) }],
    ['theta that is a list', { ...d, theta: [1] }],
    ['phi that is not finite', { ...d, words: ['w'], phi: f32(Number.NaN, 0, 0, 0, 0, 0) }],
    ['phi above 1', { ...d, words: ['w'], phi: f32(2, 0, 0, 0, 0, 0) }],
    ['a mix that is none', { ...d, hosts: ['h'], theta: f32(0, 0, 0, 0, 0, 0) }],
    ['a prior too long', { ...d, prior: [...d.prior, 0] }],
    ['a prior below 0', { ...d, prior: [-1, 2, 0, 0, 0, 0] }],
    ['unseen of 0', { ...d, unseen: d.unseen.map(() => 0) }],
    [
      'a negative factor of an hour',
      { ...d, hosts: ['h'], theta: f32(1, 0, 0, 0, 0, 0), hours: f32(...Array<number>(24).fill(-1)) },
    ],
    ['no tail', { ...d, tail: undefined }],
    ['a tail of unlike lists', { ...d, tail: { probability: [0.1], share: [] } }],
    ['a tail that descends', { ...d, tail: { probability: [0.1, 0.2], share: [0.5, 0.4] } }],
    ['a tail of 0', { ...d, tail: { probability: [0, 0.2], share: [0.5, 1] } }],
    ['a tail without end', { ...d, tail: { probability: Array(5000).fill(0.1), share: Array(5000).fill(1) } }],
    ['a tail of texts', { ...d, tail: { probability: ['0.1'], share: ['1'] } }],
  ];
  for (const [what, document] of bad) {
    assert.throws(() => TopicModel.fromDocument(document), BadModel, what);
  }
  TopicModel.fromDocument(d);
});

test('changing any value of a document gives a model that still answers, or a refusal', () => {
  const random = new Random(21);
  let refused = 0;
  let kept = 0;
  const odd = [null, -1, 1e308, Number.NaN, '', 'AAAA', [], {}, true, 3, [0.5, 0.5], '\0'];
  for (let n = 0; n < 400; n++) {
    const d = JSON.parse(JSON.stringify(good5)) as Record<string, unknown>;
    const keys = Object.keys(d);
    const key = keys[random.below(keys.length)]!;
    const held = d[key];
    const value = random.below(2) ? random.uniform() : odd[random.below(odd.length)];
    if (Array.isArray(held) && random.below(4)) held[random.below(held.length)] = value;
    else if (typeof held === 'string' && random.below(4)) {
      const at = random.below(held.length);
      d[key] = `${held.slice(0, at)}${'AZ/+='[random.below(5)]}${held.slice(at + 1)}`;
    } else d[key] = value;
    try {
      const m = TopicModel.fromDocument(d);
      const t = m.tail(m.probability('10.0.0.1', 'x', 5));
      assert.ok(t > 0 && t <= 1);
      kept++;
    } catch (error) {
      assert.ok(error instanceof BadModel, String(error));
      refused++;
    }
  }
  assert.ok(refused > 150 && kept > 20, `${refused} refused, ${kept} kept`);
});
const good5 = trainTopicModel(corpus(), { ...o, topics: 5 })!.toDocument();

const model = (more: Partial<ModelDocument> = {}): ModelDocument => ({
  version: 1,
  generation: 4,
  wordSet: 'tapspot',
  seed: 3,
  trainedAt: 0,
  trainedOn: { fromUs: 0, toUs: 1, sensors: ['a'], documents: 1, tokens: 1 },
  flow: good(),
  dns: null,
  ...more,
});

test('a whole document travels as bytes and is checked on the way in', () => {
  assert.deepEqual(decodeModel(encodeModel(model())), model());
  assert.equal(readModelDocument(model()).dns, null);
  for (const bytes of [
    Buffer.from('{'),
    Buffer.from([0xff, 0xfe]),
    Buffer.from('7'),
    encodeModel(model({ generation: -1 })),
  ]) {
    assert.throws(() => decodeModel(bytes), BadModel);
  }
  assert.throws(() => decodeModel(encodeModel({ ...model(), version: 2 } as unknown as ModelDocument)), /version 2/);
});

test("a sensor scores with the central's model from the next window, refuses a bad one, and can go back", () => {
  const scorer = new Scorer({ wordSet: 'tapspot', seed: 1, topics: 5, memoryBytes: 16 << 20 });
  const close = () => {
    const w = windowOf(Array.from({ length: 50 }, (_, i) => ({ firstUs: START + i })));
    return { generation: scorer.close(w).modelGeneration, score: w.flows.score[0]! };
  };
  assert.equal(close().generation, 0);
  scorer.useModel(model());
  const taught = close();
  assert.equal(taught.generation, 4);
  assert.ok(taught.score < 0.05, 'words that the central never saw are strange');
  assert.throws(() => scorer.useModel(model({ wordSet: 'spot' })), RangeError);
  assert.throws(() => scorer.useModel(model({ flow: { ...good(), topics: 0 } })), BadModel);
  assert.equal(close().generation, 4, 'the old model stays');
  scorer.useModel(null);
  const back = close();
  assert.equal(back.generation, 0);
  assert.ok(back.score > 0.3);
});

test('topics are described by weight, and words in English', () => {
  const topics = trainTopicModel(corpus(), o)!.describe(5);
  assert.equal(topics.length, 6);
  for (let i = 1; i < topics.length; i++) assert.ok(topics[i]!.weight <= topics[i - 1]!.weight);
  assert.equal(topics[0]!.words.length, 5);
  for (const [set, source, word, meaning] of [
    [
      'tapspot',
      'flow',
      'out_tcp_443_done_5_7_2_3',
      /opens tcp\/443 \(https\), completed; sends 256 B-1 kB in 4-15 packets, gets 4 kB-16 kB in 16-63 packets/,
    ],
    ['tapspot', 'flow', 'in_udp_dynamic_unanswered_0_0_1_0', /is asked for udp on a dynamic port, not answered/],
    ['tapspot', 'dns', 'dns_16_nxdomain_name_6_8_4_3', /dns TXT, no such name: a public name, 32 to 63 characters/],
    ['spot', 'flow', '-1_23_UDP_12_8_2', /serves UDP port 23 \(telnet\) at 12 h/],
    ['spot', 'dns', '2_7_11_2_10_1_1_0', /asks for A of an own domain at 11 h/],
    ['spot', 'dns', 'what is this', /^what is this$/],
    ['tapspot', 'flow', '__proto___', /^__proto___$/],
  ] as const) {
    assert.match(wordMeaning(set, source, word), meaning);
  }
});
