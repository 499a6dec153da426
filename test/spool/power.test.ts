import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Spool } from '../../src/spool/spool.js';
import { Prng } from '../support/prng.js';
import { MemoryDisk, PowerCut } from './disk.js';

const open = (fs: MemoryDisk) =>
  Spool.open('/spool', { limitBytes: 64 * 1024, fs, lock: async () => async () => {}, now: () => 1_000_000 });

/** What the world outside has been told. */
interface Told {
  promised: Map<number, string>;
  sent: Map<number, string>;
  acknowledged: number;
  dropped: number;
}

/** Appends, sends, is acknowledged now and then, until it is done or the power fails. */
async function life(disk: MemoryDisk, told: Told, names: string): Promise<void> {
  const spool = await open(disk);
  try {
    for (let n = 0; n < 9; n++) {
      const texts = [0, 1, 2].slice(0, 1 + (n % 3)).map((i) => `${names} ${n}.${i} `.repeat(20 * (1 + (n % 4))));
      const sequences = await Promise.all(texts.map((t) => spool.append(Buffer.from(t))));
      for (const [i, sequence] of sequences.entries()) {
        // A disk that refuses is not asked to keep anything; it is only asked not to say that it did.
        if (sequence !== null) told.promised.set(sequence, texts[i]!);
      }
      if (disk.dead) return;
      const record = await spool.read(told.acknowledged + 1);
      if (record !== null) told.sent.set(record.sequence, Buffer.from(record.body).toString());
      if (n % 4 === 3 && record !== null && spool.acknowledge(spool.epoch, record.sequence)) {
        told.acknowledged = record.sequence;
      }
    }
  } finally {
    told.dropped += spool.stats().droppedBatches;
  }
  await spool.close();
}

async function check(disk: MemoryDisk, told: Told, when: string): Promise<void> {
  const spool = await open(disk);
  const held = new Map<number, string>();
  let record = await spool.read(1);
  while (record !== null) {
    held.set(record.sequence, Buffer.from(record.body).toString());
    record = await spool.read(record.sequence + 1);
  }
  for (const [sequence, text] of told.promised) {
    if (sequence <= told.acknowledged) continue;
    assert.equal(held.get(sequence), text, `${when}: sequence ${sequence} was promised`);
  }
  for (const [sequence, text] of told.sent) {
    assert.equal(held.get(sequence) ?? text, text, `${when}: sequence ${sequence} was sent with another body`);
    assert.ok(spool.next > sequence, `${when}: sequence ${sequence} would be used again`);
  }
  await spool.close();
}

for (const harsh of [false, true]) {
  const disk = harsh ? 'on a disk that forgets what was not synced' : 'on a disk that keeps every call that returned';
  test(`whatever call the power fails at, twice, what append() promised is there, ${disk}`, async () => {
    let cuts = 0;
    for (let n = 0; ; n++) {
      const prng = new Prng(n + 1);
      const told: Told = { promised: new Map(), sent: new Map(), acknowledged: 0, dropped: 0 };
      let machine = new MemoryDisk();
      machine.diesAt = n;
      const died = await fails(life(machine, told, 'first'));
      if (!machine.dead) break;
      cuts++;
      // A disk whose power fails during an append only ever says no: append() itself does not reject.
      assert.ok(died === null || died instanceof PowerCut || /power|cut/.test(String(died)), String(died));
      machine = machine.restarted(harsh ? prng : null);
      await check(machine, told, `cut at call ${n}`);
      machine = machine.restarted(harsh ? prng : null);
      machine.diesAt = machine.calls + prng.below(90);
      await fails(life(machine, told, 'second'));
      machine = machine.restarted(harsh ? prng : null);
      await check(machine, told, `cut at call ${n}, and again`);
    }
    assert.ok(cuts > 60, `only ${cuts} calls: the life is too short to prove anything`);
  });
}

async function fails(done: Promise<void>): Promise<unknown> {
  try {
    await done;
    return null;
  } catch (error) {
    return error;
  }
}
