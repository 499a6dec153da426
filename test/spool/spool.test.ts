import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fsck } from '../../src/spool/fsck.js';
import { Spool } from '../../src/spool/spool.js';
import { Prng } from '../support/prng.js';
import { MemoryDisk } from './disk.js';

const root = mkdtempSync(join(tmpdir(), 'tapspot-uplink-spool-'));
after(() => rmSync(root, { recursive: true, force: true }));
let made = 0;
const fresh = () => join(root, `s${made++}`);
const MiB = 2 ** 20;
const body = (n: number, length = 100) => Buffer.alloc(length, `body ${n};`);
const noLock = async () => async () => {};
const open = (disk: MemoryDisk, limitBytes = MiB) => Spool.open('/spool', { limitBytes, fs: disk, lock: noLock });

async function contents(spool: Spool): Promise<{ sequence: number; gap: number; text: string }[]> {
  const out = [];
  let record = await spool.read(1);
  while (record !== null) {
    out.push({ sequence: record.sequence, gap: record.gap, text: Buffer.from(record.body).toString() });
    record = await spool.read(record.sequence + 1);
  }
  return out;
}

test('bodies come back in order, over restarts, until they are acknowledged', async () => {
  const dir = fresh();
  let spool = await Spool.open(dir, { limitBytes: 16 * MiB });
  const { epoch } = spool;
  assert.deepEqual(await Promise.all([1, 2, 3].map((n) => spool.append(body(n)))), [1, 2, 3]);
  assert.deepEqual((await spool.read(2))?.body, body(2));
  await spool.close();
  spool = await Spool.open(dir, { limitBytes: 16 * MiB });
  assert.equal(spool.epoch, epoch, 'the epoch outlives a restart');
  assert.deepEqual(
    (await contents(spool)).map((r) => r.sequence),
    [1, 2, 3],
  );
  assert.equal(spool.acknowledge(epoch, 2), true);
  assert.equal(await spool.append(body(4)), 4);
  assert.deepEqual(
    (await contents(spool)).map((r) => [r.sequence, r.gap]),
    [
      [3, 2],
      [4, 0],
    ],
  );
  await spool.close();
  spool = await Spool.open(dir, { limitBytes: 16 * MiB });
  assert.deepEqual(
    (await contents(spool)).map((r) => r.sequence),
    [3, 4],
    'what was acknowledged stays so',
  );
  assert.equal(spool.acknowledge(epoch, 4), true);
  await spool.close();
  spool = await Spool.open(dir, { limitBytes: 16 * MiB });
  assert.equal(await spool.append(body(5)), 5, 'an empty spool goes on counting');
  assert.equal(spool.stats().batches, 1);
  await spool.close();
});

test('an acknowledgement of another epoch, or of what was never appended, lets nothing go', async () => {
  const spool = await Spool.open(fresh(), { limitBytes: MiB });
  await spool.append(body(1));
  assert.equal(spool.acknowledge(spool.epoch + 1, 1), false);
  assert.equal(spool.acknowledge(spool.epoch, 2), false);
  assert.equal(spool.acknowledge(spool.epoch, Number.NaN), false);
  assert.equal(spool.stats().batches, 1);
  await spool.close();
});

test('a second process is refused the directory, and gets it once the first is gone', async () => {
  const dir = fresh();
  const spool = await Spool.open(dir, { limitBytes: MiB });
  await assert.rejects(Spool.open(dir, { limitBytes: MiB }), { code: 'spool.busy' });
  await spool.close();
  await (await Spool.open(dir, { limitBytes: MiB })).close();
});

test('operators are told what is wrong with a limit, a directory, or two spools in one', async () => {
  await assert.rejects(Spool.open(fresh(), { limitBytes: 1000 }), { code: 'spool.limit' });
  const file = fresh();
  writeFileSync(file, '');
  await assert.rejects(Spool.open(join(file, 'x'), { limitBytes: MiB }), { code: 'spool.open' });
  const [a, b] = [fresh(), fresh()];
  for (const [dir, now] of [
    [a, 1000],
    [b, 2000],
  ] as const) {
    const spool = await Spool.open(dir, { limitBytes: MiB, now: () => now });
    await spool.append(body(1));
    await spool.close();
  }
  writeFileSync(join(a, '0000000009.seg'), readFileSync(join(b, readdirSync(b).filter((n) => n.endsWith('.seg'))[0]!)));
  await assert.rejects(Spool.open(a, { limitBytes: MiB }), { code: 'spool.mixed' });
});

test('at the limit the oldest makes way, is counted, and leaves a gap', async () => {
  const disk = new MemoryDisk();
  const limit = 128 * 1024;
  const spool = await open(disk, limit);
  for (let n = 1; n <= 300; n++) {
    assert.equal(await spool.append(body(n, 2000)), n);
    assert.ok(disk.used() <= limit, `${disk.used()} bytes after ${n}`);
  }
  const stats = spool.stats();
  const held = await contents(spool);
  assert.equal(stats.batches + stats.droppedBatches, 300);
  assert.ok(stats.batches > 50 && stats.droppedBatches > 200, `${stats.batches} held`);
  assert.equal(held[0]!.gap, held[0]!.sequence - 1, 'nobody waits for what was dropped');
  assert.deepEqual(
    held.map((r) => r.sequence),
    Array.from({ length: held.length }, (_, i) => 301 - held.length + i),
  );
  assert.equal(await spool.append(new Uint8Array(limit)), null, 'too long for any limit');
  assert.equal(spool.stats().droppedBatches, stats.droppedBatches + 1);
  assert.equal(await spool.append(new Uint8Array(limit - 128)), 301, 'as long as the limit allows');
  assert.deepEqual(
    (await contents(spool)).map((r) => r.sequence),
    [301],
  );
  await spool.close();
});

test('a full disk costs the oldest, then the new ones, and never an error', async () => {
  const disk = new MemoryDisk();
  const spool = await open(disk, MiB);
  disk.capacity = 200_000;
  let lost = 0;
  for (let n = 1; n <= 200; n++) if ((await spool.append(body(n, 3000))) === null) lost++;
  const stats = spool.stats();
  assert.equal(lost, 0, 'there was always something older to let go');
  assert.equal(stats.batches + stats.droppedBatches, 200);
  assert.ok(stats.batches > 20 && stats.diskErrors > 0, JSON.stringify(stats));
  disk.capacity = 0;
  assert.equal(await spool.append(body(201)), null);
  disk.capacity = Number.POSITIVE_INFINITY;
  const next = (await spool.append(body(202)))!;
  assert.ok(next > 201, `sequence ${next} after ${201}`);
  const held = await contents(spool);
  assert.deepEqual([held.at(-1)!.sequence, held.at(-1)!.gap > 0], [next, true], 'what was lost shows as a gap');
  assert.ok(!held.some((r) => r.text.startsWith('body 201')));
  assert.equal(spool.stats().batches + spool.stats().droppedBatches, 202);
  await spool.close();
  const again = await open(disk.restarted(null));
  assert.deepEqual(
    (await contents(again)).map((r) => r.sequence),
    held.map((r) => r.sequence),
  );
  await again.close();
});

test('a disk that is full when the sensor starts does not stop what is held from being sent', async () => {
  const disk = new MemoryDisk();
  const spool = await open(disk);
  await spool.append(body(1));
  await spool.close();
  disk.capacity = 0;
  const again = await open(disk);
  assert.equal((await contents(again)).length, 1);
  disk.capacity = Number.POSITIVE_INFINITY;
  assert.equal(await again.append(body(2)), 2);
  await again.close();
});

test('a sync that fails is followed by another file with the same bodies under the same sequences', async () => {
  const disk = new MemoryDisk();
  const spool = await open(disk);
  await spool.append(body(1));
  let failures = 1;
  disk.fault = (what) => (what === 'sync' && failures-- > 0 ? 'EIO' : null);
  assert.equal(await spool.append(body(2)), 2);
  assert.equal(await spool.append(body(3)), 3);
  assert.equal(spool.stats().diskErrors, 1);
  for (const forget of [null, new Prng(1)]) {
    const again = await open(disk.restarted(forget));
    assert.deepEqual(
      (await contents(again)).map((r) => r.text),
      [1, 2, 3].map((n) => body(n).toString()),
    );
    await again.close();
  }
});

test('a corrupt record costs itself, is kept aside and counted once', async () => {
  const dir = fresh();
  let spool = await Spool.open(dir, { limitBytes: MiB });
  for (let n = 1; n <= 5; n++) await spool.append(body(n));
  const name = join(dir, readdirSync(dir).find((n) => n.endsWith('.seg'))!);
  const bytes = readFileSync(name);
  bytes[bytes.indexOf('body 3') + 7]! ^= 1;
  writeFileSync(name, bytes);
  assert.deepEqual(
    (await contents(spool)).map((r) => [r.sequence, r.gap]),
    [
      [1, 0],
      [2, 0],
      [4, 1],
      [5, 0],
    ],
  );
  assert.equal(spool.stats().corrupt, 1, 'found when read');
  await spool.close();
  const report = await fsck(dir);
  assert.deepEqual([report.bodies, report.corrupt, report.torn, report.next], [4, 1, 0, 6]);
  spool = await Spool.open(dir, { limitBytes: MiB });
  assert.deepEqual(
    (await contents(spool)).map((r) => r.sequence),
    [1, 2, 4, 5],
  );
  assert.equal(spool.stats().corrupt, 1, 'found at open');
  assert.equal(readdirSync(join(dir, 'bad')).length, 1);
  assert.ok(readFileSync(join(dir, 'bad', readdirSync(join(dir, 'bad'))[0]!)).includes('ody 3'));
  await spool.close();
});

test('damage at the end of a spool never makes a sequence be used again', async () => {
  const dir = fresh();
  let spool = await Spool.open(dir, { limitBytes: MiB });
  for (let n = 1; n <= 5; n++) await spool.append(body(n));
  await spool.close();
  const name = join(dir, readdirSync(dir).find((n) => n.endsWith('.seg'))!);
  truncateSync(name, readFileSync(name).length - 150);
  spool = await Spool.open(dir, { limitBytes: MiB });
  assert.equal(spool.stats().torn, 1);
  assert.deepEqual(
    (await contents(spool)).map((r) => r.sequence),
    [1, 2, 3],
  );
  const next = (await spool.append(body(6)))!;
  assert.ok(next > 4, `${next}: 4 lies cut off in the file`);
  await spool.close();
});

test('any bytes at all can lie in the directory', async () => {
  const prng = new Prng(7);
  let readable = 0;
  for (let round = 0; round < 150; round++) {
    const disk = new MemoryDisk();
    let spool = await open(disk);
    for (let n = 1; n <= 20; n++) await spool.append(body(n, prng.between(0, 300)));
    await spool.close();
    for (const inode of disk.names.values()) {
      const { data } = inode;
      for (let i = prng.between(0, 6); i > 0; i--) data[prng.below(data.length)] = prng.u32();
      if (prng.chance(0.3)) inode.data = data.slice(0, prng.below(data.length));
      if (prng.chance(0.2)) inode.data = Buffer.concat([inode.data, prng.bytes(prng.below(200))]);
    }
    spool = await open(disk);
    const held = await contents(spool);
    for (const { text, sequence } of held)
      assert.ok(text === '' || text.startsWith('body'.slice(0, text.length)), `${sequence}`);
    assert.ok(spool.next > (held.at(-1)?.sequence ?? 0));
    readable += held.length;
    assert.ok((await spool.append(body(99)))! >= spool.next - 1);
    await spool.close();
  }
  assert.ok(readable > 1000, `only ${readable} of 3000 bodies survived: more was lost than was damaged`);
});
