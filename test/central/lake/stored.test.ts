import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EPOCHS_MAX, RANGES_MAX, SequenceSet, StoredSequences } from '../../../src/central/lake/stored.js';
import { Prng } from '../../support/prng.js';

test('a sequence set agrees with a plain set of numbers, whatever is settled in whatever order', () => {
  let merges = 0;
  for (let seed = 1; seed <= 200; seed++) {
    const random = new Prng(seed);
    const set = new SequenceSet();
    const plain = new Set<number>();
    for (let i = 0; i < 60; i++) {
      const from = random.between(1, 80);
      const to = Math.min(80, from + (random.chance(0.7) ? 0 : random.below(12)));
      let fresh = 0;
      for (let n = from; n <= to; n++) if (!plain.has(n)) fresh++;
      const before = set.ranges.length;
      assert.equal(set.unsettled(from, to), fresh, `seed ${seed}`);
      assert.equal(set.settle(from, to), fresh, `seed ${seed}`);
      for (let n = from; n <= to; n++) plain.add(n);
      if (set.ranges.length < before) merges++;
      for (let n = 1; n <= 82; n++) assert.equal(set.has(n), plain.has(n), `seed ${seed}, ${n}`);
      let high = 0;
      while (plain.has(high + 1)) high++;
      assert.equal(set.high, high);
      for (const [k, [a, b]] of set.ranges.entries()) {
        assert.ok(a <= b && a > (set.ranges[k - 1]?.[1] ?? set.high) + 1, 'ranges touch or are out of order');
      }
    }
  }
  assert.ok(merges > 100, `${merges} merges: nothing was joined`);
});

test('memory is bounded: ranges are refused beyond a number, old epochs are forgotten as settled', () => {
  const set = new SequenceSet();
  for (let i = 1; i <= RANGES_MAX; i++) {
    assert.ok(set.hasRoom(i * 2));
    set.settle(i * 2, i * 2);
  }
  assert.ok(!set.hasRoom(RANGES_MAX * 2 + 2));
  assert.ok(set.hasRoom(1), 'the sequence that everything waits for must fit');
  set.settle(1, 1);
  assert.ok(set.hasRoom(RANGES_MAX * 2 + 2));

  const all = new StoredSequences();
  for (let epoch = 1; epoch <= EPOCHS_MAX + 5; epoch++) {
    all.apply({ site: 's', sensor: 'x', epoch: epoch * 10, stored: [[1, 3]] }, epoch);
  }
  assert.equal([...all.states()].length, EPOCHS_MAX);
  assert.ok(all.isForgotten('s', 'x', 10));
  assert.ok(!all.isForgotten('s', 'x', 60));
  assert.ok(!all.isForgotten('s', 'x', 9999), 'a new epoch is not an old one');
  assert.ok(!all.isForgotten('s', 'y', 10));
});

test('a snapshot of the sets restores them', () => {
  const all = new StoredSequences();
  all.apply(
    {
      site: 's',
      sensor: 'x',
      epoch: 1,
      stored: [
        [1, 3],
        [7, 7],
      ],
      missing: [[4, 5]],
      refused: [[9, 9]],
    },
    5,
  );
  const copy = new StoredSequences();
  for (const state of JSON.parse(JSON.stringify([...all.states()]))) copy.restore(state);
  assert.deepEqual([...copy.states()], [...all.states()]);
  const set = copy.find('s', 'x', 1)!;
  assert.deepEqual([set.high, set.stored, set.missing, set.refused], [5, 4, 2, 1]);
});
