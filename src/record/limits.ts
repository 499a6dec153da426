/** What a reader of the record holds at most. A sensor keeps far below all of these. */
const MiB = 2 ** 20;

/** Bytes of a compressed body, and of an envelope around it. */
export const MAX_BODY_BYTES = 8 * MiB;
export const MAX_ENVELOPE_BYTES = MAX_BODY_BYTES + 4096;
/** Bytes of a body once decompressed. */
export const MAX_BATCH_BYTES = 64 * MiB;
/** Rows of one block. */
export const MAX_ROWS = 1_000_000;
/** Elements of all columns together: 16 M numbers are 128 MB while a batch is being decoded. */
export const MAX_ELEMENTS = 16_000_000;
/** Entries of the string and the address table together. */
export const MAX_TABLE_ENTRIES = 1_000_000;
/** Ledger entries, findings and reasons together. */
export const MAX_ENTRIES = 100_000;
/** UTF-16 units of a string of the table; of any other text. */
export const MAX_STRING = 65_535;
export const MAX_TEXT = 4096;
/** Bytes of a signed document as sent, and once decompressed. */
export const MAX_SIGNED_BYTES = 64 * MiB;
export const MAX_DOCUMENT_BYTES = 256 * MiB;
