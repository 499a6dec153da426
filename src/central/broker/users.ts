import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Exit, OperatorError } from '../../base/errors.js';

const KEY_BYTES = 32;
/** N = 2^14: 16 MiB and about 40 ms a try (RFC 7914; OWASP names 2^14 with p = 5 or more memory for people's passwords). */
const COST = { N: 16_384, r: 8, p: 1 };
/** Tries at once; a flood of logins waits in line instead of taking all memory. */
const AT_ONCE = 4;

/** Names and password hashes of those who may send: `name:scrypt:<salt, base64>:<hash, base64>`, one a line. */
export class Users {
  readonly #hashes = new Map<string, { salt: Buffer; hash: Buffer }>();
  #running = 0;
  readonly #waiting: (() => void)[] = [];

  /** @throws OperatorError BROKER_USERS with file and line. */
  static load(path: string): Users {
    let text: string;
    try {
      text = readFileSync(path, 'utf8');
    } catch (error) {
      throw new OperatorError('BROKER_USERS', Exit.config, `${path}: ${(error as Error).message}`, { cause: error });
    }
    const users = new Users();
    for (const [i, line] of text.split(/\r?\n/).entries()) {
      if (line.trim() === '' || line.startsWith('#')) continue;
      const match = /^([^:]+):scrypt:([A-Za-z0-9+/=]+):([A-Za-z0-9+/=]+)$/.exec(line);
      const [salt, hash] = [match?.[2], match?.[3]].map((part) => Buffer.from(part ?? '', 'base64'));
      if (match === null || salt!.length < 8 || hash!.length !== KEY_BYTES) {
        throw new OperatorError('BROKER_USERS', Exit.config, `${path}:${i + 1}: is not a line name:scrypt:salt:hash`);
      }
      users.#hashes.set(match[1]!, { salt: salt!, hash: hash! });
    }
    return users;
  }

  /** Whether the password is the user's. Takes as long for a name that is not known. */
  async check(name: string, password: Buffer): Promise<boolean> {
    const known = this.#hashes.get(name);
    await this.#enter();
    try {
      const got = await derive(password, known?.salt ?? Buffer.alloc(16));
      return known !== undefined && timingSafeEqual(got, known.hash);
    } finally {
      this.#running--;
      this.#waiting.shift()?.();
    }
  }

  async #enter(): Promise<void> {
    if (this.#running >= AT_ONCE) await new Promise<void>((go) => this.#waiting.push(go));
    this.#running++;
  }
}

/** The line of the users file for a name and a password. */
export async function userLine(name: string, password: string): Promise<string> {
  const salt = randomBytes(16);
  const hash = await derive(Buffer.from(password), salt);
  return `${name}:scrypt:${salt.toString('base64')}:${hash.toString('base64')}`;
}

function derive(password: Buffer, salt: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(password, salt, KEY_BYTES, COST, (error, key) => (error ? reject(error) : resolve(key)));
  });
}
