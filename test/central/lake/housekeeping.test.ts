import assert from 'node:assert/strict';
import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { silent } from '../../../src/base/log.js';
import { appendColumns } from '../../../src/central/lake/duck.js';
import { Housekeeper } from '../../../src/central/lake/housekeeper.js';
import { Lake } from '../../../src/central/lake/lake.js';
import { fakeBatch } from '../support/fake-batches.js';
import { hyparquetRows, openLake, parquetFiles, tempDir } from '../support/lakes.js';

const NOON_US = Date.UTC(2026, 10, 20, 12) * 1000;
const note = (sequence: number) => [
  { site: 'berlin', sensor: 'tap-1', epoch: 1, stored: [[sequence, sequence] as [number, number]] },
];

test('many small files become one each, while queries run and see every row once', async (t) => {
  const lake = await openLake(tempDir(t));
  const batches = Array.from({ length: 34 }, (_, i) =>
    fakeBatch({ windowFromUs: NOON_US + i * 1e6, flows: 5, dns: 3, hosts: 2 }),
  );
  for (const [i, batch] of batches.entries()) await lake.append([{ epoch: 1, sequence: i + 1, batch }], note(i + 1));
  const before = await hyparquetRows(lake.dir, 'flow');
  let asked = 0;
  let done = false;
  const asking = (async () => {
    while (!done) {
      const [row] = await lake.query<{ n: number }>((from) => `SELECT count(*)::INTEGER AS n FROM ${from('flow')}`);
      assert.equal(row!.n, 34 * 5);
      asked++;
    }
  })();
  const keeper = new Housekeeper(lake, { bytes: 1e12 }, silent);
  await keeper.run();
  done = true;
  await asking;
  await keeper.stop();
  assert.ok(asked > 2, `${asked} queries`);
  for (const table of ['flow', 'dns', 'ledger', 'word', 'finding'])
    assert.equal(parquetFiles(lake.dir, table).length, 1, table);
  const identity = (rows: Record<string, unknown>[]) =>
    rows.map(({ path: _, ...row }) => JSON.stringify(row, (_k, v) => (typeof v === 'bigint' ? Number(v) : v))).sort();
  assert.deepEqual(identity(await hyparquetRows(lake.dir, 'flow')), identity(before));
  await lake.close();
});

test('beyond its bytes the lake deletes the oldest hours and still knows what it had', async (t) => {
  const dir = tempDir(t);
  const lake = await openLake(dir);
  for (let i = 1; i <= 5; i++) {
    await lake.append(
      [{ epoch: 1, sequence: i, batch: fakeBatch({ windowFromUs: NOON_US + i * 3.6e9, flows: 50 }) }],
      note(i),
    );
  }
  const limit = lake.files.bytes / 2;
  const keeper = new Housekeeper(lake, { bytes: limit }, silent);
  await keeper.run();
  await keeper.stop();
  const hours = (l: Lake) => [...new Set(parquetFiles(l.dir, 'flow').map((path) => /hr=(..)/.exec(path)![1]))];
  assert.deepEqual(hours(lake), ['16', '17']);
  const onDisk = ['flow', 'dns', 'finding', 'ledger', 'word'].flatMap((table) => parquetFiles(lake.dir, table));
  const bytes = onDisk.reduce((sum, path) => sum + statSync(join(lake.dir, path)).size, 0);
  assert.equal(lake.files.bytes, bytes);
  assert.ok(bytes <= limit);
  await lake.close();
  const again = await openLake(dir);
  assert.equal(again.sequences.find('berlin', 'tap-1', 1)!.high, 5, 'a deleted batch must not come back as a new one');
  assert.equal(again.files.bytes, bytes);
  await again.close();
});

test('a log that has grown long is replaced by what it came to, at the next start too', async (t) => {
  const dir = tempDir(t);
  const lake = await openLake(dir);
  const long = 'x'.repeat(63);
  for (let i = 1; i <= 40; i++) {
    const notes = Array.from({ length: 900 }, (_, k) => ({
      site: long,
      sensor: `${long}${k % 9}`,
      epoch: k,
      stored: [[i, i] as [number, number]],
    }));
    await lake.append([], notes);
  }
  assert.ok(statSync(join(lake.dir, '_commits.log')).size < 4 * 2 ** 20);
  const states = [...lake.sequences.states()];
  await lake.close();
  const again = await openLake(dir);
  assert.deepEqual(
    [...again.sequences.states()].map((s) => s.high),
    states.map((s) => s.high),
  );
  await again.close();
});

test('one lake has one owner, in this process too, and says who it is', async (t) => {
  const dir = tempDir(t);
  const lake = await openLake(dir);
  await assert.rejects(openLake(dir), { code: 'LAKE_LOCKED', message: new RegExp(`process ${process.pid}`) });
  await lake.close();
  await (await openLake(dir)).close();
  const odd = { dir: join(dir, 'a[b]'), tempDir: join(dir, 'tmp'), memoryBytes: 1e8, threads: 1, log: silent };
  await assert.rejects(Lake.open(odd), { code: 'LAKE_PATH' });
});

test('the engine reaches nothing outside the lake', async (t) => {
  const dir = tempDir(t);
  const lake = await openLake(dir);
  writeFileSync(join(dir, 'secret.csv'), 'a\n1\n');
  for (const sql of [
    `SELECT * FROM read_csv('${join(dir, 'secret.csv')}')`,
    "SELECT * FROM read_text('/etc/passwd')",
    'INSTALL httpfs',
    "COPY (SELECT 1) TO '/tmp/out.csv'",
    'SET enable_external_access = true',
  ]) {
    await assert.rejects(lake.duck.rows(sql), /Permission Error|disabled|locked|Cannot/i, sql);
  }
  await lake.close();
});

test('columns of every type reach the engine as they are, over the border of a chunk', async (t) => {
  const lake = await openLake(tempDir(t));
  const n = 5000;
  const of = (i: number) => (i * 2654435761) % 4294967296;
  await lake.duck.write.run(
    'CREATE TEMP TABLE x (a UTINYINT, b USMALLINT, c SMALLINT, d UINTEGER, e FLOAT, f DOUBLE, g VARCHAR)',
  );
  const index = Array.from({ length: n }, (_, i) => i);
  await appendColumns(
    lake.duck.write,
    'x',
    [
      Uint8Array.from(index, of),
      Uint16Array.from(index, of),
      Int16Array.from(index, of),
      Uint32Array.from(index, of),
      Float32Array.from(index, of),
      Float64Array.from(index, (i) => of(i) / 7),
      index.map((i) => `t\u0000${i}é`),
    ],
    n,
  );
  const rows = (await lake.duck.write.runAndReadAll('SELECT * FROM x')).getRows();
  assert.equal(rows.length, n);
  for (const i of [0, 1, 2047, 2048, 2049, 4095, 4096, 4999]) {
    const v = of(i);
    assert.deepEqual(rows[i], [
      Uint8Array.of(v)[0],
      Uint16Array.of(v)[0],
      Int16Array.of(v)[0],
      v,
      Math.fround(v),
      v / 7,
      `t\u0000${i}é`,
    ]);
  }
  await lake.close();
});
