import { Random } from './random.js';
import { digamma, logGamma } from './special.js';

/** Bags of words, one per document: entries start[d] to start[d + 1] say which word and how often. */
export interface Bags {
  readonly start: Uint32Array;
  readonly word: Uint32Array;
  readonly count: Float64Array;
}

export interface LdaOptions {
  readonly topics: number;
  readonly words: number;
  /** Dirichlet prior of a document's topics. */
  readonly alpha: number;
  /** Dirichlet prior of a topic's words. */
  readonly eta: number;
  readonly seed: number;
  /** τ0 and κ of the step size (τ0 + t)^-κ. */
  readonly offset?: number;
  readonly decay?: number;
  /** The inner loop over one document ends when its topic weights move less than this on average. */
  readonly tolerance?: number;
  readonly innerMax?: number;
}

/** Keeps the normaliser from zero when every topic gives a word nothing. */
const TINY = Number.EPSILON;

/**
 * Latent Dirichlet allocation by variational Bayes, batch and online: Hoffman, Blei and Bach, "Online Learning for
 * Latent Dirichlet Allocation", NIPS 2010, algorithms 1 and 2. Everything is deterministic under the seed, which is
 * used once, for the start of λ.
 *
 * Matrices are word-major, [word * topics + k], so that one word's topics share a cache line.
 */
export class Lda {
  readonly topics: number;
  readonly words: number;
  readonly alpha: number;
  readonly eta: number;
  /** λ: pseudo-counts of words in topics. */
  readonly lambda: Float64Array;
  /** Online steps taken, plus one. */
  step = 1;

  readonly #offset: number;
  readonly #decay: number;
  readonly #tolerance: number;
  readonly #innerMax: number;
  /** exp(E[log β]), kept in step with lambda. */
  readonly #expBeta: Float64Array;
  readonly #stats: Float64Array;
  readonly #gamma: Float64Array;
  readonly #expTheta: Float64Array;
  readonly #sum: Float64Array;

  constructor(o: LdaOptions) {
    if (!(o.topics >= 1) || !(o.words >= 1))
      throw new RangeError('a topic model needs at least one topic and one word');
    if (!(o.alpha > 0) || !(o.eta > 0)) throw new RangeError('the priors of a topic model must be above 0');
    this.topics = o.topics;
    this.words = o.words;
    this.alpha = o.alpha;
    this.eta = o.eta;
    this.#offset = o.offset ?? 10;
    this.#decay = o.decay ?? 0.7;
    this.#tolerance = o.tolerance ?? 1e-3;
    this.#innerMax = o.innerMax ?? 100;
    const size = o.topics * o.words;
    this.lambda = new Float64Array(size);
    this.#expBeta = new Float64Array(size);
    this.#stats = new Float64Array(size);
    this.#gamma = new Float64Array(o.topics);
    this.#expTheta = new Float64Array(o.topics);
    this.#sum = new Float64Array(o.topics);
    const random = new Random(o.seed);
    for (let i = 0; i < size; i++) this.lambda[i] = random.gamma(100, 0.01);
    this.refresh();
  }

  /** Must be called after `lambda` was written from outside. */
  refresh(): void {
    const { topics: K, words, lambda } = this;
    const sum = this.#sum.fill(0);
    for (let i = 0; i < words * K; i += K) for (let k = 0; k < K; k++) sum[k]! += lambda[i + k]!;
    for (let k = 0; k < K; k++) sum[k] = digamma(sum[k]!);
    for (let i = 0; i < words * K; i += K) {
      for (let k = 0; k < K; k++) this.#expBeta[i + k] = Math.exp(digamma(lambda[i + k]!) - sum[k]!);
    }
  }

  /** Batch variational Bayes: `passes` rounds over all documents. */
  fit(bags: Bags, passes: number): void {
    const all = Uint32Array.from({ length: bags.start.length - 1 }, (_, d) => d);
    for (let pass = 0; pass < passes; pass++) {
      this.#gather(bags, all);
      const { lambda, eta } = this;
      for (let i = 0; i < lambda.length; i++) lambda[i] = eta + this.#stats[i]!;
      this.refresh();
    }
  }

  /** One online step on the documents `which` (all when left out) of a corpus of `total` documents. */
  partialFit(bags: Bags, total: number, which?: Uint32Array): void {
    const documents = which ?? Uint32Array.from({ length: bags.start.length - 1 }, (_, d) => d);
    if (documents.length === 0) return;
    this.#gather(bags, documents);
    const { lambda, eta } = this;
    const rho = (this.#offset + this.step) ** -this.#decay;
    const share = total / documents.length;
    for (let i = 0; i < lambda.length; i++) {
      lambda[i] = lambda[i]! * (1 - rho) + rho * (eta + share * this.#stats[i]!);
    }
    this.step++;
    this.refresh();
  }

  /** Topic weights γ of every document, [document * topics + k]; divide by their sum for a topic mix. */
  transform(bags: Bags): Float64Array {
    const documents = bags.start.length - 1;
    const out = new Float64Array(documents * this.topics);
    for (let d = 0; d < documents; d++) {
      this.#infer(bags, d);
      out.set(this.#gamma, d * this.topics);
    }
    return out;
  }

  /** exp(-bound per word) on documents that may be new: small is good. Equation 1 of the paper. */
  perplexity(bags: Bags): number {
    const tokens = bags.count.reduce((sum, c) => sum + c, 0);
    return Math.exp(-this.#bound(bags, this.transform(bags)) / tokens);
  }

  /** E-step over `documents`; leaves the expected word counts of topics in #stats. */
  #gather(bags: Bags, documents: Uint32Array): void {
    const K = this.topics;
    const stats = this.#stats.fill(0);
    const expBeta = this.#expBeta;
    const expTheta = this.#expTheta;
    for (const d of documents) {
      this.#infer(bags, d);
      for (let i = bags.start[d]!; i < bags.start[d + 1]!; i++) {
        const w = bags.word[i]! * K;
        let norm = TINY;
        for (let k = 0; k < K; k++) norm += expTheta[k]! * expBeta[w + k]!;
        const c = bags.count[i]! / norm;
        for (let k = 0; k < K; k++) stats[w + k]! += c * expTheta[k]!;
      }
    }
    for (let i = 0; i < stats.length; i++) stats[i]! *= expBeta[i]!;
  }

  /** Fits #gamma and #expTheta to document d. */
  #infer(bags: Bags, d: number): void {
    const K = this.topics;
    const gamma = this.#gamma.fill(1);
    const expTheta = this.#expTheta;
    const expBeta = this.#expBeta;
    const next = this.#sum;
    const { start, word, count } = bags;
    const from = start[d]!;
    const to = start[d + 1]!;
    expDirichlet(gamma, expTheta);
    for (let inner = 0; inner < this.#innerMax; inner++) {
      next.fill(0);
      for (let i = from; i < to; i++) {
        const w = word[i]! * K;
        let norm = TINY;
        for (let k = 0; k < K; k++) norm += expTheta[k]! * expBeta[w + k]!;
        const c = count[i]! / norm;
        for (let k = 0; k < K; k++) next[k]! += c * expBeta[w + k]!;
      }
      let moved = 0;
      for (let k = 0; k < K; k++) {
        const g = this.alpha + expTheta[k]! * next[k]!;
        moved += Math.abs(g - gamma[k]!);
        gamma[k] = g;
      }
      expDirichlet(gamma, expTheta);
      if (moved / K < this.#tolerance) break;
    }
  }

  /** Evidence lower bound of the documents under the model. */
  #bound(bags: Bags, gammas: Float64Array): number {
    const { topics: K, words, lambda, alpha, eta } = this;
    const column = (k: number) => Float64Array.from({ length: words }, (_, w) => lambda[w * K + k]!);
    let bound = 0;
    const logBeta = new Float64Array(lambda.length);
    for (let k = 0; k < K; k++) {
      const l = column(k);
      const e = logDirichlet(l);
      for (let w = 0; w < words; w++) logBeta[w * K + k] = e[w]!;
      bound += dirichletTerm(eta, l, e);
    }
    for (let d = 0; d + 1 < bags.start.length; d++) {
      const gamma = gammas.subarray(d * K, d * K + K);
      const logTheta = logDirichlet(gamma);
      for (let i = bags.start[d]!; i < bags.start[d + 1]!; i++) {
        const w = bags.word[i]! * K;
        let most = Number.NEGATIVE_INFINITY;
        for (let k = 0; k < K; k++) most = Math.max(most, logTheta[k]! + logBeta[w + k]!);
        let sum = 0;
        for (let k = 0; k < K; k++) sum += Math.exp(logTheta[k]! + logBeta[w + k]! - most);
        bound += bags.count[i]! * (most + Math.log(sum));
      }
      bound += dirichletTerm(alpha, gamma, logTheta);
    }
    return bound;
  }
}

function total(a: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]!;
  return sum;
}

/** E[log x] of a Dirichlet. */
function logDirichlet(a: Float64Array): Float64Array {
  const all = digamma(total(a));
  return a.map((x) => digamma(x) - all);
}

/** exp(E[log x]) of a Dirichlet, into `out`. */
function expDirichlet(a: Float64Array, out: Float64Array): void {
  const all = digamma(total(a));
  for (let k = 0; k < a.length; k++) out[k] = Math.exp(digamma(a[k]!) - all);
}

/** E[log p(x | prior)] - E[log q(x | a)] of a symmetric Dirichlet prior. */
function dirichletTerm(prior: number, a: Float64Array, logX: Float64Array): number {
  let sum = logGamma(prior * a.length) - logGamma(total(a));
  for (let i = 0; i < a.length; i++) sum += (prior - a[i]!) * logX[i]! + logGamma(a[i]!) - logGamma(prior);
  return sum;
}
