import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from '../../src/base/random.js';
import { type Finding, findingScore, mergeFindings } from '../../src/record/finding.js';
import { Scorer } from '../../src/score/scorer.js';
import { type Act, Told } from '../../src/score/told.js';
import { none, one } from './found.js';
import { type FlowRow, HOUR, MINUTE, SECOND, START, windowOf } from './rows.js';

const finding = (more: Partial<Finding>): Finding => ({
  kind: 'scan.vertical',
  src: '10.0.0.1',
  dst: null,
  dstPort: null,
  proto: 'tcp',
  domain: null,
  firstUs: START,
  lastUs: START + MINUTE,
  reasons: [{ name: 'x', points: 60, text: 'x' }],
  ...more,
});
const act = (more: Partial<Act> = {}): Act => ({
  src: '10.0.0.1',
  dst: '10.0.0.2',
  port: 8080,
  proto: 'tcp',
  payload: 0,
  admin: false,
  ...more,
});

test('a finding explains what its source does to the same peer or service, and nothing else', () => {
  for (const [f, yes, no] of [
    [
      { dst: '10.0.0.2' },
      [act(), act({ port: 22 })],
      [act({ dst: '10.0.0.3' }), act({ payload: 1e6 }), act({ proto: 'udp' })],
    ],
    [
      { kind: 'scan.horizontal', dstPort: 445 },
      [act({ port: 445, dst: '10.9.9.9' })],
      [act(), act({ port: 445, payload: 1e6 })],
    ],
    [{ kind: 'scan.horizontal', proto: 'icmp' }, [act({ proto: 'icmp', port: null })], [act()]],
    [
      { kind: 'bruteforce', dst: '10.0.0.2', dstPort: 22 },
      [act({ port: 22, payload: 1e6 })],
      [act(), act({ port: 22, dst: '10.0.0.3' })],
    ],
    [{ kind: 'bruteforce.spray', dstPort: 22 }, [act({ port: 22, dst: '10.0.0.3' })], [act()]],
    [{ kind: 'lateral' }, [act({ port: 3389, admin: true })], [act()]],
    [{ kind: 'dns.tunnel', domain: 'x.com', proto: null }, [act({ port: 53, proto: 'udp' })], [act()]],
    [{ kind: 'upload', dst: '203.0.113.9', proto: null }, [act({ dst: '203.0.113.9', payload: 1e9 })], [act()]],
    [
      { kind: 'beacon', dst: '203.0.113.9', dstPort: 80 },
      [act({ dst: '203.0.113.9', port: 80 })],
      [act({ dst: '203.0.113.9', port: 443 })],
    ],
  ] as const) {
    const told = new Told(1e6);
    told.note(finding(f));
    for (const a of yes) {
      assert.equal(told.explains(a, START + HOUR), true, `${JSON.stringify(f)} ${JSON.stringify(a)}`);
      assert.equal(told.explains({ ...a, src: '10.0.0.9' }, START + HOUR), false, 'another source');
      assert.equal(told.explains(a, START + 7 * HOUR), false, 'long ago');
    }
    for (const a of no)
      assert.equal(told.explains(a, START + HOUR), false, `${JSON.stringify(f)} ${JSON.stringify(a)}`);
  }
});

test('hints explain nothing', () => {
  const told = new Told(1e6);
  told.note(finding({ kind: 'rare', dst: '10.0.0.2' }));
  told.note(finding({ kind: 'long', dst: '10.0.0.2', reasons: [{ name: 'x', points: 12, text: 'x' }] }));
  assert.equal(told.explains(act(), START), false);
});

test('what is remembered stays bounded, and the newest is kept', () => {
  const told = new Told(400 * 1000);
  for (let i = 0; i < 20_000; i++) {
    told.note(finding({ src: `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}` }));
    told.note(finding({ src: '10.99.0.1', dst: `10.98.${i >> 8}.${i & 255}` }));
  }
  assert.ok(told.count <= 1000 && told.count > 500, `${told.count}`);
  assert.equal(told.any('10.0.78.31', START), true);
  assert.equal(told.any('10.0.0.1', START), false);
});

const usual = (n: number): FlowRow[] => {
  const random = new Random(n);
  return Array.from({ length: 600 }, (_, i) => ({
    src: `10.0.0.${1 + random.below(20)}`,
    dst: `198.51.100.${random.below(9)}`,
    firstUs: START + n * MINUTE + i,
  }));
};

/** A scorer that has seen six minutes of the usual, and then what each further minute brings. */
function after(minutes: FlowRow[][]): Finding[][] {
  const scorer = new Scorer({ wordSet: 'tapspot', seed: 1, topics: 5, memoryBytes: 24 << 20 });
  for (let n = 0; n < 6; n++) scorer.close(windowOf(usual(n), [], START + n * MINUTE));
  return minutes.map((odd, m) => {
    const from = START + (6 + m) * MINUTE;
    const rows = odd.map((r, i) => ({ ...r, firstUs: from + i * 0.1 * SECOND }));
    return scorer.close(windowOf([...usual(6 + m), ...rows], [], from)).findings;
  });
}

const refused = { state: 'REJ', respPackets: 1, origPackets: 1, origPayload: 0, respPayload: 0 } as const;

test('a port scan is one line, in its own minute and in those after it', () => {
  const scan = (n: number): FlowRow[] =>
    Array.from({ length: n }, (_, p) => ({ src: '10.0.0.3', dst: '10.1.0.7', dport: 1 + p * 11, ...refused }));
  const [first, second] = after([scan(200), scan(40)]);
  one(first!, 'scan.vertical');
  none([...first!, ...second!], 'rare');
});

test('several odd services of one host are one line', () => {
  const odd = [1433, 3306, 5432, 6379].map((dport) => ({
    src: '10.0.0.3',
    dst: '10.1.0.7',
    dport,
    origPayload: 250_000,
  }));
  const f = one(after([odd])[0]!, 'rare');
  assert.equal(f.dst, '10.1.0.7');
  assert.equal(f.dstPort, null);
  assert.match(f.reasons[0]!.text, /^4 services \(as tcp\/\d+ \([a-z-]+\)\) to 10\.1\.0\.7 in .*, 4 flows/);
  assert.equal(after([odd.slice(0, 2)])[0]!.filter((r) => r.kind === 'rare').length, 2);
});

test('one odd service at another host in each window becomes one line, not one for each', () => {
  const minutes = Array.from({ length: 8 }, (_, m) => [
    { src: '10.0.0.3', dst: `10.1.0.${m + 1}`, dport: 1433, origPayload: 250_000 * 4 ** (m % 3) },
  ]);
  const findings = after(minutes).map((w) => w.filter((f) => f.kind === 'rare'));
  const told = findings.filter((w) => w.length > 0).length;
  assert.ok(told >= 3, `only ${told} windows told: the test has gone vacuous`);
  const lines = mergeFindings(findings.flat());
  assert.equal(lines.length, 2);
  assert.deepEqual(lines.map((f) => f.dst).sort(), ['10.1.0.1', null].sort());
});

test('what is unlike anything said of its source is still told', () => {
  const scan: FlowRow[] = Array.from({ length: 100 }, (_, p) => ({
    src: '10.0.0.3',
    dst: '10.1.0.7',
    dport: 1 + p * 11,
    ...refused,
  }));
  const loot = { src: '10.0.0.3', dst: '10.1.0.7', dport: 1433, origPayload: 900, respPayload: 9e6 };
  const f = one(after([[...scan, loot]])[0]!, 'rare');
  assert.equal(f.dstPort, 1433);
  assert.ok(findingScore(f) >= 8);
});

test('guesses at even distances are guesses, not a beacon too', () => {
  const guesses = Array.from({ length: 40 }, (_, i) => ({
    src: '10.0.0.3',
    dst: '10.1.0.7',
    dport: 22,
    origPayload: 1900 + (i % 5) * 16,
    respPayload: 2100,
    firstUs: START + i * 3 * SECOND,
  }));
  const make = () => new Scorer({ wordSet: 'tapspot', seed: 1, topics: 5, memoryBytes: 24 << 20 });
  const told = make().close(windowOf(guesses, [], START, HOUR)).findings;
  one(told, 'bruteforce');
  none(told, 'beacon');
  // The same contacts with a service that nobody guesses at.
  const web = guesses.map((r) => ({ ...r, dport: 8444 }));
  one(make().close(windowOf(web, [], START, HOUR)).findings, 'beacon');
});
