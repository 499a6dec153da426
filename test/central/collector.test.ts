import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { silent } from '../../src/base/log.js';
import { Collector } from '../../src/central/collector/collector.js';
import { Refused } from '../../src/central/collector/refused.js';
import { type Disk, nodeDisk } from '../../src/central/lake/disk.js';
import type { Batch } from '../../src/record/batch.js';
import { encodeBatch } from '../../src/record/encode.js';
import { sealEnvelope } from '../../src/record/envelope.js';
import { topics } from '../../src/record/topics.js';
import { Prng } from '../support/prng.js';
import { fakeBatch } from './support/fake-batches.js';
import { hyparquetRows, openLake, tempDir } from './support/lakes.js';

const NOON_US = Date.UTC(2026, 10, 20, 12) * 1000;
const TOPIC = topics.batch('berlin', 'tap-1');
const FLOWS = 10;

function small(sequence: number, change: (batch: Batch) => void = () => {}): Uint8Array {
  const batch = fakeBatch({ windowFromUs: NOON_US + sequence * 1e6, windowUs: 1e6, flows: FLOWS, dns: 2, hosts: 2 });
  change(batch);
  return encodeBatch(batch);
}

const sealed = (sequence: number, gap = 0, body = small(sequence)) =>
  sealEnvelope({ site: 'berlin', sensor: 'tap-1', epoch: 5, sequence, gap }, body);

/** Waits for something that is bound to happen, however busy the machine. */
async function until(what: () => boolean): Promise<void> {
  for (let i = 0; !what() && i < 2000; i++) await sleep(10);
}

async function collecting(t: TestContext, more: { disk?: Disk; inFlightBytes?: number; maxSensors?: number } = {}) {
  const dir = tempDir(t);
  const lake = await openLake(dir, more.disk);
  const acks: [string, number, number][] = [];
  const fatal: Error[] = [];
  const collector = new Collector(lake, new Refused(join(dir, 'refused'), silent), {
    ...{ commitRows: 1000, commitBytes: 1e6, commitIntervalMs: 20, inFlightBytes: more.inFlightBytes ?? 1e8 },
    maxSensors: more.maxSensors ?? 10,
    log: silent,
    acknowledge: (_, sensor, { epoch, sequence }) => acks.push([sensor, epoch, sequence]),
    stored() {},
    fatal: (error) => fatal.push(error),
  });
  const settled = async (acked: number) => {
    const deadline = Date.now() + 20_000;
    while ((acks.at(-1)?.[2] ?? 0) !== acked) {
      if (Date.now() > deadline) assert.fail(`acknowledged ${JSON.stringify(acks.at(-1))}, expected ${acked}`);
      await sleep(10);
    }
  };
  const rows = async () => (await hyparquetRows(lake.dir, 'flow')).map((row) => Number(row.seq));
  t.after(async () => {
    await collector.stop();
    await lake.close();
  });
  return { dir, lake, collector, acks, fatal, settled, rows };
}

test('batches in any order, again and again, are stored once and acknowledged as far as they are contiguous', async (t) => {
  const { collector, lake, settled, rows, acks } = await collecting(t);
  const random = new Prng(11);
  const order = Array.from({ length: 60 }, (_, i) => (i % 20) + 1);
  for (const sequence of random.shuffle(order)) {
    await collector.offer(TOPIC, sealed(sequence));
    if (random.chance(0.2)) await sleep(15);
  }
  await settled(20);
  const counts = new Map<number, number>();
  for (const sequence of await rows()) counts.set(sequence, (counts.get(sequence) ?? 0) + 1);
  assert.deepEqual([...counts.values()], Array(20).fill(FLOWS));
  assert.equal(collector.counts.duplicates, 40);
  assert.equal(lake.sequences.find('berlin', 'tap-1', 5)!.stored, 20);
  for (let i = 1; i < acks.length; i++) assert.ok(acks[i]![2] >= acks[i - 1]![2], 'an acknowledgement went back');
});

test('a duplicate of what is stored is acknowledged again, since the sensor missed it', async (t) => {
  const { collector, settled, acks } = await collecting(t);
  await collector.offer(TOPIC, sealed(1));
  await settled(1);
  const before = acks.length;
  for (let i = 0; i < 20; i++) await collector.offer(TOPIC, sealed(1));
  await sleep(120);
  assert.ok(
    acks.length > before && acks.length <= before + 3,
    `${acks.length - before} acknowledgements for 20 duplicates`,
  );
});

test('a gap that will never be filled is counted as missing and does not hold up what follows', async (t) => {
  const { collector, lake, settled } = await collecting(t);
  await collector.offer(TOPIC, sealed(1));
  await collector.offer(TOPIC, sealed(4));
  await settled(1);
  // The sensor drops 2 and 3 and sends 4 again, now with the gap: only the news is stored.
  await collector.offer(TOPIC, sealed(4, 2));
  await settled(4);
  await collector.offer(TOPIC, sealed(9, 3));
  await sleep(100);
  assert.equal(lake.sequences.find('berlin', 'tap-1', 5)!.high, 4, '5 may still come');
  await collector.offer(TOPIC, sealed(5));
  await settled(9);
  const set = lake.sequences.find('berlin', 'tap-1', 5)!;
  assert.deepEqual([set.stored, set.missing], [4, 5]);
});

test('whatever bytes come, they are stored, refused with a reason, or dropped as known; never thrown', async (t) => {
  const { collector, lake, dir } = await collecting(t);
  const random = new Prng(29);
  const good = sealed(1);
  let offered = 0;
  for (let i = 0; i < 1500; i++) {
    let bytes: Uint8Array = good.slice();
    const how = random.below(4);
    if (how === 0) bytes = random.bytes(random.below(300));
    else if (how === 1) bytes = bytes.subarray(0, random.below(bytes.length));
    else
      for (let k = random.between(1, 4); k > 0; k--) bytes[random.below(how === 2 ? 60 : bytes.length)] = random.u32();
    await collector.offer(random.chance(0.05) ? random.pick(['', 'a/b', 'tapspot/v1/x/y/status']) : TOPIC, bytes);
    offered++;
  }
  await sleep(200);
  const { duplicates, batches } = collector.counts;
  assert.ok(collector.refused.total > 1000, `${collector.refused.total} of ${offered} were refused`);
  assert.ok(Object.keys(collector.refused.byReason).length >= 3, JSON.stringify(collector.refused.byReason));
  assert.ok(collector.refused.total + duplicates + batches <= offered);
  assert.ok(readdirSync(join(dir, 'refused')).length <= 1000, 'the folder of refused messages is not bounded');
  await collector.offer(
    topics.batch('berlin', 'tap-9'),
    sealEnvelope(
      { site: 'berlin', sensor: 'tap-9', epoch: 1, sequence: 1 },
      encodeBatch(fakeBatch({ sensor: 'tap-9', windowFromUs: NOON_US })),
    ),
  );
  await until(() => lake.sequences.find('berlin', 'tap-9', 1) !== null);
  assert.equal(lake.sequences.find('berlin', 'tap-9', 1)?.stored, 1, 'after all that an honest batch is stored');
});

test('what the sensor made wrong is kept aside and acknowledged; what came damaged is not', async (t) => {
  const { collector, lake, settled, acks, dir } = await collecting(t);
  const wrong: [string, (batch: Batch) => void][] = [
    ['another site', (b) => (b.site = 'paris')],
    ['rows scattered over 300 hours', (b) => b.flows.tsUs.set(Array.from({ length: FLOWS }, (_, i) => i * 3.6e9 * 40))],
    ['a time after 2100', (b) => (b.windowToUs = 5e15)],
  ];
  for (const [i, [what, change]] of wrong.entries()) {
    const scattered = (b: Batch) => {
      if (!what.includes('300')) return change(b);
      b.flows = fakeBatch({ windowFromUs: NOON_US, flows: 300, dns: 0, hosts: 2 }).flows;
      b.flows.history.fill(0);
      for (let row = 0; row < 300; row++) b.flows.tsUs[row] = NOON_US + row * 3.6e9;
    };
    await collector.offer(TOPIC, sealed(i + 1, 0, small(i + 1, scattered)));
    await settled(i + 1);
  }
  const set = lake.sequences.find('berlin', 'tap-1', 5)!;
  assert.deepEqual([set.stored, set.refused], [0, wrong.length]);
  assert.equal(readdirSync(join(dir, 'refused')).length, wrong.length);
  const damaged = sealed(4);
  damaged[damaged.length - 3]! ^= 255;
  await collector.offer(TOPIC, damaged);
  const said = acks.length;
  await sleep(100);
  assert.equal(acks.length, said);
  assert.equal(collector.refused.byReason.checksum, 1);
  await collector.offer(topics.batch('berlin', 'tap-2'), sealed(4));
  assert.equal(collector.refused.byReason.name, 2, 'another sensor cannot speak in its name');
});

test('while the disk is full nothing is acknowledged and little is held; then everything is stored once', async (t) => {
  let full = true;
  const disk: Disk = {
    ...nodeDisk,
    async syncFile(path) {
      if (full) throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC', syscall: 'fsync' });
      await nodeDisk.syncFile(path);
    },
  };
  const inFlightBytes = 40_000;
  const { collector, acks, settled, rows } = await collecting(t, { disk, inFlightBytes });
  let offered = 0;
  const offering = (async () => {
    for (let sequence = 1; sequence <= 30; sequence++) {
      await collector.offer(TOPIC, sealed(sequence));
      offered++;
    }
  })();
  await sleep(700);
  assert.equal(acks.length, 0);
  assert.ok(offered < 20, `${offered} batches were taken in spite of the bound`);
  assert.ok(collector.waitingBytes < inFlightBytes + 20_000, `${collector.waitingBytes} bytes wait`);
  full = false;
  await offering;
  await settled(30);
  assert.equal((await rows()).length, 30 * FLOWS);
  assert.ok(collector.counts.retries > 0);
});

test('more sensors than allowed are refused, and those that are known are not', async (t) => {
  const { collector, lake } = await collecting(t, { maxSensors: 2 });
  for (let i = 0; i < 5; i++) {
    const sensor = `tap-${i}`;
    const body = encodeBatch(fakeBatch({ sensor, windowFromUs: NOON_US, flows: 3, dns: 0 }));
    await collector.offer(
      topics.batch('berlin', sensor),
      sealEnvelope({ site: 'berlin', sensor, epoch: 1, sequence: 1 }, body),
    );
  }
  await until(() => lake.sequences.sensors === 2);
  await sleep(100);
  assert.equal(lake.sequences.sensors, 2);
  assert.equal(collector.refused.total, 3);
});

test('a log that is in doubt ends the central instead of guessing', async (t) => {
  let broken = false;
  const disk: Disk = {
    ...nodeDisk,
    async syncHandle(file) {
      if (broken) throw new Error('EIO');
      await nodeDisk.syncHandle(file);
    },
  };
  const { collector, fatal, acks } = await collecting(t, { disk });
  broken = true;
  await collector.offer(TOPIC, sealed(1));
  await until(() => fatal.length > 0);
  assert.match(fatal[0]?.message ?? '', /in doubt/);
  assert.deepEqual(acks, []);
});
