import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { closeSync, fsyncSync, openSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { Exit, OperatorError } from '../base/errors.js';

/**
 * The central's signing key, made at the first call: an Ed25519 pair as `<path>` (PKCS#8 PEM, mode 0600, never
 * written over) and `<path>.pub` (SPKI PEM), the file that every sensor is given.
 */
export function signingKey(path: string): { privateKey: KeyObject; publicKey: KeyObject; publicPem: string } {
  const held = readKey(path, createPrivateKey, 'private');
  const privateKey = held ?? generateKeyPairSync('ed25519').privateKey;
  if (held === null) {
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
    try {
      const fd = openSync(path, 'wx', 0o600);
      try {
        writeFileSync(fd, pem);
        fsyncSync(fd);
      } finally {
        closeSync(fd);
      }
    } catch (error) {
      // Two that start at once: the one that came second takes the first one's key.
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') return signingKey(path);
      const why = (error as Error).message;
      throw new OperatorError('key.write', Exit.io, `cannot write the signing key: ${why}`, { cause: error });
    }
  } else if ((statSync(path).mode & 0o077) !== 0) {
    throw new OperatorError(
      'key.mode',
      Exit.permission,
      `${path} can be read by others, and who reads it can sign models: chmod 600 it, or make a new key`,
    );
  }
  const publicKey = createPublicKey(privateKey);
  const publicPem = publicKey.export({ type: 'spki', format: 'pem' }) as string;
  writeFileSync(`${path}.pub`, publicPem, { mode: 0o644 });
  return { privateKey, publicKey, publicPem };
}

/** The central's public key, as a sensor's operator put it there. */
export function trustedKey(path: string): KeyObject {
  const key = readKey(path, publicOnly, 'public');
  if (key !== null) return key;
  throw new OperatorError(
    'key.missing',
    Exit.noInput,
    `there is no ${path}: copy the central's public signing key there`,
  );
}

/** node:crypto would draw the public key out of a private one, which has no business on a sensor. */
function publicOnly(pem: string): KeyObject {
  if (pem.includes('PRIVATE KEY')) throw new Error('it is the private key, which must not leave the central');
  return createPublicKey(pem);
}

function readKey(path: string, make: (pem: string) => KeyObject, what: string): KeyObject | null {
  let key: KeyObject;
  try {
    key = make(readFileSync(path, 'utf8'));
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return null;
    throw new OperatorError('key.read', Exit.noInput, `${path} is not a readable ${what} key: ${message}`, {
      cause: error,
    });
  }
  if (key.asymmetricKeyType === 'ed25519') return key;
  throw new OperatorError('key.type', Exit.data, `${path} is a key of type ${key.asymmetricKeyType}, not Ed25519`);
}
