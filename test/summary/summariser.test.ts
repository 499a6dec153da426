import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { packageRoot } from '../../src/base/root.js';
import { emptyTable } from '../../src/dns/table.js';
import type { Batch } from '../../src/record/batch.js';
import { openBatch, stampEnvelope } from '../../src/record/codec.js';
import type { Finding } from '../../src/record/finding.js';
import { addLedger, type Ledger } from '../../src/record/ledger.js';
import type { ScoredWindow, WordRows } from '../../src/score/scorer.js';
import type { Window } from '../../src/score/window.js';
import { Summariser } from '../../src/summary/summariser.js';
import { type FlowRow, flowTable, MINUTE, START } from '../score/rows.js';
import { Prng } from '../support/prng.js';
import { replayed, scored } from './replayed.js';

const office = join(packageRoot(), 'samples', 'office.pcapng.gz');
const noOffice = existsSync(office) ? false : 'the sample captures are not here';
const options = { site: 'hq', sensor: 'tap1', wordSet: 'tapspot', budgetBitsPerSecond: 256_000 };
const noWords: WordRows = {
  count: 0, hosts: [], words: [], host: new Uint32Array(0), source: new Uint8Array(0), word: new Uint32Array(0), occurrences: new Uint32Array(0),
}; // biome-ignore format: as short
const nothing: ScoredWindow = { findings: [], words: noWords, modelGeneration: 0 };

function windowOf(rows: FlowRow[], n = 0): Window {
  const sorted = rows.map((r) => ({ firstUs: START + n * MINUTE, ...r })).sort((a, b) => a.firstUs - b.firstUs);
  return {
    fromUs: START + n * MINUTE, toUs: START + (n + 1) * MINUTE, flows: flowTable(sorted), dns: emptyTable(0, 0), ledger: {},
  }; // biome-ignore format: as short
}

/** Ordinary clients of a few servers, with as many flows as asked for. */
function busy(prng: Prng, count: number, n = 0): FlowRow[] {
  return Array.from({ length: count }, () => {
    const firstUs = START + n * MINUTE + prng.below(MINUTE);
    return {
      src: `10.0.0.${prng.below(40)}`, dst: `198.51.100.${prng.below(5)}`, sport: prng.between(1024, 65535),
      dport: prng.pick([443, 443, 443, 80, 22, 993]), firstUs, lastUs: firstUs + prng.below(1e7),
      origPayload: prng.below(5000), respPayload: prng.below(100_000), origPackets: prng.between(1, 50), respPackets: prng.between(1, 90),
    };
  }); // biome-ignore format: as short
}

/** Opens sealed bodies as a central would. */
const opened = (bodies: Uint8Array[]): Batch[] =>
  bodies.map(
    (body, i) =>
      openBatch(stampEnvelope({ site: 'hq', sensor: 'tap1', epoch: 1, sequence: i + 1, gap: 0 }, body)).batch,
  );

const sum = (batches: Batch[], value: (b: Batch, row: number) => number) =>
  batches.reduce(
    (n, b) => n + Array.from({ length: b.flows.count }, (_, row) => value(b, row)).reduce((x, y) => x + y, 0),
    0,
  );

const near = (a: number, b: number) => assert.ok(Math.abs(a - b) <= 1e-6 * Math.max(1, b), `${a}, not ${b}`);

test('the office in full: every flow and transaction is a row, and the books say so', { skip: noOffice }, async () => {
  const windows = await replayed(office, 60);
  const s = new Summariser({ ...options, budgetBitsPerSecond: 1e9 });
  const books: Ledger = {};
  let [flows, transactions, bytes] = [0, 0, 0];
  for (const [i, result] of scored(windows).entries()) {
    const window = windows[i]!;
    const bodies = s.window(window, result);
    const batches = opened(bodies);
    flows += sum(batches, () => 1);
    for (const batch of batches) {
      transactions += batch.dns.count;
      addLedger(books, batch.ledger);
      assert.deepEqual([batch.windowFromUs, batch.windowToUs], [Math.round(window.fromUs), Math.round(window.toUs)]);
    }
    assert.deepEqual(
      batches.flatMap((b) => b.findings.map((f) => f.kind)),
      result.findings.map((f) => f.kind),
    );
    bytes += bodies.reduce((n, b) => n + b.length, 0);
  }
  const seen = windows.reduce((n, w) => n + w.flows.count, 0);
  const asked = windows.reduce((n, w) => n + w.dns.rows.count, 0);
  assert.deepEqual([flows, transactions], [seen, asked]);
  assert.deepEqual([books['summary.flows_full'], books['score.flows']], [seen, seen]);
  assert.deepEqual([books['summary.dns_full'], books['score.dns']], [asked, asked]);
  assert.equal(books['summary.words_left_out'], 0);
  assert.ok(seen > 3000 && asked > 1500, `${seen} flows, ${asked} transactions`);
  assert.ok(bytes / (seen + asked) < 30, `${bytes / (seen + asked)} bytes a row, words and findings included`);
});

test('text of the capture reaches the batch as tshark would print it', { skip: noOffice }, async () => {
  const [window] = await replayed(office);
  const batches = opened(new Summariser({ ...options, budgetBitsPerSecond: 1e9 }).window(window!, nothing));
  const names = new Set<string>();
  const answers = new Set<string>();
  for (const b of batches) {
    for (let i = 0; i < b.dns.count; i++) names.add(b.strings[b.dns.qname[i]!]!);
    for (const a of b.dns.answers) answers.add(b.strings[a]!);
    for (let i = 0; i < b.flows.count; i++) assert.match(b.strings[b.flows.history[i]!]!, /^\^?[A-Za-z^]*$/);
  }
  assert.ok(
    [...names].some((n) => n.endsWith('.example')),
    [...names].slice(0, 5).join(),
  );
  assert.ok(
    [...answers].some((a) => /^A \d+\.\d+\.\d+\.\d+$/.test(a)),
    [...answers].slice(0, 5).join(),
  );
});

test('the same windows give the same bytes', { skip: noOffice }, async () => {
  const run = async () => {
    const windows = await replayed(office, 120);
    const s = new Summariser({ ...options, budgetBitsPerSecond: 3000 });
    return scored(windows).flatMap((r, i) => s.window(windows[i]!, r).map((b) => Buffer.from(b).toString('base64')));
  };
  assert.deepEqual(await run(), await run());
});

test('the rows of a window add up to what was seen, whatever was done to them', () => {
  const prng = new Prng(31);
  const modes = new Set<string>();
  for (let round = 0; round < 40; round++) {
    const rows = busy(prng, prng.between(1, 3000));
    const window = windowOf(rows);
    for (let i = 0; i < window.flows.count; i++) if (prng.chance(0.01)) window.flows.score[i] = 1e-5;
    const s = new Summariser({ ...options, budgetBitsPerSecond: 10 ** (2 + 3 * prng.float()) });
    const batches = opened(s.window(window, nothing));
    const l = batches[0]!.ledger;
    const n = (key: string) => l[`summary.${key}`]!;
    assert.equal(n('flows_full') + n('flows_aggregated') + n('flows_sampled') + n('flows_sampled_out'), rows.length);
    near(
      sum(batches, (b, i) => b.flows.flows[i]! * b.flows.weight[i]!),
      rows.length,
    );
    near(
      sum(batches, (b, i) => (b.flows.weight[i] === 1 && b.flows.flows[i] === 1 ? 1 : 0)),
      n('flows_full'),
    );
    near(
      sum(batches, (b, i) => (b.flows.weight[i] === 1 && b.flows.flows[i]! > 1 ? b.flows.flows[i]! : 0)),
      n('flows_aggregated'),
    );
    near(
      sum(batches, (b, i) => (b.flows.weight[i]! > 1 ? b.flows.flows[i]! : 0)),
      n('flows_sampled'),
    );
    if (n('flows_sampled_out') === 0) {
      const column = (name: 'origBytes' | 'respPackets') =>
        Array.from(window.flows[name].subarray(0, window.flows.count)).reduce((a, b) => a + b, 0);
      near(
        sum(batches, (b, i) => b.flows.origBytes[i]!),
        column('origBytes'),
      );
      near(
        sum(batches, (b, i) => b.flows.respPackets[i]!),
        column('respPackets'),
      );
    }
    const strange = [...window.flows.score.subarray(0, window.flows.count)].filter((p) => p <= 1e-3).length;
    const inFull = sum(batches, (b, i) =>
      b.flows.score[i]! <= 1.1e-3 && b.flows.flows[i] === 1 && b.flows.weight[i] === 1 ? 1 : 0,
    );
    assert.ok(inFull >= strange, `${inFull} of ${strange} strange flows are whole`);
    modes.add(n('flows_sampled_out') > 0 ? 'sampled' : n('flows_aggregated') > 0 ? 'aggregated' : 'full');
  }
  assert.deepEqual([...modes].sort(), ['aggregated', 'full', 'sampled']);
});

test('an aggregated row spans its flows, and names what they share', () => {
  const rows: FlowRow[] = Array.from({ length: 600 }, (_, i) => ({
    src: '10.0.0.1', dst: '198.51.100.1', sport: 20_000 + i, dport: 443, firstUs: START + i * 1000, lastUs: START + i * 1000 + 5e6,
    state: i % 3 === 0 ? 'S0' : 'SF', origPackets: 2, respPackets: 3,
  })); // biome-ignore format: as short
  rows.push({ src: '10.0.0.1', dst: '198.51.100.1', sport: 7, dport: 80, firstUs: START + 42 });
  rows.push({ src: '10.0.0.1', dst: '198.51.100.1', sport: 8, dport: 0, proto: 1, firstUs: START + 43 });
  rows.push({ src: '10.0.0.1', dst: '198.51.100.1', sport: 0, dport: 0, proto: 1, firstUs: START + 44 });
  const [batch] = opened(new Summariser({ ...options, budgetBitsPerSecond: 400 }).window(windowOf(rows), nothing));
  const { flows } = batch!;
  assert.deepEqual([...flows.flows], [600, 1, 1, 1]);
  assert.deepEqual([...flows.sport], [0, 7, 8, 0], 'ICMP types are told apart');
  assert.deepEqual([flows.tsUs[0], flows.durationUs[0]], [START, 599 * 1000 + 5e6]);
  assert.deepEqual([flows.origPackets[0], flows.respPackets[0], flows.connState[0]], [1200, 1800, 5]);
  assert.equal(batch!.strings[flows.history[0]!], '');
});

test('the budget is kept over time, and an idle line is used up', () => {
  for (const budgetBitsPerSecond of [1000, 4000]) {
    const prng = new Prng(32);
    const s = new Summariser({ ...options, budgetBitsPerSecond });
    let bytes = 0;
    let last = 0;
    const windows = 40;
    for (let n = 0; n < windows; n++) {
      const bodies = s.window(windowOf(busy(prng, n % 10 === 0 ? 100 : 6000, n), n), nothing);
      last = bodies.reduce((sum, b) => sum + b.length, 0);
      bytes += last;
    }
    const allowed = (budgetBitsPerSecond / 8) * 60 * windows;
    assert.ok(bytes <= allowed, `${bytes} of ${allowed} bytes at ${budgetBitsPerSecond} bit/s`);
    assert.ok(bytes >= 0.6 * allowed, `only ${bytes} of ${allowed} bytes at ${budgetBitsPerSecond} bit/s were used`);
    assert.ok(last < (3 * allowed) / windows);
  }
});

const finding = (f: Partial<Finding>): Finding => ({
  kind: 'scan.horizontal', src: '10.9.9.9', dst: null, dstPort: null, proto: null, domain: null, firstUs: START, lastUs: START + 1,
  reasons: [{ name: 'scan.targets', points: 3, text: '254 addresses' }], ...f,
}); // biome-ignore format: as short

test('what a finding speaks of is there whole, however small the budget', () => {
  const prng = new Prng(33);
  const rows = [
    ...busy(prng, 2000),
    ...Array.from(
      { length: 254 },
      (_, i): FlowRow => ({ src: '10.9.9.9', dst: `10.0.0.${i}`, sport: 50_000 + i, dport: 445, state: 'S0' }),
    ),
    { src: '198.51.100.7', dst: '10.9.9.9', sport: 5, dport: 22 },
  ];
  const findings = [finding({}), finding({ kind: 'beacon', src: '10.0.0.1', dst: '203.0.113.1', dstPort: 443 })];
  const [batch] = opened(
    new Summariser({ ...options, budgetBitsPerSecond: 100 }).window(windowOf(rows), { ...nothing, findings }),
  );
  assert.deepEqual(batch!.findings, findings);
  const { flows, addresses, ledger } = batch!;
  let whole = 0;
  for (let i = 0; i < flows.count; i++) {
    if (![addresses[flows.src[i]!], addresses[flows.dst[i]!]].includes('10.9.9.9')) continue;
    assert.deepEqual([flows.flows[i], flows.weight[i]], [1, 1]);
    whole++;
  }
  assert.equal(whole, 255);
  assert.equal(ledger['summary.evidence_flows'], 255);
  assert.equal(ledger['summary.findings'], 2);
});

test('a flood that a finding speaks of does not become a flood of rows', () => {
  const rows = Array.from(
    { length: 30_000 },
    (_, i): FlowRow => ({ src: '10.9.9.9', dst: '198.51.100.1', sport: 1024 + (i % 60_000), dport: 80, state: 'S0' }),
  );
  const batches = opened(
    new Summariser({ ...options, budgetBitsPerSecond: 8000 }).window(windowOf(rows), {
      ...nothing,
      findings: [finding({})],
    }),
  );
  const rowsSent = sum(batches, () => 1);
  assert.ok(rowsSent >= 2000 && rowsSent <= 2010, `${rowsSent} rows`);
  near(
    sum(batches, (b, i) => b.flows.flows[i]! * b.flows.weight[i]!),
    30_000,
  );
  assert.equal(batches[0]!.ledger['summary.evidence_capped'], 28_000);
});

test('words for the trainer: all while they fit, then those that most was said with', () => {
  const count = 5000;
  const words: WordRows = {
    count, hosts: ['10.0.0.1', '10.0.0.2'], words: Array.from({ length: count }, (_, i) => `word_${i}`),
    host: Uint32Array.from({ length: count }, (_, i) => i % 2), source: new Uint8Array(count),
    word: Uint32Array.from({ length: count }, (_, i) => i), occurrences: Uint32Array.from({ length: count }, (_, i) => 1 + ((i * 7919) % 1000)),
  }; // biome-ignore format: as short
  const all = opened(new Summariser(options).window(windowOf([]), { ...nothing, words }));
  assert.equal(all[0]!.words.count, count);
  const [some] = opened(
    new Summariser({ ...options, budgetBitsPerSecond: 4000 }).window(windowOf([]), { ...nothing, words }),
  );
  const kept = some!.words.count;
  assert.ok(kept > 100 && kept < 2000, `${kept} words`);
  assert.equal(some!.ledger['summary.words'], kept);
  assert.equal(some!.ledger['summary.words_left_out'], count - kept);
  const least = Math.min(...some!.words.occurrences);
  const more = words.occurrences.filter((n) => n > least).length;
  assert.ok(more <= kept, `${more} words were used more often than the rarest one sent, and ${kept} were sent`);
});

test('a window with nothing in it still says that the sensor was there', () => {
  const [batch, ...rest] = opened(new Summariser(options).window(windowOf([]), nothing));
  assert.equal(rest.length, 0);
  assert.equal(batch!.ledger['summary.flows_full'], 0);
  assert.deepEqual([batch!.addresses, batch!.strings, batch!.flows.count], [[], [], 0]);
});

test('many rows become several batches, whose books are told once', () => {
  const window = windowOf(busy(new Prng(34), 45_000));
  const batches = opened(new Summariser({ ...options, budgetBitsPerSecond: 1e9 }).window(window, nothing));
  assert.deepEqual(
    batches.map((b) => b.flows.count),
    [20_000, 20_000, 5000],
  );
  assert.deepEqual(
    batches.map((b) => Object.keys(b.ledger).length > 0),
    [true, false, false],
  );
  for (const b of batches) assert.ok(b.addresses.length <= 2 * b.flows.count);
});

test('a clock that is broken costs the rows it is in, and is counted', () => {
  const odd = [Number.NaN, -5, 1e300, 2 ** 63, 5e15, 0].map((firstUs) => ({ firstUs, lastUs: firstUs }));
  const window = windowOf([]);
  const rows = [...odd, { firstUs: START, lastUs: START - 1 }, { firstUs: START + 5, lastUs: START + 10 }];
  const broken = { ...window, flows: flowTable(rows) };
  const [batch] = opened(
    new Summariser(options).window(broken, { ...nothing, findings: [finding({ firstUs: Number.NaN, lastUs: 1e300 })] }),
  );
  assert.deepEqual([...batch!.flows.tsUs], [START + 5]);
  assert.equal(batch!.ledger['summary.untimely'], 7);
  assert.equal(batch!.findings.length, 1);
  const nowhere = { ...window, fromUs: 1e300, toUs: 2e300 };
  assert.equal(opened(new Summariser(options).window(nowhere, nothing)).length, 1);
});

test('DNS over budget is a sample that adds up, with what is strange in it', { skip: noOffice }, async () => {
  const [window] = await replayed(office);
  const { rows } = window!.dns;
  for (let i = 0; i < rows.count; i += 100) rows.score[i] = 1e-6;
  const [batch] = opened(new Summariser({ ...options, budgetBitsPerSecond: 400 }).window(window!, nothing));
  const { dns, ledger } = batch!;
  const total = [...dns.weight].reduce((a, b) => a + b, 0);
  near(total, rows.count);
  assert.equal(
    ledger['summary.dns_full']! + ledger['summary.dns_sampled']! + ledger['summary.dns_sampled_out']!,
    rows.count,
  );
  assert.equal(ledger['summary.evidence_dns'], Math.ceil(rows.count / 100));
  assert.ok(ledger['summary.dns_sampled_out']! > 500);
});
