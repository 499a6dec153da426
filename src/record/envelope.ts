import { crc32 } from 'node:zlib';
import { tapspot } from '#proto';
import { RECORD_VERSION } from './batch.js';
import { type Codec, compress, decompress } from './compress.js';
import { decoding, RecordFault } from './fault.js';
import { MAX_BATCH_BYTES, MAX_BODY_BYTES, MAX_ENVELOPE_BYTES } from './limits.js';
import { NAME_PATTERN } from './topics.js';
import { checkVersion } from './upgrade.js';

const { Envelope: Wire } = tapspot.v1;

/** Who sends an envelope, and its place in the order. (site, sensor, epoch, sequence) names a batch for ever. */
export interface EnvelopeHead {
  site: string;
  sensor: string;
  /** When the sensor's spool was made, in milliseconds since the epoch. Outlives restarts. */
  epoch: number;
  /** From 1, never used again within the epoch. */
  sequence: number;
  /**
   * So many sequences just before this one are no longer held by the sensor (acknowledged before, dropped at the
   * spool's limit, or corrupt). Who keeps the highest contiguous sequence `c` moves it to `sequence` as soon as
   * `sequence - gap <= c + 1`.
   */
  gap: number;
}

/** An envelope whose head and checksum are right, and whose body is still compressed. */
export interface SealedEnvelope extends EnvelopeHead {
  version: number;
  codec: string;
  /** Bytes of the body once decompressed. */
  length: number;
  stored: Uint8Array;
}

export interface Envelope extends EnvelopeHead {
  version: number;
  codec: string;
  body: Uint8Array;
}

/**
 * Compresses and checksums an encoded batch: everything of an envelope but its head. That is what the spool keeps,
 * so that a batch is compressed once, however often it is sent.
 */
export function sealBody(body: Uint8Array, codec: Codec = 'brotli'): Uint8Array {
  if (body.length > MAX_BATCH_BYTES) throw new RecordFault('oversize', `a batch of ${body.length} bytes`);
  const stored = compress(codec, body);
  if (stored.length > MAX_BODY_BYTES) throw new RecordFault('oversize', `a body of ${stored.length} bytes`);
  return Wire.encode({
    version: RECORD_VERSION,
    codec,
    checksum: crc32(stored),
    length: body.length,
    body: stored,
  }).finish();
}

/** Writes the head before a sealed body. Concatenated protobuf messages are one message with the fields of both. */
export function stampEnvelope(head: EnvelopeHead, sealed: Uint8Array): Uint8Array {
  const { site, sensor, epoch, sequence, gap } = head;
  const front = Wire.encode({ site, sensor, epoch, sequence, gap }).finish();
  const out = new Uint8Array(front.length + sealed.length);
  out.set(front);
  out.set(sealed, front.length);
  return out;
}

/** An envelope in one go. */
export function sealEnvelope(head: Omit<EnvelopeHead, 'gap'> & { gap?: number; codec?: Codec }, body: Uint8Array) {
  return stampEnvelope({ ...head, gap: head.gap ?? 0 }, sealBody(body, head.codec));
}

/** Checks everything about an envelope that does not need its body decompressed. Throws RecordFault. */
export function readEnvelope(bytes: Uint8Array): SealedEnvelope {
  if (bytes.length > MAX_ENVELOPE_BYTES) throw new RecordFault('oversize', `an envelope of ${bytes.length} bytes`);
  const wire = decoding('envelope', () => Wire.decode(bytes));
  const { version, site, sensor, epoch, sequence, gap, codec, checksum, length, body: stored } = wire;
  checkVersion(version);
  if (!NAME_PATTERN.test(site) || !NAME_PATTERN.test(sensor)) {
    throw new RecordFault('name', 'site and sensor are not names of one topic level each');
  }
  const ordered = isCount(epoch) && epoch > 0 && isCount(sequence) && sequence > 0 && isCount(gap) && gap < sequence;
  if (!ordered) throw new RecordFault('sequence', `epoch ${epoch}, sequence ${sequence}, gap ${gap}`);
  if (length > MAX_BATCH_BYTES) throw new RecordFault('oversize', `a batch of ${length} bytes`);
  if (stored.length > MAX_BODY_BYTES) throw new RecordFault('oversize', `a body of ${stored.length} bytes`);
  if (crc32(stored) !== checksum) throw new RecordFault('checksum', `sequence ${sequence} was damaged on its way`);
  return { version, site, sensor, epoch, sequence, gap, codec, length, stored };
}

/** The decompressed body of an envelope that was read. Throws RecordFault. */
export function openBody(sealed: SealedEnvelope): Uint8Array {
  return decompress(sealed.codec, sealed.stored, sealed.length);
}

/** Checks an envelope and decompresses its body. Throws RecordFault. */
export function openEnvelope(bytes: Uint8Array): Envelope {
  const sealed = readEnvelope(bytes);
  const { version, site, sensor, epoch, sequence, gap, codec } = sealed;
  return { version, site, sensor, epoch, sequence, gap, codec, body: openBody(sealed) };
}

const isCount = (n: number): boolean => Number.isSafeInteger(n) && n >= 0;
