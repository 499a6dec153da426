import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { silent } from '../../src/base/log.js';
import { CentralConfig } from '../../src/central/config.js';
import { gatherWords } from '../../src/central/model/corpus.js';
import { ModelStore } from '../../src/central/model/store.js';
import { recentDays, Trainer } from '../../src/central/model/trainer.js';
import { verifyDocument } from '../../src/record/signed.js';
import { decodeModel, type ModelDocument } from '../../src/record/topic-model.js';
import { fakeBatch } from './support/fake-batches.js';
import { openLake, tempDir } from './support/lakes.js';

const NOON_US = Date.UTC(2026, 10, 20, 12) * 1000;
const keys = generateKeyPairSync('ed25519');
const model: Omit<ModelDocument, 'generation'> = {
  ...{ version: 1, wordSet: 'tapspot', seed: 1, trainedAt: 5, flow: null, dns: null },
  trainedOn: { fromUs: 0, toUs: 1, sensors: ['s/x'], documents: 0, tokens: 0 },
};

test('generations only ever grow: across restarts, lost files and damaged ones', (t) => {
  const dir = join(tempDir(t), 'models');
  const store = () => new ModelStore(dir, 3, keys, silent);
  assert.equal(store().current, null);
  for (let generation = 1; generation <= 5; generation++) {
    const one = store();
    assert.equal(one.add(model).generation, generation);
    assert.equal(one.current!.document.generation, generation);
    assert.equal(
      verifyDocument(one.current!.signed, keys.publicKey, { kind: 'model', newerThan: generation - 1 }).generation,
      generation,
    );
  }
  const kept = () =>
    readdirSync(dir)
      .filter((name) => name.endsWith('.signed'))
      .sort();
  assert.equal(kept().length, 3);
  const newest = join(dir, kept().at(-1)!);
  const bytes = readFileSync(newest);
  bytes[bytes.length >> 1]! ^= 1;
  writeFileSync(newest, bytes);
  assert.equal(store().current!.document.generation, 4, 'the one before the damaged one is used');
  assert.equal(store().add(model).generation, 6);
  for (const name of kept()) rmSync(join(dir, name));
  assert.equal(store().current, null);
  assert.equal(store().add(model).generation, 7);
  rmSync(join(dir, 'generation'));
  assert.equal(store().add(model).generation, 8);
});

test('the corpus is the words of those days and that word set, added up over windows and sensors', async (t) => {
  const lake = await openLake(tempDir(t));
  const batches = [
    fakeBatch({ windowFromUs: NOON_US, hosts: 5, seed: 1 }),
    fakeBatch({ windowFromUs: NOON_US + 60e6, hosts: 5, seed: 2, sensor: 'tap-2' }),
    { ...fakeBatch({ windowFromUs: NOON_US, hosts: 5, seed: 3 }), wordSet: 'spot' },
    fakeBatch({ windowFromUs: NOON_US - 3 * 86_400e6, hosts: 5, seed: 4 }),
  ];
  await lake.append(
    batches.map((batch, i) => ({ epoch: 1, sequence: i + 1, batch })),
    [],
  );
  const expected = new Map<string, number>();
  for (const b of batches.slice(0, 2)) {
    for (let i = 0; i < b.words.count; i++) {
      if (b.words.source[i] !== 0) continue;
      const key = `${b.addresses[b.words.host[i]!]} ${b.strings[b.words.word[i]!]}`;
      expected.set(key, (expected.get(key) ?? 0) + b.words.occurrences[i]!);
    }
  }
  const gathered = (await gatherWords(lake, 'flow', 'tapspot', ['2026-11-20']))!;
  const { hosts, words, host, word, count, active } = gathered.corpus;
  const got = new Map([...count.keys()].map((i) => [`${hosts[host[i]!]} ${words[word[i]!]}`, count[i]!]));
  assert.deepEqual(new Map([...got].sort()), new Map([...expected].sort()));
  assert.equal(
    gathered.tokens,
    [...expected.values()].reduce((sum, n) => sum + n, 0),
  );
  assert.deepEqual(gathered.sensors, ['berlin/tap-1', 'berlin/tap-2']);
  assert.deepEqual([gathered.fromUs, gathered.toUs], [NOON_US, NOON_US + 120e6]);
  assert.deepEqual(new Set(active!.hour), new Set([Math.floor(NOON_US / 3.6e9)]));
  assert.equal(new Set(active!.host).size, 5);
  assert.equal(await gatherWords(lake, 'dns', 'tapspot', ['2026-11-19']), null);
  await lake.close();
});

test('training says why it cannot, then gives a model that can be read, and the same one for the same words', async (t) => {
  const dir = tempDir(t);
  const lake = await openLake(dir);
  const store = new ModelStore(join(dir, 'models'), 3, keys, silent);
  const training = CentralConfig.parse({ training: { every: '0s', topics: 4, passes: 3 } }).training;
  const told: number[] = [];
  const trainer = new Trainer(lake, store, { training, log: silent, trained: (d) => told.push(d.generation) });
  assert.ok(trainer.start());
  assert.ok(!trainer.start(), 'one at a time');
  await trainer.idle();
  assert.match(trainer.lastError!, /no words/);
  assert.equal(store.current, null);
  for (let i = 0; i < 3; i++)
    await lake.append([{ epoch: 1, sequence: i + 1, batch: fakeBatch({ windowFromUs: NOON_US + i * 60e6 }) }], []);
  for (const generation of [1, 2]) {
    trainer.start();
    let turns = 0;
    const timer = setInterval(() => turns++, 1);
    await trainer.idle();
    clearInterval(timer);
    assert.ok(turns > 0, 'the event loop stood still');
    assert.equal(trainer.lastError, null);
    assert.equal(store.current!.document.generation, generation);
  }
  assert.deepEqual(told, [1, 2]);
  const [first, second] = [1, 2].map((n) => {
    const signed = readFileSync(join(dir, `models/model-${String(n).padStart(9, '0')}.signed`));
    return decodeModel(verifyDocument(signed, keys.publicKey, { kind: 'model', newerThan: 0 }).payload);
  });
  assert.deepEqual([first!.flow, first!.dns], [second!.flow, second!.dns]);
  assert.equal(first!.flow!.topics, 4);
  await trainer.stop();
  await lake.close();
});

test('days are counted back from the newest that there is', () => {
  const days = ['2011-03-05', '2011-03-04', '2011-03-01', '2010-12-31'];
  assert.deepEqual(recentDays(days, 1), ['2011-03-05']);
  assert.deepEqual(recentDays(days, 5), ['2011-03-05', '2011-03-04', '2011-03-01']);
  assert.deepEqual(recentDays([], 5), []);
});
