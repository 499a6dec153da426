import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { makeCapture } from '../../bench/captures/make.js';
import { hasCompiler } from '../../bench/measure.js';
import { committed, judge, ratioToFloor } from '../../bench/regression.js';

const folder = mkdtempSync(join(tmpdir(), 'tapspot-regression-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const whyNot = !hasCompiler && 'there is no C compiler to build the floor with';

// Ratios, not seconds: both run on the same machine, in turn, on the same capture.
test('one shard is not much further from the floor in C than it was when the figure was set', {
  skip: whyNot,
}, async (t) => {
  const capture = await makeCapture('manyflows', folder, 0.1);
  const { ok, ratios } = judge(committed(), () => {
    const seen = ratioToFloor(capture, 5);
    const { floorNs, shardNs, packets, flows } = seen;
    t.diagnostic(`shard ${shardNs.toFixed(0)} ns, floor ${floorNs.toFixed(0)} ns: ${seen.ratio.toFixed(2)} times`);
    assert.deepEqual([packets, flows], [1_000_000, 100_000], 'the whole capture was worked through');
    return seen.ratio;
  });
  const { ratio, allowed } = committed();
  assert.ok(
    ok,
    `the shard path takes ${ratios.map((r) => r.toFixed(2)).join(' and ')} times the floor; ${ratio} is committed in bench/regression.json, ${allowed} times that allowed`,
  );
});

test('only two slow attempts in a row are a regression, and twice as slow is one', () => {
  const figure = committed();
  assert.ok(figure.ratio > 1 && figure.allowed > 1 && figure.allowed < 2, JSON.stringify(figure));
  const slow = 2 * figure.ratio;
  const attempts = (...ratios: number[]) => judge(figure, () => ratios.shift()!);
  assert.deepEqual(attempts(figure.ratio), { ok: true, ratios: [figure.ratio] });
  assert.deepEqual(attempts(slow, figure.ratio), { ok: true, ratios: [slow, figure.ratio] });
  assert.deepEqual(attempts(slow, slow), { ok: false, ratios: [slow, slow] });
});
