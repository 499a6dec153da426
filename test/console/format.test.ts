import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { bytes, compact, count, odds, percent, plural, points, UNKNOWN } from '../../src/central/web/logic/format.js';

test('bytes and counts keep three digits and step units without ever writing 1000', () => {
  assert.deepEqual([0, 1, 999, 999.6, 1000, 1234, 99_949, 99_960, 999_499, 999_500, 1.5e9, 2e20].map(bytes), [
    '0 B',
    '1 B',
    '999 B',
    '1.00 kB',
    '1.00 kB',
    '1.23 kB',
    '99.9 kB',
    '100 kB',
    '999 kB',
    '1.00 MB',
    '1.50 GB',
    '200000 PB',
  ]);
  assert.equal(compact(-12_345), '−12.3 k');
  fc.assert(
    fc.property(fc.double({ min: 0, max: 9e17, noNaN: true }), (n) => {
      const digits = Number(compact(n).split(' ')[0]);
      assert.ok(digits < 1000, `${n} → ${compact(n)}`);
    }),
    { seed: 3, numRuns: 2000 },
  );
});

test('what is unknown is never written as zero', () => {
  for (const f of [bytes, compact, count, percent, odds, points])
    for (const n of [null, undefined, Number.NaN, Number.POSITIVE_INFINITY]) assert.equal(f(n), UNKNOWN);
});

test('a share is never rounded to all or nothing when it is neither', () => {
  assert.deepEqual([0, 1, 0.972, 0.5, 1e-9, 0.0004, 0.9995, 0.9999, 0.99999999, 0.04].map(percent), [
    '0 %',
    '100 %',
    '97.2 %',
    '50.0 %',
    '< 0.1 %',
    '< 0.1 %',
    '99.95 %',
    '99.99 %',
    '> 99.99 %',
    '4.0 %',
  ]);
  fc.assert(
    fc.property(fc.double({ min: 0, max: 1, noNaN: true }), (share) => {
      if (share < 1) assert.notEqual(Number.parseFloat(percent(share)), 100);
      if (share > 0) assert.notEqual(percent(share), '0 %');
    }),
    { seed: 5, numRuns: 2000 },
  );
});

test('points have one decimal and a minus sign, and zero has none', () => {
  assert.deepEqual([34, -4, -0.04, 11.25, 1e12].map(points), ['34.0', '−4.0', '0.0', '11.3', '1.00 T']);
});

test('a small probability is told as odds', () => {
  assert.deepEqual([0.00008, 0.02, 0.7, 0, 1e-7].map(odds), [
    '1 in 12.5 k',
    '1 in 50',
    'usual',
    'never seen',
    '1 in 10.0 M',
  ]);
});

test('words agree with their number', () => {
  assert.deepEqual(
    [plural(1, 'line'), plural(2, 'line'), plural(1200, 'batch', 'batches')],
    ['1 line', '2 lines', '1,200 batches'],
  );
});
