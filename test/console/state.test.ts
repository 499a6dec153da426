import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { retryDelay, staleAfter } from '../../src/central/web/logic/live.js';
import {
  DOMAIN_COLUMNS,
  domainValue,
  filterDomains,
  filterPeers,
  nextSort,
  PEER_COLUMNS,
  peerValue,
  sorted,
} from '../../src/central/web/logic/tables.js';
import {
  dayParam,
  entityPath,
  listParam,
  routeOf,
  shared,
  sortParam,
  sortText,
  spanParam,
  withParams,
} from '../../src/central/web/logic/url.js';
import { entity, MIDNIGHT } from './support/fixtures.js';
import { PAYLOADS } from './support/hostile.js';

test('paths name screens, and any entity name survives its path', () => {
  assert.deepEqual(routeOf('/'), { screen: 'shortlist' });
  assert.deepEqual(routeOf('/sensors/'), { screen: 'sensors' });
  assert.deepEqual(routeOf('/model'), { screen: 'model' });
  assert.deepEqual(routeOf('/entity'), { screen: 'nowhere', path: '/entity' });
  assert.deepEqual(routeOf('/entity/a/b'), { screen: 'nowhere', path: '/entity/a/b' });
  assert.deepEqual(routeOf('/entity/%zz'), { screen: 'entity', host: '%zz' });
  for (const host of ['10.0.0.1', '2001:db8::1', ...PAYLOADS.filter((p) => p !== '' && !p.includes('\ud800'))]) {
    const path = entityPath(host, '?day=2026-11-20&q=x')!;
    const url = new URL(path, 'http://console/');
    assert.equal(url.search, '?day=2026-11-20');
    assert.deepEqual(routeOf(url.pathname), { screen: 'entity', host });
  }
  for (const host of ['', '.', '..']) assert.equal(entityPath(host, ''), null);
});

test('equal states have equal addresses, and empty ones none', () => {
  assert.equal(withParams('?b=2&a=1', { c: '3' }), '?a=1&b=2&c=3');
  assert.equal(withParams('?a=1', { a: null }), '');
  assert.equal(withParams('?a=1&b=2', { b: '' }), '?a=1');
  assert.equal(withParams('', { q: 'a b&c=d#e' }), '?q=a%20b%26c%3Dd%23e');
  assert.equal(shared('?q=x&day=2026-11-20&open=1'), '?day=2026-11-20');
  fc.assert(
    fc.property(fc.dictionary(fc.string({ minLength: 1 }), fc.string({ minLength: 1 })), (state) => {
      const search = withParams('', state);
      assert.deepEqual(new Map(new URLSearchParams(search)), new Map(Object.entries(state)));
      assert.equal(withParams(search, {}), search);
    }),
    { seed: 6 },
  );
});

test('parameters that make no sense are as good as none', () => {
  assert.equal(dayParam('?day=2026-11-20'), '2026-11-20');
  for (const day of ['yesterday', '2026-11-20T00', "2026-11-20'--", '']) assert.equal(dayParam(`?day=${day}`), null);
  assert.deepEqual(listParam('?open=abc.1x.<b>.toolongtobeone', 'open'), ['abc', '1x']);
  assert.deepEqual(spanParam('?t=5-9', 't'), { from: 5, to: 9 });
  for (const t of ['9-5', '5-5', '-1-4', '5', 'a-b', '5-99999999999999999'])
    assert.equal(spanParam(`?t=${t}`, 't'), null);
  const or = { column: 'flows', descending: true } as const;
  assert.deepEqual(sortParam('?s=-peer', 's', PEER_COLUMNS, or), { column: 'peer', descending: true });
  assert.deepEqual(sortParam('?s=__proto__', 's', PEER_COLUMNS, or), or);
  assert.equal(sortText({ column: 'peer', descending: true }), '-peer');
});

test('every column sorts both ways, and equal rows keep their order', () => {
  const { peers, domains } = entity('10.0.0.1', 500);
  for (const column of PEER_COLUMNS) {
    const up = sorted(peers, { column, descending: false }, peerValue);
    assert.equal(up.length, peers.length);
    for (let i = 1; i < up.length; i++) {
      const [a, b] = [peerValue(up[i - 1]!, column), peerValue(up[i]!, column)];
      if (typeof a === 'number') assert.ok(a <= (b as number), column);
    }
    const down = sorted(peers, { column, descending: true }, peerValue);
    assert.equal(peerValue(down[0]!, column), peerValue(up.at(-1)!, column));
  }
  for (const column of DOMAIN_COLUMNS)
    assert.equal(sorted(domains, { column, descending: true }, domainValue).length, domains.length);
  const addresses = ['10.0.0.10', '10.0.0.9', '9.0.0.1'].map((peer) => ({ ...peers[0]!, peer }));
  assert.deepEqual(
    sorted(addresses, { column: 'peer', descending: false }, peerValue).map((p) => p.peer),
    ['9.0.0.1', '10.0.0.9', '10.0.0.10'],
  );
  const same = peers.slice(0, 9).map((p) => ({ ...p, flows: 1 }));
  assert.deepEqual(sorted(same, { column: 'flows', descending: true }, peerValue), same);
});

test('a heading begins numbers with the largest and names with the first, then turns around', () => {
  const names = ['peer'] as const;
  const first = nextSort<string>({ column: 'x', descending: false }, 'flows', names);
  assert.deepEqual(first, { column: 'flows', descending: true });
  assert.deepEqual(nextSort<string>(first, 'flows', names), { column: 'flows', descending: false });
  assert.deepEqual(nextSort<string>(first, 'peer', names), { column: 'peer', descending: false });
});

test('peers and domains are narrowed by words and by time', () => {
  const { peers, domains } = entity('10.0.0.1', 200);
  const https = filterPeers(peers, 'HTTPS', null);
  assert.ok(https.length > 5 && https.every((p) => [443, 8443].includes(p.port)));
  const span = { from: MIDNIGHT + 3_600_000, to: MIDNIGHT + 7_200_000 };
  const then = filterPeers(peers, '', span);
  assert.ok(then.length > 0 && then.length < peers.length);
  assert.ok(then.every((p) => p.lastSeen >= span.from && p.firstSeen <= span.to));
  assert.deepEqual(
    filterDomains(domains, 'txt', null).map((d) => d.domain),
    ['cdn-telemetry.net'],
  );
  assert.deepEqual(
    filterDomains(domains, 'mzxw6', null).map((d) => d.domain),
    ['cdn-telemetry.net'],
  );
});

test('an event makes stale what it touches, and retries slow down to a bound', () => {
  assert.ok(staleAfter('batch').includes('shortlist') && !staleAfter('status').includes('shortlist'));
  assert.deepEqual(
    [0, 1, 2, 3, 4, 5, 99].map((n) => retryDelay(n, 0)),
    [1000, 2000, 4000, 8000, 16_000, 30_000, 30_000],
  );
  assert.ok(retryDelay(99, 1) <= 37_500);
});
