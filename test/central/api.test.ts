import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { silent } from '../../src/base/log.js';
import type { EntityView, ModelView, SensorsView, ShortlistView } from '../../src/central/api/types.js';
import { type Central, startCentral } from '../../src/central/central.js';
import { CentralConfig } from '../../src/central/config.js';
import type { Batch } from '../../src/record/batch.js';
import { fakeBatch } from './support/fake-batches.js';
import { FakeSensor } from './support/fake-sensor.js';
import { tempDir } from './support/lakes.js';

const DAY = '2026-11-20';
const NOON_US = Date.UTC(2026, 10, 20, 12) * 1000;
const NASTY = "<script>alert(1)</script>'; DROP TABLE x; --\u0000\u202egnp";

async function central(t: TestContext, more: object = {}): Promise<Central & { data: string; webDir: string }> {
  const data = tempDir(t);
  const webDir = join(data, 'web');
  mkdirSync(join(webDir, 'assets'), { recursive: true });
  writeFileSync(join(webDir, 'index.html'), '<!doctype html><title>console</title>');
  writeFileSync(join(webDir, 'assets/app-1234.js'), 'export {};');
  const config = CentralConfig.parse({
    data: join(data, 'central'),
    broker: { listen: '127.0.0.1:0' },
    console: { listen: '127.0.0.1:0', hosts: ['tapspot.example'] },
    lake: { commitInterval: '20ms', threads: 1, memory: '256MiB' },
    ...more,
  });
  const running = await startCentral(config, { log: silent, version: '1.2.3', webDir });
  t.after(() => running.stop());
  return { ...running, data, webDir };
}

async function fill(c: Central, batches: Batch[], sensor = 'tap-1'): Promise<FakeSensor> {
  const fake = new FakeSensor(c.ports.broker!, 'berlin', sensor, 1000);
  for (const batch of batches) fake.put(batch);
  await fake.drained();
  fake.sayStatus({ health: [NASTY] });
  await sleep(50);
  return fake;
}

async function get<T>(c: Central, path: string, init: RequestInit = {}) {
  const response = await fetch(c.url + path, init);
  return { status: response.status, headers: response.headers, body: (await response.json()) as T };
}

test('an empty central answers every route with the shape of nothing', async (t) => {
  const c = await central(t);
  const shortlist = await get<ShortlistView>(c, '/api/shortlist');
  assert.deepEqual(shortlist.body, { day: null, days: [], lines: [], total: 0, coverage: [], model: null });
  const entity = await get<EntityView>(c, '/api/entity/10.0.0.1');
  assert.equal(entity.body.day, null);
  assert.deepEqual((await get<SensorsView>(c, '/api/sensors')).body, {
    sensors: [],
    refused: { batches: 0, byReason: {} },
  });
  const model = (await get<ModelView>(c, '/api/model')).body;
  assert.deepEqual([model.generation, model.training, model.sources], [null, false, []]);
  assert.deepEqual((await get(c, '/api/health')).body, { ok: true, version: '1.2.3' });
});

test('the shortlist of a day is the findings of all sensors, one line for what is the same, strongest first', async (t) => {
  const c = await central(t);
  const finding = (sensor: string, windowFromUs: number, points: number, more: object = {}): Batch => ({
    ...fakeBatch({ sensor, windowFromUs, flows: 5, dns: 2, hosts: 3 }),
    findings: [
      {
        ...{ kind: 'beacon', src: '10.0.0.1', dst: '198.51.100.1', dstPort: 443, proto: 'tcp', domain: null },
        firstUs: windowFromUs,
        lastUs: windowFromUs + 1e6,
        reasons: [
          { name: 'beacon.interval', points, text: `points ${points}` },
          { name: `only.${sensor}`, points: 1.25, text: 'here' },
        ],
        ...more,
      },
    ],
  });
  const fakes = [
    await fill(c, [
      finding('tap-1', NOON_US, 20),
      finding('tap-1', NOON_US + 60e6, 40),
      finding('tap-1', NOON_US + 120e6, 90, { src: '10.0.0.2', domain: NASTY }),
    ]),
    await fill(c, [finding('tap-2', NOON_US + 3600e6, 30), finding('tap-2', NOON_US + 86_400e6, 7)], 'tap-2'),
  ];
  const newest = (await get<ShortlistView>(c, '/api/shortlist')).body;
  assert.deepEqual([newest.day, newest.days, newest.lines.length], ['2026-11-21', ['2026-11-21', DAY], 1]);
  const { lines, total, coverage } = (await get<ShortlistView>(c, `/api/shortlist?day=${DAY}`)).body;
  assert.equal(total, 2);
  assert.deepEqual(
    lines.map((l) => [l.rank, l.src, l.score, l.sensors]),
    [
      [1, '10.0.0.2', 91.25, ['berlin/tap-1']],
      [2, '10.0.0.1', 42.5, ['berlin/tap-1', 'berlin/tap-2']],
    ],
  );
  assert.equal(lines[0]!.domain, NASTY);
  assert.deepEqual(
    lines[1]!.reasons.map((r) => [r.name, r.text]),
    [
      ['beacon.interval', 'points 40'],
      ['only.tap-1', 'here'],
      ['only.tap-2', 'here'],
    ],
  );
  assert.deepEqual([lines[1]!.firstSeen, lines[1]!.lastSeen], [NOON_US / 1000, NOON_US / 1000 + 3_601_000]);
  assert.deepEqual(
    coverage.map((x) => x.sensor),
    ['tap-1', 'tap-2'],
  );
  assert.equal((await get<ShortlistView>(c, `/api/shortlist?day=${DAY}&limit=1`)).body.lines.length, 1);
  await Promise.all(fakes.map((f) => f.close()));
});

test('an entity adds up to what was put in, told from its own side, and silence is null', async (t) => {
  const c = await central(t);
  const batch = fakeBatch({ windowFromUs: NOON_US, flows: 400, dns: 200, hosts: 6, seed: 4 });
  batch.flows.weight.fill(2);
  const fake = await fill(c, [batch]);
  const host = batch.addresses[0]!;
  const e = (await get<EntityView>(c, `/api/entity/${host}?day=${DAY}`)).body;
  const f = batch.flows;
  const mine = [...f.src.keys()].filter((i) => f.src[i] === 0 || f.dst[i] === 0);
  const sum = (of: (i: number) => number) => mine.reduce((s, i) => s + of(i) * f.weight[i]!, 0);
  assert.ok(mine.length > 20);
  assert.equal(
    e.totals.flows,
    sum((i) => f.flows[i]!),
  );
  assert.equal(
    e.totals.bytesOut,
    sum((i) => (f.src[i] === 0 ? f.origBytes[i]! : f.respBytes[i]!)),
  );
  assert.equal(
    e.totals.bytesIn,
    sum((i) => (f.src[i] === 0 ? f.respBytes[i]! : f.origBytes[i]!)),
  );
  assert.equal(e.totals.peers, new Set(mine.map((i) => (f.src[i] === 0 ? f.dst[i] : f.src[i]))).size);
  assert.equal(e.totals.dnsTransactions, [...batch.dns.client].filter((at) => at === 0).length);
  assert.equal(
    e.peers.reduce((s, p) => s + p.flows, 0),
    e.totals.flows,
  );
  assert.equal(
    e.peers.reduce((s, p) => s + p.bytesIn, 0),
    e.totals.bytesIn,
  );
  assert.equal(
    e.domains.reduce((s, d) => s + d.queries, 0),
    e.totals.dnsTransactions,
  );
  assert.ok(
    e.domains.some((d) => d.domain === 'example.com' && d.names > 1),
    'names of one registered domain belong together',
  );
  assert.ok(e.domains.some((d) => d.domain === 'shop.example.co.uk' || d.domain === 'example.co.uk'));
  assert.equal(e.activity.from, Date.UTC(2026, 10, 20));
  const told = [...e.activity.flows.keys()].filter((i) => e.activity.flows[i] !== null);
  assert.deepEqual(told, [72], 'one window of one minute was reported');
  assert.equal(e.activity.flows[72], e.totals.flows);
  assert.equal(e.activity.dns[72], e.totals.dnsTransactions);
  const stranger = (await get<EntityView>(c, `/api/entity/203.0.113.99?day=${DAY}`)).body;
  assert.equal(stranger.firstSeen, null);
  assert.equal(stranger.activity.flows[72], 0, 'the sensors reported, and the host was not there');
  const v6 = (await get<EntityView>(c, `/api/entity/${encodeURIComponent('2001:DB8:0::1')}?day=${DAY}`)).body;
  assert.equal(v6.host, '2001:db8::1');
  assert.ok(v6.totals.flows > 0);
  await fake.close();
});

test('sensors, model and metrics tell what happened; a restart forgets nothing', async (t) => {
  const c = await central(t);
  const fake = await fill(
    c,
    [1, 2, 3].map((i) => fakeBatch({ windowFromUs: NOON_US + i * 60e6, flows: 20, dns: 5 })),
  );
  fake.raw(Buffer.from('nonsense'));
  const trained = await fetch(`${c.url}/api/train`, { method: 'POST' });
  assert.deepEqual([trained.status, await trained.json()], [202, { started: true }]);
  await c.trainer.idle();
  const look = async (at: Central) => {
    const { sensors, refused } = (await get<SensorsView>(at, '/api/sensors')).body;
    return { sensors, refused, model: (await get<ModelView>(at, '/api/model')).body };
  };
  const { sensors, refused, model } = await look(c);
  assert.equal(sensors.length, 1);
  const [one] = sensors;
  assert.deepEqual([one!.online, one!.batches, one!.missing, one!.health], [true, 3, 0, [NASTY]]);
  assert.ok(one!.coverage.coverage! > 0.5);
  assert.deepEqual(refused, { batches: 1, byReason: { malformed: 1 } });
  assert.equal(model.generation, 1);
  assert.deepEqual(
    model.sources.map((s) => s.source),
    ['flow', 'dns'],
  );
  const [word] = model.sources[0]!.topics[0]!.words;
  assert.ok(word!.meaning.includes(' ') && word!.probability > 0);
  const metrics = await (await fetch(`${c.url}/metrics`)).text();
  assert.match(metrics, /^tapspot_central_batch_stored_total 3$/m);
  assert.match(metrics, /^tapspot_central_batch_refused_total\{reason="malformed"\} 1$/m);
  for (const line of metrics.split('\n')) assert.match(line, /^(#|tapspot_central_[a-z_]+(\{.*\})? \S+$|$)/);

  await fake.close();
  await c.stop();
  const config = CentralConfig.parse({
    data: join(c.data, 'central'),
    broker: { listen: '127.0.0.1:0' },
    console: { listen: '127.0.0.1:0' },
  });
  const again = await startCentral(config, { log: silent, version: '1.2.3', webDir: c.webDir });
  const after = await look(again);
  assert.deepEqual([after.sensors[0]!.batches, after.sensors[0]!.lastBatch], [3, one!.lastBatch]);
  assert.deepEqual(after.model.sources, model.sources);
  assert.equal(after.model.trainedAt, model.trainedAt);
  await assert.rejects(startCentral(config, { log: silent, version: '', webDir: c.webDir }), {
    code: 'LAKE_LOCKED',
    message: /is in use by process \d+/,
  });
  await again.stop();
});

test('bad requests are refused in the one shape of errors, and hostile ones reach nothing', async (t) => {
  const c = await central(t);
  const bad: [string, number][] = [
    ['/api/shortlist?day=2026-02-30', 400],
    ["/api/shortlist?day=2026-11-20'--", 400],
    ['/api/shortlist?day=2026-11-20&day=2026-11-21', 400],
    ['/api/shortlist?limit=0', 400],
    ['/api/shortlist?limit=1e9', 400],
    ['/api/entity/..%2f..%2fetc%2fpasswd', 400],
    [`/api/entity/${encodeURIComponent(NASTY)}`, 400],
    ['/api/entity/1.2.3.4.5', 400],
    [`/api/entity/${'1'.repeat(500)}`, 414],
    ['/api/nothing', 404],
    ['/assets/absent.js', 404],
    ['/assets/..%2f..%2fsigning.key', 404],
    ['/assets/%00', 404],
    ['/%ff', 400],
  ];
  for (const [path, status] of bad) {
    const answer = await get<{ error: { code: string; message: string } }>(c, path);
    assert.equal(answer.status, status, path);
    assert.deepEqual(Object.keys(answer.body), ['error'], path);
    assert.equal(typeof answer.body.error.code, 'string');
    assert.ok(!/node_modules|at .*\.js/.test(answer.body.error.message), path);
  }
});

test('the console is served with a strict policy, from its own names only', async (t) => {
  const c = await central(t);
  for (const path of ['/', '/index.html', '/entity/10.0.0.1', '/..%2f..%2fsigning.key', '/sensors']) {
    const page = await fetch(c.url + path);
    assert.equal(page.status, 200, path);
    assert.match(await page.text(), /<title>console/);
    assert.equal(page.headers.get('cache-control'), 'no-cache');
    const policy = page.headers.get('content-security-policy')!;
    assert.match(policy, /default-src 'none'.*script-src 'self'/);
    assert.ok(!/unsafe|upgrade-insecure/.test(policy), policy);
    assert.equal(page.headers.get('strict-transport-security'), null);
  }
  const asset = await fetch(`${c.url}/assets/app-1234.js`);
  assert.match(asset.headers.get('content-type')!, /javascript/);
  assert.match(asset.headers.get('cache-control')!, /immutable/);
  const as = (host: string, method = 'GET', origin?: string) =>
    new Promise<number>((resolve, reject) => {
      const headers = origin === undefined ? { host } : { host, origin };
      const asked = request(
        {
          host: '127.0.0.1',
          port: c.ports.console,
          path: method === 'GET' ? '/api/health' : '/api/train',
          method,
          headers,
        },
        (r) => {
          r.resume();
          resolve(r.statusCode!);
        },
      );
      asked.on('error', reject);
      asked.end();
    });
  assert.equal(await as('evil.example'), 421);
  assert.equal(await as('127.0.0.1.evil.example:8080'), 421);
  assert.equal(await as('tapspot.example'), 200);
  assert.equal(await as('localhost:1'), 200);
  assert.equal(await as('[::1]:8080'), 200);
  assert.equal(await as('localhost', 'POST', 'https://evil.example'), 421);
  assert.equal(await as('localhost', 'POST', 'http://localhost:8080'), 202);
});

test('open consoles hear of batches, statuses and models, and an end of the central', async (t) => {
  const c = await central(t);
  const stream = await fetch(`${c.url}/api/events`);
  assert.match(stream.headers.get('content-type')!, /text\/event-stream/);
  assert.match(stream.headers.get('content-security-policy')!, /default-src 'none'/);
  let heard = '';
  const reading = (async () => {
    for await (const chunk of stream.body!) heard += Buffer.from(chunk).toString();
  })().catch(() => {});
  const fake = await fill(c, [fakeBatch({ windowFromUs: NOON_US })]);
  c.trainer.start();
  await c.trainer.idle();
  for (let i = 0; !heard.includes('event: model') && i < 1000; i++) await sleep(10);
  assert.match(heard, /event: batch\ndata: berlin\/tap-1\n\n/);
  assert.match(heard, /event: status\ndata: berlin\/tap-1\n\n/);
  assert.match(heard, /event: model\ndata: 1\n\n/);
  await fake.close();
  await c.stop();
  await reading;
});
