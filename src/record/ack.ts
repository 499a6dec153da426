import { RecordFault } from './fault.js';

/**
 * What the central says on a sensor's ack topic (QoS 1, not retained): everything of `epoch` up to and including
 * `sequence` is durable in the lake, was refused for good and kept aside, or is no longer held by the sensor (see
 * EnvelopeHead.gap). The sensor trims its spool on this and on nothing else.
 *
 * It is JSON, so that `mosquitto_sub` shows it: `{"epoch":1763942400000,"sequence":42}`. Sent again whenever a batch
 * arrives that was acknowledged before, since the sensor then plainly missed the first.
 */
export interface Ack {
  epoch: number;
  sequence: number;
}

const MAX_ACK_BYTES = 256;

export function encodeAck(ack: Ack): Uint8Array {
  return Buffer.from(JSON.stringify({ epoch: ack.epoch, sequence: ack.sequence }));
}

/** Throws RecordFault. Members it does not know are left to later versions. */
export function decodeAck(bytes: Uint8Array): Ack {
  if (bytes.length > MAX_ACK_BYTES) throw new RecordFault('oversize', `an acknowledgement of ${bytes.length} bytes`);
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch (error) {
    throw new RecordFault('malformed', 'the acknowledgement is not JSON', { cause: error });
  }
  if (typeof value !== 'object' || value === null) throw new RecordFault('malformed', 'not an acknowledgement');
  const { epoch, sequence } = value as Record<string, unknown>;
  if (!isCount(epoch) || !isCount(sequence)) {
    throw new RecordFault('sequence', 'an acknowledgement needs whole numbers for epoch and sequence');
  }
  return { epoch, sequence };
}

const isCount = (n: unknown): n is number => Number.isSafeInteger(n) && (n as number) > 0;
