import type { Corpus } from '../../record/topic-model.js';
import type { Lake } from '../lake/lake.js';

/** Pairs of host and word that one training takes; the rarest beyond that are left out. */
const PAIRS_MAX = 4_000_000;

/** What the words of some days say, for one source of words. */
export interface Gathered {
  corpus: Corpus;
  fromUs: number;
  toUs: number;
  sensors: string[];
  tokens: number;
}

/**
 * Reads the bags of words of these days. Rows come in chunks, with turns of the event loop between them, so that
 * ingest and console go on. null when there are none.
 */
export async function gatherWords(
  lake: Lake,
  source: 'flow' | 'dns',
  wordSet: string,
  days: readonly string[],
): Promise<Gathered | null> {
  const which = 'source = $1 AND word_set = $2';
  const params = [source, wordSet];
  const [span] = await lake.query<{ from_us: string | null; to_us: string; sensors: string[] }>((from) => {
    const words = from('word', days);
    return words === null
      ? null
      : `SELECT epoch_us(min(window_start))::VARCHAR AS from_us, epoch_us(max(window_end))::VARCHAR AS to_us,
           list(DISTINCT site || '/' || sensor ORDER BY site || '/' || sensor) AS sensors FROM ${words} WHERE ${which}`;
  }, params);
  if (span === undefined || span.from_us === null) return null;

  const hosts = new Names();
  const words = new Names();
  const host = new Numbers();
  const word = new Numbers();
  const count = new Numbers();
  let tokens = 0;
  await lake.scan(
    (from) => `SELECT host, word, sum(occurrences)::DOUBLE AS n FROM ${from('word', days)} WHERE ${which}
      GROUP BY host, word ORDER BY n DESC, host, word LIMIT ${PAIRS_MAX}`,
    params,
    ([h, w, n]) => {
      host.push(hosts.number(h as string));
      word.push(words.number(w as string));
      count.push(n as number);
      tokens += n as number;
    },
  );
  const seen = new Numbers();
  const hour = new Numbers();
  await lake.scan(
    (from) => `SELECT DISTINCT host, epoch_us(window_start) // 3600000000 AS hour FROM ${from('word', days)}
      WHERE ${which} LIMIT ${PAIRS_MAX}`,
    params,
    ([h, at]) => {
      const number = hosts.find(h as string);
      if (number === undefined) return;
      seen.push(number);
      hour.push(Number(at));
    },
  );
  return {
    corpus: {
      hosts: hosts.all,
      words: words.all,
      host: Uint32Array.from(host.used),
      word: Uint32Array.from(word.used),
      count: count.used.slice(),
      active: { host: Uint32Array.from(seen.used), hour: Int32Array.from(hour.used) },
    },
    fromUs: Number(span.from_us),
    toUs: Number(span.to_us),
    sensors: span.sensors,
    tokens,
  };
}

/** Numbers for texts, in the order in which they are first met. */
class Names {
  readonly all: string[] = [];
  readonly #numbers = new Map<string, number>();

  number(text: string): number {
    let n = this.#numbers.get(text);
    if (n === undefined) {
      n = this.all.push(text) - 1;
      this.#numbers.set(text, n);
    }
    return n;
  }

  find(text: string): number | undefined {
    return this.#numbers.get(text);
  }
}

/** A column that grows. */
class Numbers {
  #array = new Float64Array(4096);
  #length = 0;

  push(n: number): void {
    if (this.#length === this.#array.length) {
      const wider = new Float64Array(this.#length * 2);
      wider.set(this.#array);
      this.#array = wider;
    }
    this.#array[this.#length++] = n;
  }

  get used(): Float64Array {
    return this.#array.subarray(0, this.#length);
  }
}
