import assert from 'node:assert/strict';
import { appendFileSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { CommitLog, type CommitRecord, LOG_FILE } from '../../../src/central/lake/commit-log.js';
import { nodeDisk } from '../../../src/central/lake/disk.js';
import { tempDir } from '../support/lakes.js';

const record = (id: number): CommitRecord => ({ id, at: 1, add: [`flow/${id}`], remove: [], notes: [] });

async function written(dir: string, count: number): Promise<void> {
  const { log } = await CommitLog.open(dir, nodeDisk);
  for (let id = 1; id <= count; id++) await log.append(record(id));
  await log.close();
}

test('cut anywhere, the log is the records before the cut, and goes on from there', async (t) => {
  const dir = tempDir(t);
  const path = join(dir, LOG_FILE);
  await written(dir, 3);
  const whole = readFileSync(path);
  const ends = [...whole.keys()].filter((i) => whole[i] === 10).map((i) => i + 1);
  for (let length = 0; length <= whole.length; length++) {
    writeFileSync(path, whole);
    truncateSync(path, length);
    const { log, records } = await CommitLog.open(dir, nodeDisk);
    const expected = ends.filter((end) => end <= length).length;
    assert.equal(records.length, expected, `cut at ${length}`);
    await log.append(record(77));
    await log.close();
    const again = await CommitLog.open(dir, nodeDisk);
    assert.deepEqual(
      again.records.map((r) => r.id),
      [...[1, 2, 3].slice(0, expected), 77],
    );
    await again.log.close();
  }
});

test('a damaged record with others after it is refused by name, never skipped', async (t) => {
  const dir = tempDir(t);
  await written(dir, 3);
  const path = join(dir, LOG_FILE);
  const bytes = readFileSync(path);
  bytes[20]! ^= 1;
  writeFileSync(path, bytes);
  await assert.rejects(CommitLog.open(dir, nodeDisk), { code: 'LAKE_LOG_CORRUPT', message: /byte 0 is damaged/ });
});

test('a last line of garbage is removed', async (t) => {
  const dir = tempDir(t);
  await written(dir, 1);
  const path = join(dir, LOG_FILE);
  const { size } = statSync(path);
  appendFileSync(path, Buffer.alloc(300));
  const { log, records } = await CommitLog.open(dir, nodeDisk);
  assert.equal(records.length, 1);
  assert.equal(statSync(path).size, size);
  await log.close();
});

test('a write that fails is taken back, and a sync that fails ends the log', async (t) => {
  const dir = tempDir(t);
  let fault: 'write' | 'sync' | null = null;
  const { log } = await CommitLog.open(dir, {
    ...nodeDisk,
    async write(file, bytes, at) {
      await nodeDisk.write(file, fault === 'write' ? bytes.subarray(0, 5) : bytes, at);
      if (fault === 'write') throw new Error('no space');
    },
    async syncHandle(file) {
      if (fault === 'sync') throw new Error('I/O error');
      await nodeDisk.syncHandle(file);
    },
  });
  await log.append(record(1));
  fault = 'write';
  await assert.rejects(log.append(record(2)), /no space/);
  assert.equal(log.broken, null);
  fault = null;
  await log.append(record(3));
  fault = 'sync';
  await assert.rejects(log.append(record(4)), /in doubt/);
  fault = null;
  await assert.rejects(log.append(record(5)), /in doubt/);
  assert.notEqual(log.broken, null);
  await log.close();
  const { log: again, records } = await CommitLog.open(dir, nodeDisk);
  assert.deepEqual(records.map((r) => r.id).slice(0, 2), [1, 3]);
  await again.close();
});

test('compacting replaces all records by what they came to', async (t) => {
  const dir = tempDir(t);
  const { log } = await CommitLog.open(dir, nodeDisk);
  for (let id = 1; id <= 50; id++) await log.append(record(id));
  const sequences = [
    { site: 's', sensor: 'x', epoch: 1, high: 50, ranges: [], stored: 50, missing: 0, refused: 0, at: 1 },
  ];
  await log.compact({ snapshot: true, id: 50, at: 2, sequences });
  await log.append(record(51));
  await log.close();
  const { log: again, records } = await CommitLog.open(dir, nodeDisk);
  assert.deepEqual(records, [{ snapshot: true, id: 50, at: 2, sequences }, record(51)]);
  await again.close();
});
