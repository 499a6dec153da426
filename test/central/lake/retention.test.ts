import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nextCompaction } from '../../../src/central/lake/compaction.js';
import { Files } from '../../../src/central/lake/files.js';
import { expired } from '../../../src/central/lake/retention.js';
import { TABLES } from '../../../src/central/lake/tables.js';
import { Prng } from '../../support/prng.js';

const NOW = Date.UTC(2026, 10, 20, 12, 30);
const hourOf = (path: string) => `${/dt=(.{10})/.exec(path)![1]}T${/hr=(..)/.exec(path)![1]}`;

function someFiles(random: Prng): Files {
  const files = new Files();
  for (let i = 0, n = random.between(1, 60); i < n; i++) {
    const iso = new Date(NOW - random.below(9 * 86_400_000)).toISOString();
    const path = `${random.pick(TABLES)}/dt=${iso.slice(0, 10)}/hr=${iso.slice(11, 13)}/part-${i}.parquet`;
    files.add(path, random.between(1, 1000), NOW);
  }
  return files;
}

test('retention keeps the newest, deletes whole hours oldest first, and no more than it must', () => {
  let some = 0;
  for (let seed = 1; seed <= 500; seed++) {
    const random = new Prng(seed);
    const files = someFiles(random);
    const all = [...files.partitions.values()].flatMap((p) => [...p.files]);
    const limits = { bytes: random.below(20_000), days: random.chance(0.5) ? random.between(1, 9) : undefined };
    const gone = new Set(expired(files, limits, NOW));
    const left = all.filter(([path]) => !gone.has(path));
    if (gone.size > 0) some++;
    const oldestLeft = left.map(([path]) => hourOf(path)).sort()[0]!;
    assert.ok(left.length > 0, `seed ${seed}: everything is gone`);
    for (const path of gone)
      assert.ok(hourOf(path) < oldestLeft, `seed ${seed}: a newer hour went before an older one`);
    const bytes = left.reduce((sum, [, n]) => sum + n, 0);
    const hoursLeft = new Set(left.map(([path]) => hourOf(path)));
    assert.ok(
      bytes <= limits.bytes || hoursLeft.size === 1,
      `seed ${seed}: ${bytes} of ${limits.bytes} bytes are left`,
    );
    const cut = limits.days === undefined ? '' : new Date(NOW - limits.days * 86_400_000).toISOString().slice(0, 13);
    assert.ok(oldestLeft >= cut || hoursLeft.size === 1, `seed ${seed}: ${oldestLeft} is too old`);
    if (gone.size > 0) {
      // The last hour that went had to go: with it the lake would be too large, or it was too old.
      const last = [...gone].map(hourOf).sort().at(-1)!;
      const ofLast = all.filter(([path]) => hourOf(path) === last).reduce((sum, [, n]) => sum + n, 0);
      assert.ok(bytes + ofLast > limits.bytes || last < cut, `seed ${seed}: ${last} went for nothing`);
    }
  }
  assert.ok(some > 200, `only ${some} runs deleted anything`);
});

test('the account of files adds up after any row of additions and removals', () => {
  const random = new Prng(3);
  const files = new Files();
  const plain = new Map<string, number>();
  for (let i = 0; i < 3000; i++) {
    const path = `flow/dt=2026-11-20/hr=0${random.below(4)}/part-${random.below(50)}.parquet`;
    if (random.chance(0.6)) {
      const bytes = random.below(1000);
      files.add(path, bytes, i);
      plain.set(path, bytes);
    } else {
      files.remove(path);
      plain.delete(path);
    }
    assert.equal(files.count, plain.size);
    assert.equal(
      files.bytes,
      [...plain.values()].reduce((sum, n) => sum + n, 0),
    );
  }
  assert.throws(() => files.add('../etc/passwd', 1, 1));
});

test('an hour is merged when it is quiet, or when it has too many small files, and not before', () => {
  const files = new Files();
  const add = (hour: string, n: number, bytes: number, at: number) => {
    for (let i = 0; i < n; i++) files.add(`flow/dt=2026-11-20/hr=${hour}/part-${i}.parquet`, bytes, at);
  };
  add('10', 3, 100, NOW);
  add('09', 1, 100, 0);
  add('08', 5, 2 ** 30, 0);
  assert.equal(nextCompaction(files, NOW), null);
  assert.equal(nextCompaction(files, NOW + 10 * 60_000)?.partition.hour, '10');
  add('11', 40, 100, NOW);
  assert.deepEqual(nextCompaction(files, NOW)?.partition.hour, '11');
  assert.equal(nextCompaction(files, NOW)?.files.length, 40);
});
