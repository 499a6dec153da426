/** The record as bytes: what the sensor writes and the central reads. Every refusal is a RecordFault. */
import type { Batch } from './batch.js';
import { decodeBatch } from './decode.js';
import { type Envelope, openEnvelope } from './envelope.js';
import { RecordFault } from './fault.js';

export { decodeBatch } from './decode.js';
export { encodeBatch } from './encode.js';
export {
  type Envelope,
  type EnvelopeHead,
  openBody,
  openEnvelope,
  readEnvelope,
  type SealedEnvelope,
  sealBody,
  sealEnvelope,
  stampEnvelope,
} from './envelope.js';
export { FAULT_REASONS, type FaultReason, RecordFault } from './fault.js';

/** An envelope and the batch in it, which have to agree on who they are from. Throws RecordFault. */
export function openBatch(bytes: Uint8Array): { envelope: Envelope; batch: Batch } {
  const envelope = openEnvelope(bytes);
  const batch = decodeBatch(envelope.body);
  if (batch.site !== envelope.site || batch.sensor !== envelope.sensor) {
    throw new RecordFault('name', 'the batch names another sensor than its envelope');
  }
  return { envelope, batch };
}
