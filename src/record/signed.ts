import { createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import { tapspot } from '#proto';
import { compress, decompress } from './compress.js';
import { decoding, RecordFault } from './fault.js';
import { MAX_DOCUMENT_BYTES, MAX_SIGNED_BYTES } from './limits.js';

const { Control: WireControl, Signed: WireSigned } = tapspot.v1;

export type ControlKind = 'model' | 'rules' | 'config';

/** What a central tells its sensors: whole, versioned, signed. */
export interface ControlDocument {
  kind: ControlKind;
  generation: number;
  payload: Uint8Array;
}

/** Ed25519 keys, as PEM text (PKCS#8, SPKI) or as key objects. */
export type Key = string | KeyObject;

/** Signatures under one key are told apart by what they are for. */
const CONTEXT = Buffer.from('tapspot control v1\0');

/** Signs `payload` as the document `kind` of that generation. The key is an Ed25519 private key. */
export function signDocument(kind: ControlKind, generation: number, payload: Uint8Array, privateKey: Key): Uint8Array {
  if (!Number.isSafeInteger(generation) || generation < 1) throw new RangeError(`generation ${generation}`);
  if (payload.length > MAX_DOCUMENT_BYTES) throw new RecordFault('oversize', `a document of ${payload.length} bytes`);
  const key = typeof privateKey === 'string' ? createPrivateKey(privateKey) : privateKey;
  const body = compress('brotli', payload);
  const control = { kind, generation, codec: 'brotli', length: payload.length, body };
  const document = WireControl.encode(control).finish();
  const signature = sign(null, Buffer.concat([CONTEXT, document]), key);
  const signed = WireSigned.encode({ document, signature }).finish();
  if (signed.length > MAX_SIGNED_BYTES) throw new RecordFault('oversize', `a document of ${signed.length} bytes`);
  return signed;
}

/**
 * Checks signature first, then kind, then that the generation is above `newerThan`, and only then decompresses.
 * Throws RecordFault: 'signature', 'kind', 'generation', or what is wrong with the bytes.
 */
export function verifyDocument(
  bytes: Uint8Array,
  publicKey: Key,
  expect: { kind: ControlKind; newerThan: number },
): ControlDocument {
  if (bytes.length > MAX_SIGNED_BYTES) throw new RecordFault('oversize', `a document of ${bytes.length} bytes`);
  const { document, signature } = decoding('signed document', () => WireSigned.decode(bytes));
  const key = typeof publicKey === 'string' ? createPublicKey(publicKey) : publicKey;
  if (!verify(null, Buffer.concat([CONTEXT, document]), key, signature)) {
    throw new RecordFault('signature', 'the document is not signed by the central this sensor trusts');
  }
  const control = decoding('control document', () => WireControl.decode(document));
  if (control.kind !== expect.kind) {
    throw new RecordFault('kind', `a ${control.kind.slice(0, 32)} document where ${expect.kind} belongs`);
  }
  const { generation } = control;
  if (!Number.isSafeInteger(generation) || generation <= expect.newerThan) {
    throw new RecordFault('generation', `generation ${generation}, and ${expect.newerThan} is held already`);
  }
  if (control.length > MAX_DOCUMENT_BYTES) throw new RecordFault('oversize', `a document of ${control.length} bytes`);
  return { kind: expect.kind, generation, payload: decompress(control.codec, control.body, control.length) };
}
