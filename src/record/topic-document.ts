/** How a topic model travels, and the checks of a document that may be from anybody. See topic-model.ts. */

/** What travels: plain JSON; numbers in arrays are base64 of little-endian Float32. */
export interface TopicModelDocument {
  topics: number;
  words: string[];
  hosts: string[];
  /** phi[word * topics + k]: probability of the word in topic k, smoothed. */
  phi: string;
  /** Probability in topic k of any word that is not in `words`. */
  unseen: number[];
  /** theta[host * topics + k]: topic mix of a host. */
  theta: string;
  /** Topic mix of a host that is not in `hosts`. */
  prior: number[];
  /** hours[host * 24 + hour of the day, UTC]: how much more (above 1) or less a host is active then. May be absent. */
  hours?: string;
  /** Ascending probabilities and, for each, the share of training mass at or below it. */
  tail: { probability: number[]; share: number[] };
}

/** The whole signed document: both sources, and where it came from. */
export interface ModelDocument {
  version: 1;
  /** Grows by one at each publication of a central; a sensor never goes back. */
  generation: number;
  wordSet: string;
  seed: number;
  /** Milliseconds since the epoch. */
  trainedAt: number;
  trainedOn: { fromUs: number; toUs: number; sensors: string[]; documents: number; tokens: number };
  flow: TopicModelDocument | null;
  dns: TopicModelDocument | null;
}

/** What a model may hold at most; a document that claims more is refused before anything is allocated. */
export const MODEL_LIMITS = { topics: 200, words: 65536, hosts: 131072, nameBytes: 256 } as const;

/** A document that is not a topic model; the message says what is wrong with it. */
export class BadModel extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'BadModel';
  }
}

export function toBase64(a: Float32Array): string {
  const bytes = Buffer.alloc(a.length * 4);
  for (let i = 0; i < a.length; i++) bytes.writeFloatLE(a[i]!, i * 4);
  return bytes.toString('base64');
}

/** `length` finite numbers in [0, most]. The size is checked before anything is decoded. */
export function fromBase64(text: unknown, length: number, most: number, what: string): Float32Array {
  if (typeof text !== 'string') throw new BadModel(`${what} is not a text`);
  if (text.length !== 4 * Math.ceil((length * 4) / 3)) {
    throw new BadModel(`${what} has not the size that topics, words and hosts ask for`);
  }
  const bytes = Buffer.from(text, 'base64');
  if (bytes.length !== length * 4) throw new BadModel(`${what} is not base64 of ${length} numbers`);
  const out = new Float32Array(length);
  for (let i = 0; i < length; i++) {
    const x = bytes.readFloatLE(i * 4);
    if (!(x >= 0 && x <= most)) throw new BadModel(`${what} holds a number outside 0 to ${most}`);
    out[i] = x;
  }
  return out;
}

export function numbers(value: unknown, length: number, what: string): Float64Array {
  if (!Array.isArray(value) || value.length !== length)
    throw new BadModel(`${what} is not a list of ${length} numbers`);
  for (const x of value) {
    if (typeof x !== 'number' || !(x >= 0 && x <= 1)) throw new BadModel(`${what} holds something outside 0 to 1`);
  }
  return Float64Array.from(value as number[]);
}

export function names(value: unknown, max: number, what: string): string[] {
  if (!Array.isArray(value)) throw new BadModel(`${what} is not a list`);
  if (value.length > max) throw new BadModel(`${what} has more than ${max} entries`);
  for (const x of value) {
    if (typeof x !== 'string' || x.length > MODEL_LIMITS.nameBytes)
      throw new BadModel(`${what} holds something that is no short text`);
  }
  if (new Set(value).size !== value.length) throw new BadModel(`${what} holds the same name twice`);
  return value as string[];
}

/** Topic mixes must sum to 1, or probabilities would not be probabilities. */
export function mixes(a: ArrayLike<number>, K: number, what: string): void {
  for (let i = 0; i < a.length; i += K) {
    let sum = 0;
    for (let k = 0; k < K; k++) sum += a[i + k]!;
    if (Math.abs(sum - 1) > 1e-3) throw new BadModel(`${what} holds a mix that does not sum to 1`);
  }
}
