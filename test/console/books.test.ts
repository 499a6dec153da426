import assert from 'node:assert/strict';
import { test } from 'node:test';
import { entryOf, STAGES } from '../../src/central/web/logic/books.js';
import { coverageLevel, coverageWords, overall, worstFirst } from '../../src/central/web/logic/coverage.js';
import { ledgerStages } from '../../src/central/web/logic/ledger.js';
import { order, troubled } from '../../src/central/web/logic/sensors.js';
import { column, stepTimes, summarise } from '../../src/central/web/logic/series.js';
import { VERDICTS } from '../../src/decode/verdict.js';
import { DNS_COUNTS } from '../../src/dns/tally.js';
import { LEAVE_REASONS } from '../../src/flow/columns.js';
import { coverage, entity } from './support/fixtures.js';
import { sensor, sensors } from './support/fleet.js';
import { hostileSensors } from './support/hostile.js';

const cover = (frames: number, dropped: number, share: number | null) => ({
  site: 's',
  sensor: 'x',
  frames,
  dropped,
  coverage: share,
});

test('coverage says unknown where nobody can know, and never 100 % where something was lost', () => {
  assert.equal(coverageWords(cover(1000, 0, 1)), 'saw all 1.00 k frames');
  assert.equal(coverageWords(cover(972, 28, 0.972)), 'saw 97.2 % of frames; 28 dropped');
  assert.equal(coverageWords(cover(1e9, 1, 1 - 1e-9)), 'saw > 99.99 % of frames; 1 dropped');
  assert.equal(coverageWords(cover(5, 0, null)), 'saw 5 frames; drops unknown');
  assert.equal(coverageWords(cover(0, 0, null)), 'saw no frames');
  assert.deepEqual(
    [cover(9, 0, 1), cover(97, 3, 0.97), cover(5, 5, 0.5), cover(9, 0, null), cover(0, 0, null)].map(coverageLevel),
    ['whole', 'some lost', 'much lost', 'unknown', 'silent'],
  );
});

test('the sensor that lost most comes first, the one that saw all last', () => {
  assert.deepEqual(
    worstFirst(coverage).map((c) => c.sensor),
    ['edge-1', 'line-3', 'core-2'],
  );
  assert.equal(worstFirst([...coverage, { ...cover(0, 0, null), sensor: 'mute' }])[0]!.sensor, 'mute');
  assert.equal(overall([cover(5, 0, null)]), null);
  assert.equal(overall([cover(90, 10, 0.9), cover(5, 0, null), cover(100, 0, 1)]), 0.95);
});

test('the books keep every entry, in the order data passes the stages', () => {
  const ledger = sensors().sensors[0]!.ledger;
  const stages = ledgerStages({ ...ledger, 'zeta.new_thing': 4, loose: 7 });
  assert.deepEqual(
    stages.map((s) => s.stage),
    ['capture', 'decode', 'flow', 'dns', 'score', 'summary', 'spool', 'uplink', 'other', 'zeta'],
  );
  const rows = stages.flatMap((s) => s.rows);
  assert.equal(rows.length, Object.keys(ledger).length + 2);
  for (const r of rows) assert.equal(r.count, { ...ledger, 'zeta.new_thing': 4, loose: 7 }[r.key]);
  const capture = stages[0]!;
  assert.deepEqual(
    capture.rows.map((r) => r.fate),
    ['in', 'in', 'lost', 'lost'],
  );
  assert.equal(capture.lost, 11_889_204);
  assert.ok(rows.every((r) => r.share >= 0 && r.share <= 1));
});

test('a counter without words of its own is judged by its name', () => {
  const fate = (outcome: string) => entryOf(undefined, outcome)[1];
  assert.deepEqual(
    ['dropped_batches', 'corrupt', 'refused_codec', 'malformed_x', 'acknowledged', 'batches'].map(fate),
    ['lost', 'lost', 'lost', 'odd', 'kept', 'in'],
  );
  assert.equal(entryOf(STAGES[0], 'constructor')[0], 'constructor');
});

test('the stages count nothing that the books have no words for', () => {
  const held = (name: string) => Object.keys(STAGES.find((s) => s.name === name)!.entries);
  for (const name of VERDICTS) assert.ok(held('decode').includes(name), `decode.${name}`);
  for (const name of DNS_COUNTS) assert.ok(held('dns').includes(name), `dns.${name}`);
  for (const name of LEAVE_REASONS) assert.ok(held('flow').includes(`left_${name}`), `flow.left_${name}`);
});

test('odd books do not break the table', () => {
  for (const s of hostileSensors().sensors) {
    const rows = ledgerStages(s.ledger).flatMap((stage) => stage.rows);
    assert.equal(rows.length, Object.keys(s.ledger).length);
    assert.ok(rows.every((r) => r.share >= 0 && r.share <= 1));
  }
  assert.deepEqual(ledgerStages({ 'a.b': Number.NaN }), []);
});

test('trouble comes first in the fleet', () => {
  assert.deepEqual(
    order(sensors().sensors).map((s) => s.sensor),
    ['line-4', 'edge-1', 'core-2', 'line-3'],
  );
  const well = sensor({ site: 'a', sensor: 'b' });
  assert.equal(troubled(well), false);
  assert.equal(troubled({ ...well, missing: 1 }), true);
  assert.equal(troubled({ ...well, online: false }), true);
  assert.equal(
    troubled({ ...well, spool: { batches: 0, bytes: 0, oldestSeconds: 0, droppedBatches: 0, corrupt: 1 } }),
    true,
  );
});

test('silence stays a gap in the chart, and the words tell of it', () => {
  const { activity } = entity('10.0.0.1', 5);
  const times = stepTimes(activity);
  assert.equal(times.length, 288);
  assert.equal(times[1]! - times[0]!, 300);
  const flows = column(activity.flows, times.length);
  assert.equal(flows[75], null);
  assert.deepEqual(column([1, Number.NaN, null], 4), [1, null, null, null]);
  const sum = summarise(activity.flows);
  assert.deepEqual(sum.gaps, [
    { from: 70, to: 82 },
    { from: 276, to: 288 },
  ]);
  assert.equal(sum.peak, Math.max(...activity.flows.map((n) => n ?? 0)));
  assert.equal(activity.flows[sum.peakAt], sum.peak);
  assert.deepEqual(summarise([]), { sum: 0, peak: null, peakAt: -1, gaps: [] });
});
