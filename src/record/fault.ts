/** Why bytes from a peer were refused. Stable names: they become counters and file names. */
export const FAULT_REASONS = [
  'malformed', // not the message it should be, cut short, or with bytes left over
  'version', // newer than this reader, or too old for it
  'name', // a site, sensor or ledger key that is not one, or body and envelope disagree
  'sequence', // epoch or sequence missing, zero, or beyond what a number holds exactly
  'codec', // unknown here, or its stream is damaged
  'oversize', // more bytes, rows or entries than a reader will hold
  'checksum', // the stored body is not what was sealed
  'length', // decompresses to another length than was said
  'columns', // columns of one block differ in length
  'index', // points outside the string or address table
  'value', // a number outside its range
  'signature', // not signed by the key this reader trusts
  'kind', // a control document of another kind
  'generation', // a control document that is not newer
] as const;
export type FaultReason = (typeof FAULT_REASONS)[number];

/** Bytes from a peer that are refused: counted by `reason`, kept for inspection, never fatal. */
export class RecordFault extends Error {
  readonly reason: FaultReason;
  constructor(reason: FaultReason, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'RecordFault';
    this.reason = reason;
  }
}

/** Runs a protobufjs decoder, whose every complaint means that the bytes are not that message. */
export function decoding<T>(what: string, decode: () => T): T {
  try {
    return decode();
  } catch (error) {
    throw new RecordFault('malformed', `not a readable ${what}: ${(error as Error).message}`, { cause: error });
  }
}
