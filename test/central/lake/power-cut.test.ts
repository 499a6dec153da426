import assert from 'node:assert/strict';
import { cpSync, existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { compact } from '../../../src/central/lake/compaction.js';
import type { Lake } from '../../../src/central/lake/lake.js';
import { diesAfter } from '../support/dying-disk.js';
import { fakeBatch } from '../support/fake-batches.js';
import { hyparquetRows, openLake, tempDir } from '../support/lakes.js';

const NOON_US = Date.UTC(2026, 10, 20, 12) * 1000;
const ROWS = 20;

/** Odd batches lie across an hour's end, so that their commits have several files. */
function append(lake: Lake, sequence: number): Promise<void> {
  const batch = fakeBatch({
    windowFromUs: NOON_US - 30e6,
    flows: ROWS,
    dns: 0,
    hosts: 1,
    seed: sequence,
    findings: false,
  });
  batch.words = { ...batch.words, count: 0 };
  batch.ledger = {};
  const range: [number, number] = [sequence, sequence];
  return lake.append([{ epoch: 1, sequence, batch }], [{ site: 'berlin', sensor: 'tap-1', epoch: 1, stored: [range] }]);
}

/** What the lake holds when the machine comes back: rows of each sequence, by another engine than ours. */
async function afterwards(dir: string): Promise<{ rows: Map<number, number>; known: (sequence: number) => boolean }> {
  const lake = await openLake(dir);
  const known = (sequence: number) => lake.sequences.find('berlin', 'tap-1', 1)?.has(sequence) ?? false;
  const rows = new Map<number, number>();
  for (const row of await hyparquetRows(lake.dir, 'flow')) {
    rows.set(Number(row.seq), (rows.get(Number(row.seq)) ?? 0) + 1);
  }
  assert.deepEqual(readdirSync(join(lake.dir, '.staging')), [], 'something is left in .staging');
  await lake.close();
  return { rows, known };
}

/** Runs `story` with the power cut at every disk call in turn; `check` looks at what was left. */
async function atEveryCall(
  t: TestContext,
  prepare: (lake: Lake) => Promise<void>,
  story: (lake: Lake, promised: Set<number>) => Promise<void>,
  check: (n: number, left: Awaited<ReturnType<typeof afterwards>>, promised: Set<number>) => void,
): Promise<number> {
  const root = tempDir(t);
  const prepared = join(root, 'prepared');
  mkdirSync(prepared);
  const before = await openLake(prepared);
  await prepare(before);
  await before.close();
  for (let n = 0; ; n++) {
    const dir = join(root, String(n));
    cpSync(prepared, dir, { recursive: true });
    const { disk, died } = diesAfter(n);
    const promised = new Set<number>();
    let lake: Lake | null = null;
    try {
      lake = await openLake(dir, disk);
      await story(lake, promised);
    } catch (error) {
      // The cut itself, or what the lake made of it; a test that fails for another reason does so below.
      if (!died()) throw error;
    }
    await lake?.close();
    check(n, await afterwards(dir), promised);
    rmSync(dir, { recursive: true });
    if (!died()) return n;
  }
}

test('wherever the power fails in a commit, a batch is there whole or not at all, and what was promised is there', async (t) => {
  let lost = 0;
  let kept = 0;
  const calls = await atEveryCall(
    t,
    async () => {},
    async (lake, promised) => {
      for (const sequence of [1, 2]) {
        await append(lake, sequence);
        promised.add(sequence);
      }
    },
    (n, { rows, known }, promised) => {
      for (const sequence of [1, 2]) {
        const count = rows.get(sequence) ?? 0;
        assert.ok(count === 0 || count === ROWS, `call ${n}: ${count} of ${ROWS} rows of batch ${sequence}`);
        assert.equal(
          known(sequence),
          count > 0,
          `call ${n}: what is known of batch ${sequence} and what is there differ`,
        );
        if (promised.has(sequence)) assert.equal(count, ROWS, `call ${n}: batch ${sequence} was promised`);
        if (count > 0) kept++;
        else lost++;
      }
    },
  );
  assert.ok(calls > 20, `only ${calls} calls: the disk is not in the way`);
  assert.ok(kept > 10 && lost > 10, `${kept} batches kept, ${lost} not: the cuts were meant to fall on both sides`);
});

test('wherever the power fails in a compaction, every row is there once', async (t) => {
  let merged = 0;
  const calls = await atEveryCall(
    t,
    async (lake) => {
      for (const sequence of [1, 3]) await append(lake, sequence);
    },
    async (lake) => {
      for (const partition of [...lake.files.partitions.values()]) {
        await compact(lake, { partition, files: [...partition.files.keys()] });
        merged++;
      }
    },
    (n, { rows, known }) => {
      for (const sequence of [1, 3]) {
        assert.equal(rows.get(sequence), ROWS, `call ${n}: rows of batch ${sequence}`);
        assert.ok(known(sequence));
      }
    },
  );
  assert.ok(calls > 20 && merged > 10, `${calls} calls, ${merged} compactions`);
});

test('a commit whose files cannot be renamed is durable all the same, and finished later', async (t) => {
  const dir = tempDir(t);
  const { nodeDisk } = await import('../../../src/central/lake/disk.js');
  let fail = false;
  const lake = await openLake(dir, {
    ...nodeDisk,
    async rename(from, to) {
      if (fail && to.includes('/flow/'))
        throw Object.assign(new Error('no space'), { code: 'ENOSPC', syscall: 'rename' });
      await nodeDisk.rename(from, to);
    },
  });
  fail = true;
  await append(lake, 1);
  assert.ok(lake.sequences.find('berlin', 'tap-1', 1)!.has(1));
  assert.equal((await hyparquetRows(lake.dir, 'flow')).length, 0);
  await assert.rejects(append(lake, 2), { code: 'ENOSPC' });
  fail = false;
  await append(lake, 2);
  assert.equal((await hyparquetRows(lake.dir, 'flow')).length, 2 * ROWS);
  assert.ok(existsSync(join(lake.dir, 'flow')));
  await lake.close();
});
