import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ago, clock, dayLabel, dayOf, duration, hover, span, stamp, until } from '../../src/central/web/logic/time.js';

const NOON = Date.parse('2026-11-20T12:00:00Z');
const [S, M, H, D] = [1000, 60_000, 3_600_000, 86_400_000];

test('times are UTC wherever the reader is', () => {
  assert.equal(stamp(NOON + 61_500), '2026-11-20 12:01:01 UTC');
  assert.equal(clock(NOON, false), '12:00');
  assert.equal(dayLabel('2026-11-20'), 'Fri 20 Nov 2026');
  assert.equal(dayLabel('soon'), 'soon');
  assert.equal(dayLabel('2026-99-99'), '2026-99-99');
});

test('the hover tells the exact time and the local one', () => {
  assert.equal(hover(NOON + 1, 'Asia/Tokyo'), '2026-11-20 12:00:00.001 UTC\n20 Nov 2026, 21:00:00 GMT+9, here');
});

test('a length of time has its two largest units', () => {
  assert.deepEqual([0, 0.4, 820, 4 * S, 59_999, M, 4 * M + 3 * S, 2 * H + 37 * M, 33 * H, 2 * D].map(duration), [
    '0 s',
    '< 1 ms',
    '820 ms',
    '4 s',
    '59 s',
    '1 min',
    '4 min 3 s',
    '2 h 37 min',
    '1 d 9 h',
    '2 d',
  ]);
  assert.equal(duration(-1), '–');
});

test('ages are told in one unit, and a clock that runs ahead is said', () => {
  assert.deepEqual(
    [0, 4 * S, 59 * S, 3 * M, 30 * H, 3 * D].map((past) => ago(NOON - past, NOON)),
    ['just now', 'just now', '59 s ago', '3 min ago', '30 h ago', '3 d ago'],
  );
  assert.equal(ago(NOON + 10 * M, NOON), '10 min ahead of this clock');
  assert.equal(ago(null, NOON), 'never');
  assert.deepEqual(
    [until(NOON + 90 * S, NOON), until(NOON - 1, NOON), until(null, NOON)],
    ['in 1 min', 'due now', 'not planned'],
  );
});

test('first and last carry a date only where it is not the day in view', () => {
  const day = '2026-11-20';
  assert.equal(span(NOON - 3 * H, NOON, day), '09:00 – 12:00');
  assert.equal(span(NOON, NOON + 20 * S, day), '12:00:00');
  assert.equal(span(NOON - 20 * H, NOON, day), '11-19 16:00 – 12:00');
  assert.equal(span(NOON - 3 * H, NOON, null), '11-20 09:00 – 12:00');
  assert.equal(span(NOON, NOON + 13 * H, day), '12:00 – 11-21 01:00');
});

test('no number breaks a time', () => {
  fc.assert(
    fc.property(fc.double(), fc.integer({ min: 0, max: 4e12 }), (a, b) => {
      for (const text of [
        clock(a),
        dayOf(a),
        stamp(a),
        duration(a),
        ago(a, b),
        until(a, b),
        span(a, b, null),
        hover(a),
      ])
        assert.ok(!/NaN|Invalid|undefined|Infinity/.test(text), `${a} ${b}: ${text}`);
    }),
    { seed: 8, numRuns: 1000 },
  );
});
