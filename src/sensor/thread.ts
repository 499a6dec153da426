import { move, Piscina, transferableSymbol, valueSymbol } from 'piscina';
import { type Exit, OperatorError } from '../base/errors.js';

/** An operator's fault on its way between threads, where classes do not survive. */
interface Refusal {
  refused: { code: string; exit: Exit; message: string };
}

/** The calls of a worker file: what each takes and gives. */
export type Calls = Record<string, { in: unknown; out: unknown }>;

/**
 * One worker thread that keeps its state from call to call. Piscina spreads the tasks of a pool over its threads
 * without affinity, and a flow table is state; so each shard is a pool of exactly one thread that is never reaped.
 */
export class Thread<C extends Calls> {
  readonly #pool: Piscina;

  constructor(file: URL) {
    this.#pool = new Piscina({
      filename: file.href,
      minThreads: 1,
      maxThreads: 1,
      concurrentTasksPerWorker: 1,
      idleTimeout: Number.POSITIVE_INFINITY,
      atomics: 'disabled',
    });
  }

  /** Calls the function `name` that the worker file exports; `transfer` moves buffers instead of copying them. */
  async call<N extends keyof C & string>(
    name: N,
    input: C[N]['in'],
    transfer: ArrayBuffer[] = [],
  ): Promise<C[N]['out']> {
    const answer = (await this.#pool.run(input, { name, transferList: transfer as never })) as C[N]['out'] | Refusal;
    if (answer !== null && typeof answer === 'object' && 'refused' in answer) {
      const { code, exit, message } = (answer as Refusal).refused;
      throw new OperatorError(code, exit, message);
    }
    return answer as C[N]['out'];
  }

  close(): Promise<void> {
    return this.#pool.destroy();
  }
}

/** Wraps a worker's function so that an OperatorError reaches the caller as one. */
export function answering<I, O>(work: (input: I) => O | Promise<O>): (input: I) => Promise<O | Refusal> {
  return async (input) => {
    try {
      return await work(input);
    } catch (error) {
      if (!(error instanceof OperatorError)) throw error;
      return { refused: { code: error.code, exit: error.exit, message: error.message } };
    }
  };
}

/** An answer of a worker whose buffers are moved to the caller instead of copied. */
export function moved<T extends object>(value: T, buffers: ArrayBuffer[]): T {
  return move({
    get [transferableSymbol]() {
      return buffers;
    },
    get [valueSymbol]() {
      return value;
    },
  } as never) as unknown as T;
}
