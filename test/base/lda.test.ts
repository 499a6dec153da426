import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { type Bags, Lda } from '../../src/base/lda.js';
import { Random } from '../../src/base/random.js';
import { packageRoot } from '../../src/base/root.js';
import { digamma, logGamma } from '../../src/base/special.js';

const folder = join(packageRoot(), 'test', 'base', 'lda');

interface Golden {
  alpha: number;
  eta: number;
  topics: number;
  batchSteps: number;
  onlineBatch: number;
  train: number[][];
  held: number[][];
  lambda: number[][];
  batch: number[][];
  online: number[][];
  theta: number[][];
  perplexity: { train: number; held: number; online: number };
}
const golden = JSON.parse(readFileSync(join(folder, 'golden.json'), 'utf8')) as Golden;

function bagsOf(rows: number[][]): Bags {
  const start = [0];
  const word: number[] = [];
  const count: number[] = [];
  for (const row of rows) {
    row.forEach((c, w) => {
      if (c > 0) {
        word.push(w);
        count.push(c);
      }
    });
    start.push(word.length);
  }
  return { start: Uint32Array.from(start), word: Uint32Array.from(word), count: Float64Array.from(count) };
}

function fromGolden(): Lda {
  const words = golden.train[0]!.length;
  const { topics, alpha, eta } = golden;
  const lda = new Lda({ topics, words, alpha, eta, seed: 1, tolerance: 1e-9, innerMax: 1000 });
  golden.lambda.forEach((row, k) => {
    row.forEach((x, w) => {
      lda.lambda[w * topics + k] = x;
    });
  });
  lda.refresh();
  return lda;
}

function close(got: number, want: number, what: string): void {
  assert.ok(Math.abs(got - want) <= 1e-6 * Math.max(1, Math.abs(want)), `${what}: ${got} is not ${want}`);
}

function sameLambda(lda: Lda, want: number[][]): void {
  want.forEach((row, k) => {
    row.forEach((x, w) => {
      close(lda.lambda[w * lda.topics + k]!, x, `lambda of topic ${k}, word ${w}`);
    });
  });
}

test('digamma and log gamma meet their known values', () => {
  close(digamma(1), -0.5772156649015329, 'digamma(1)');
  close(digamma(0.5), -1.9635100260214235, 'digamma(1/2)');
  close(digamma(1e-3), -1000.5755719318103, 'digamma(0.001)');
  close(digamma(1e6), Math.log(1e6) - 0.5e-6, 'digamma(1e6)');
  for (let n = 1, log = 0; n < 60; log += Math.log(n), n++) close(logGamma(n), log, `logGamma(${n})`);
  close(logGamma(0.5), Math.log(Math.sqrt(Math.PI)), 'logGamma(1/2)');
  close(logGamma(0.05), 2.968879201051781, 'logGamma(0.05)');
});

test('the gamma sampler has the mean and variance it should', () => {
  const random = new Random(5);
  for (const shape of [0.3, 1, 4.5, 100]) {
    let sum = 0;
    let squares = 0;
    const n = 40000;
    for (let i = 0; i < n; i++) {
      const x = random.gamma(shape, 2);
      assert.ok(x >= 0 && Number.isFinite(x));
      sum += x;
      squares += x * x;
    }
    const mean = sum / n;
    assert.ok(Math.abs(mean / (2 * shape) - 1) < 0.04, `mean at shape ${shape}: ${mean}`);
    assert.ok(Math.abs((squares / n - mean * mean) / (4 * shape) - 1) < 0.1, `variance at shape ${shape}`);
  }
});

test('batch steps give the λ that scikit-learn gives from the same start', () => {
  const lda = fromGolden();
  lda.fit(bagsOf(golden.train), golden.batchSteps);
  sameLambda(lda, golden.batch);
  close(lda.perplexity(bagsOf(golden.train)), golden.perplexity.train, 'perplexity in training');
  close(lda.perplexity(bagsOf(golden.held)), golden.perplexity.held, 'perplexity held out');
  const gamma = lda.transform(bagsOf(golden.held));
  golden.theta.forEach((row, d) => {
    const all = gamma.subarray(d * lda.topics, (d + 1) * lda.topics).reduce((a, b) => a + b, 0);
    row.forEach((x, k) => {
      close(gamma[d * lda.topics + k]! / all, x, `theta of document ${d}`);
    });
  });
});

test('online steps give the λ that scikit-learn gives from the same start', () => {
  const lda = fromGolden();
  const bags = bagsOf(golden.train);
  const n = golden.train.length;
  for (let i = 0; i < n; i += golden.onlineBatch) {
    lda.partialFit(
      bags,
      n,
      Uint32Array.from({ length: golden.onlineBatch }, (_, j) => i + j),
    );
  }
  sameLambda(lda, golden.online);
  close(lda.perplexity(bagsOf(golden.held)), golden.perplexity.online, 'perplexity after online steps');
});

test('the seed decides everything', () => {
  const bags = bagsOf(golden.train);
  const made = [1, 1, 2].map((seed) => {
    const lda = new Lda({ topics: 4, words: 25, alpha: 0.2, eta: 0.05, seed });
    lda.fit(bags, 5);
    return lda.lambda;
  });
  assert.deepEqual(made[0], made[1]);
  assert.notDeepEqual(made[0], made[2]);
});

const sklearn = spawnSync('/usr/bin/python3', ['-c', 'import sklearn'], { timeout: 60_000 });
const without = sklearn.status !== 0 && 'no scikit-learn here';

test('from its own random starts it fits held-out documents as well as scikit-learn', { skip: without }, () => {
  const random = new Random(11);
  const topics = Array.from({ length: 5 }, () => Array.from({ length: 60 }, () => random.gamma(0.1, 1)));
  const draw = (weights: number[]): number => {
    let at = random.uniform() * weights.reduce((a, b) => a + b, 0);
    for (let i = 0; i < weights.length; i++) if ((at -= weights[i]!) < 0) return i;
    return weights.length - 1;
  };
  const rows = Array.from({ length: 260 }, () => {
    const theta = topics.map(() => random.gamma(0.2, 1));
    const row = Array<number>(60).fill(0);
    for (let n = 0; n < 60; n++) row[draw(topics[draw(theta)]!)]!++;
    return row;
  });
  const corpus = { topics: 5, alpha: 0.2, eta: 0.1, passes: 30, starts: 3, train: rows.slice(0, 200) };
  const held = rows.slice(200);
  const run = spawnSync('/usr/bin/python3', [join(folder, 'sklearn.py'), 'heldout'], {
    input: JSON.stringify({ ...corpus, held }),
    encoding: 'utf8',
    timeout: 120_000,
  });
  assert.equal(run.status, 0, run.stderr);
  const theirs = JSON.parse(run.stdout) as number[];
  const ours = [0, 1, 2].map((seed) => {
    const lda = new Lda({ topics: 5, words: 60, alpha: 0.2, eta: 0.1, seed });
    lda.fit(bagsOf(corpus.train), corpus.passes);
    return lda.perplexity(bagsOf(held));
  });
  const best = (a: number[]) => Math.min(...a);
  assert.ok(best(ours) < best(theirs) * 1.03, `held-out perplexity ${ours}, scikit-learn ${theirs}`);
  assert.ok(best(ours) > 1 && best(ours) < 45, `better than no model: ${ours}`);
});
