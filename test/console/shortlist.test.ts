import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { ReasonView } from '../../src/central/api/types.js';
import { kindWords, severity } from '../../src/central/web/logic/kinds.js';
import { NAMES, serviceName } from '../../src/central/web/logic/services.js';
import {
  bySeverity,
  lineFilter,
  lineKey,
  moveTo,
  scaleEnd,
  steps,
  toggleToken,
} from '../../src/central/web/logic/shortlist.js';
import { SERVICES } from '../../src/record/services.js';
import { lines } from './support/fixtures.js';
import { hostileShortlist, PAYLOADS } from './support/hostile.js';

const all = lines(60);
const matching = (query: string) => all.filter(lineFilter(query));

test('reasons stand one after the other, strongest first, and end at the score', () => {
  const reason = fc.record({
    name: fc.string(),
    points: fc.double({ min: -50, max: 90, noNaN: true }),
    text: fc.string(),
  });
  let less = 0;
  fc.assert(
    fc.property(fc.array(reason, { maxLength: 12 }), (reasons: ReasonView[]) => {
      const laid = steps(reasons);
      assert.equal(laid.length, reasons.length);
      let before = 0;
      for (const [i, s] of laid.entries()) {
        assert.equal(s.from, before);
        assert.ok(i === 0 || laid[i - 1]!.reason.points >= s.reason.points);
        if (s.to < s.from) less++;
        before = s.to;
      }
      assert.ok(Math.abs(before - reasons.reduce((sum, r) => sum + r.points, 0)) < 1e-6);
    }),
    { seed: 21 },
  );
  assert.ok(less > 10, 'no reason took points away');
});

test('points that are no number do not break the bars', () => {
  const laid = steps([
    { name: 'a', points: Number.NaN, text: '' },
    { name: 'b', points: 5, text: '' },
  ]);
  assert.equal(laid.at(-1)!.to, 5);
});

test('bars of all lines share a scale that no single line can stretch without end', () => {
  assert.equal(scaleEnd(all), 100);
  assert.equal(scaleEnd([{ ...all[0]!, score: 140, reasons: [] }]), 140);
  assert.equal(scaleEnd(hostileShortlist().lines), 250);
});

test('a line keeps its name when its rank, score, reasons and times change', () => {
  const line = all[0]!;
  assert.equal(
    lineKey({ ...line, rank: 9, score: 1, reasons: [], firstSeen: 0, lastSeen: 1, sensors: [] }),
    lineKey(line),
  );
  assert.notEqual(lineKey({ ...line, dstPort: 54 }), lineKey(line));
  assert.equal(new Set(all.map(lineKey)).size, all.length);
});

test('the filter takes words, networks, columns and their opposites', () => {
  assert.equal(matching('').length, 60);
  assert.deepEqual(
    matching('10.20.4.117').map((l) => l.kind),
    ['dns.tunnel', 'lateral.movement'],
  );
  assert.deepEqual(
    matching('TUNNEL cdn-').map((l) => l.kind),
    ['dns.tunnel'],
  );
  assert.deepEqual(
    matching('password guessing').map((l) => l.kind),
    ['bruteforce'],
  );
  assert.deepEqual(
    matching('src:203.0.113.0/24').map((l) => l.src),
    ['203.0.113.77'],
  );
  assert.deepEqual(
    matching('2a01:4f8::/32').map((l) => l.kind),
    ['long'],
  );
  assert.equal(matching('10.0.0.0/8').length, 60);
  assert.equal(
    matching('dst:10.20.1.15').every((l) => l.dst === '10.20.1.15'),
    true,
  );
  assert.ok(matching('-kind:rare').length < 15 && matching('-kind:rare').every((l) => !l.kind.startsWith('rare')));
  assert.ok(matching('port:3389').length === 1 && matching('sensor:plant').length > 3);
  assert.equal(matching('kind:scan -port:445').length, 1);
  assert.equal(matching('nothing-like-it').length, 0);
  assert.equal(matching('- ').length, 60);
});

test('a network filter agrees with arithmetic on addresses', () => {
  const octet = fc.integer({ min: 0, max: 255 });
  const address = fc.tuple(octet, octet, octet, octet);
  let inside = 0;
  fc.assert(
    fc.property(address, address, fc.integer({ min: 0, max: 32 }), fc.boolean(), (a, b, bits, near) => {
      const host = near ? ([a[0], a[1], a[2], b[3]] as typeof a) : b;
      const number = (x: typeof a) => ((x[0] * 256 + x[1]) * 256 + x[2]) * 256 + x[3];
      const size = 2 ** (32 - bits);
      const expected = Math.floor(number(a) / size) === Math.floor(number(host) / size);
      if (expected) inside++;
      const line = { ...all[0]!, src: host.join('.') };
      assert.equal(lineFilter(`src:${a.join('.')}/${bits}`)(line), expected);
    }),
    { seed: 4, numRuns: 500 },
  );
  assert.ok(inside > 50 && inside < 450, `one-sided: ${inside}`);
});

test('no filter text breaks the list', () => {
  const odd = hostileShortlist().lines;
  for (const p of [
    ...PAYLOADS,
    'src:',
    'host:/',
    '1.2.3.4/999',
    '::/129',
    '::/-1',
    '/',
    'kind:__proto__',
    '-'.repeat(300),
  ])
    odd.filter(lineFilter(p));
  fc.assert(
    fc.property(fc.string({ maxLength: 40 }), (q) => void odd.filter(lineFilter(q))),
    { seed: 2 },
  );
});

test('a token is added to the filter and taken out again', () => {
  assert.equal(toggleToken('', 'kind:scan'), 'kind:scan');
  assert.equal(toggleToken('a  b', 'kind:scan'), 'a b kind:scan');
  assert.equal(toggleToken('a kind:scan b', 'kind:scan'), 'a b');
});

test('levels follow the scale of points', () => {
  assert.deepEqual([95, 80, 79.9, 60, 35, 34.9, 0, -3].map(severity), [4, 4, 3, 3, 2, 1, 1, 1]);
  const counts = bySeverity(all);
  assert.equal(counts[1] + counts[2] + counts[3] + counts[4], 60);
});

test('j and k stay on the list', () => {
  assert.deepEqual(
    [moveTo(-1, 1, 3), moveTo(-1, -1, 3), moveTo(2, 1, 3), moveTo(0, -1, 3), moveTo(0, 1, 0)],
    [0, 2, 2, 0, -1],
  );
});

test('unknown kinds and services are shown as they are, whatever their names', () => {
  assert.equal(kindWords('dns.odd_answers'), 'DNS odd answers');
  assert.equal(kindWords('constructor'), 'Constructor');
  assert.equal(kindWords('__proto__'), 'Proto');
  assert.equal(kindWords('...'), 'Unnamed finding');
  assert.equal(serviceName('tcp', 443), 'https');
  assert.equal(serviceName('constructor', null), null);
});

test('the console calls services what the sensors call them', () => {
  assert.ok(Object.keys(NAMES).length > 40);
  for (const [port, name] of Object.entries(NAMES)) assert.equal(name, SERVICES[Number(port)], port);
});
