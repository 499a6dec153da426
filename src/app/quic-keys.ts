import { createCipheriv, createDecipheriv, createHmac, createSecretKey, type KeyObject } from 'node:crypto';

/** What a version changes in how its first packets are protected. */
export interface QuicVersion {
  salt: Buffer;
  /** Prefix of the labels: `quic key` and so on. */
  label: string;
  /** Values of the long packet type (RFC 9000 §17.2, RFC 9369 §3.2). */
  initial: number;
  retry: number;
}

const SALT_V1 = Buffer.from('38762cf7f55934b34d179ae6a4c80cadccbb7f0a', 'hex'); // RFC 9001 §5.2, drafts 33 and 34
const SALT_29 = Buffer.from('afbfec289993d24c9e9786f19c6111e04390a899', 'hex'); // drafts 29 to 32
const SALT_23 = Buffer.from('c3eef712c72ebb5a11a7d2432bb46365bef9f502', 'hex'); // drafts 23 to 28
const SALT_V2 = Buffer.from('0dede3def700a6db819381be6e269dcbf9bd2ed9', 'hex'); // RFC 9369 §3.3.1

const like1 = (salt: Buffer): QuicVersion => ({ salt, label: 'quic', initial: 0, retry: 3 });
const V1 = like1(SALT_V1);
const V2: QuicVersion = { salt: SALT_V2, label: 'quicv2', initial: 1, retry: 0 };
const DRAFT_29 = like1(SALT_29);
const DRAFT_23 = like1(SALT_23);

/**
 * The version numbers that are read: 1, 2, drafts 23 to 34, two names that mvfst has for draft 27, and those reserved to
 * force a negotiation (RFC 9000 §15), which senders protect like draft 29; null for any other.
 */
export function quicVersion(version: number): QuicVersion | null {
  if (version === 1) return V1;
  if (version === 0x6b3343cf) return V2;
  if (version === 0xfaceb002 || version === 0xfaceb00e) return DRAFT_23;
  if ((version & 0x0f0f0f0f) === 0x0a0a0a0a) return DRAFT_29;
  const draft = version - 0xff000000;
  if (draft < 23 || draft > 34) return null;
  return draft >= 33 ? V1 : draft >= 29 ? DRAFT_29 : DRAFT_23;
}

/** Keys of one direction's Initial packets. */
export interface InitialKeys {
  key: KeyObject;
  iv: Buffer;
  headerKey: KeyObject;
}

const hmac = (key: Buffer, ...parts: readonly Uint8Array[]) => {
  const h = createHmac('sha256', key);
  for (const part of parts) h.update(part);
  return h.digest();
};

/** HKDF-Expand-Label (RFC 8446 §7.1) for at most 32 bytes, which one round of HKDF-Expand gives. */
function expandLabel(secret: Buffer, label: string, length: number): Buffer {
  const full = Buffer.from(`tls13 ${label}`, 'latin1');
  const info = Buffer.from([0, length, full.length, ...full, 0, 1]);
  return hmac(secret, info).subarray(0, length);
}

/** Keys of the client's (`client in`) or server's Initials, from the connection id the client chose (RFC 9001 §5.2). */
export function initialKeys(version: QuicVersion, connectionId: Uint8Array, client: boolean): InitialKeys {
  const secret = expandLabel(hmac(version.salt, connectionId), client ? 'client in' : 'server in', 32);
  return {
    key: createSecretKey(expandLabel(secret, `${version.label} key`, 16)),
    iv: expandLabel(secret, `${version.label} iv`, 12),
    headerKey: createSecretKey(expandLabel(secret, `${version.label} hp`, 16)),
  };
}

/**
 * Lifts the protection of the packet bytes[start, end), whose packet number begins at `numberAt` (RFC 9001 §5.3, §5.4).
 * Returns the frames in it, or null when the packet does not authenticate.
 */
export function openInitial(
  keys: InitialKeys,
  bytes: Uint8Array,
  start: number,
  numberAt: number,
  end: number,
): Buffer | null {
  if (numberAt + 4 + 16 > end) return null;
  const mask = createCipheriv('aes-128-ecb', keys.headerKey, null).update(bytes.subarray(numberAt + 4, numberAt + 20));
  const first = bytes[start]! ^ (mask[0]! & 0x0f);
  const numberLength = (first & 3) + 1;
  const headerEnd = numberAt + numberLength;
  if (headerEnd + 16 > end) return null;
  const header = Buffer.from(bytes.subarray(start, headerEnd));
  header[0] = first;
  const nonce = Buffer.from(keys.iv);
  // Packet numbers of Initials are small; the truncated one is the whole one (RFC 9000 §17.1).
  for (let i = 0; i < numberLength; i++) {
    const byte = bytes[numberAt + i]! ^ mask[1 + i]!;
    header[numberAt - start + i] = byte;
    nonce[12 - numberLength + i]! ^= byte;
  }
  const open = createDecipheriv('aes-128-gcm', keys.key, nonce);
  open.setAAD(header);
  open.setAuthTag(bytes.subarray(end - 16, end));
  const plain = open.update(bytes.subarray(headerEnd, end - 16));
  try {
    open.final();
  } catch {
    return null; // The tag does not fit: not from this connection, or damaged.
  }
  return plain;
}
