import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WordHash } from '../../src/base/hash.js';
import { Prng } from '../support/prng.js';

test('the same words and seed give the same hash; any bit of either changes about half of it', () => {
  const random = new Prng(1);
  let flipped = 0;
  const trials = 2000;
  for (let i = 0; i < trials; i++) {
    const words = Uint32Array.from({ length: 10 }, () => random.u32());
    const seed = random.u32();
    const before = new WordHash(seed).hash(words, 0, 10);
    assert.equal(new WordHash(seed).hash(words, 0, 10), before);
    assert.notEqual(new WordHash(seed ^ 1).hash(words, 0, 10), before);
    words[random.below(10)]! ^= 1 << random.below(32);
    let changed = new WordHash(seed).hash(words, 0, 10) ^ before;
    for (; changed !== 0; changed &= changed - 1) flipped++;
  }
  assert.ok(Math.abs(flipped / trials - 16) < 0.5, `${flipped / trials} bits`);
});

test('keys that count up spread as evenly as chance, and a part of an array is hashed as itself', () => {
  const hash = new WordHash(42);
  const words = new Uint32Array(4);
  const buckets = new Uint32Array(1024);
  for (let i = 0; i < 102_400; i++) {
    words[2] = i;
    buckets[Math.floor((hash.hash(words, 0, 4) / 2 ** 32) * 1024)]!++;
  }
  // Chi-square with 1,023 degrees of freedom: mean 1,023, standard deviation 45.
  const chi = buckets.reduce((sum, n) => sum + (n - 100) ** 2 / 100, 0);
  assert.ok(chi > 800 && chi < 1300, `${chi}`);
  const part = Uint32Array.of(9, 9, ...words);
  assert.equal(hash.hash(part, 2, 6), hash.hash(words, 0, 4));
});

test('the hash of four words is the same both ways', () => {
  const random = new Prng(3);
  for (let i = 0; i < 2000; i++) {
    const words = Uint32Array.from({ length: 4 }, () => random.u32());
    const hash = new WordHash(random.u32());
    const [a, b, c, d] = Int32Array.from(words) as unknown as [number, number, number, number];
    assert.equal(hash.hash4(a, b, c, d) >>> 0, hash.hash(words, 0, 4));
  }
});
