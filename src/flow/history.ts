/**
 * Zeek's history: a letter for what each side did, in the order it was first done; upper case for the originator.
 * Meanings are those of Zeek's conn.log (docs.zeek.org, base/protocols/conn).
 */
import { HISTORY_BYTES } from './columns.js';
import { B_MISC, C_HISTORY, COLD_WORDS, FLIPPED, type FlowRows, ROW_BYTES, ROW_WORDS, W_SEEN } from './layout.js';

/** Letters by number; the number is also the bit in W_SEEN, plus 12 for the responder. */
const LETTERS = 'SHADFRGTQIW';
export const Letter = {
  /** SYN without ACK. */
  syn: 0,
  /** SYN and ACK, the handshake's answer. */
  handshake: 1,
  /** Nothing but an acknowledgement. */
  ack: 2,
  /** Payload. */
  data: 3,
  fin: 4,
  reset: 5,
  /** The other side acknowledged payload that this tap did not see. */
  gap: 6,
  /** Payload sent again. */
  retransmission: 7,
  /** SYN with FIN or RST. */
  multiFlag: 8,
  /** FIN with RST. */
  inconsistent: 9,
  /** A closed window. */
  zeroWindow: 10,
} as const;
export type Letter = (typeof Letter)[keyof typeof Letter];

/** Stored letters: 0 none, 1.. the letters for the originator, 13.. for the responder, 31 '^'. */
export const RESPONDER = 12;
/** Letters of the originator in W_SEEN; << RESPONDER for the responder. */
export const ACK_SEEN = 1 << Letter.ack;
export const DATA_SEEN = 1 << Letter.data;
const FLIP = 31;

const TEXT = new Uint8Array(32);
for (let i = 0; i < LETTERS.length; i++) {
  TEXT[1 + i] = LETTERS.charCodeAt(i);
  TEXT[1 + RESPONDER + i] = LETTERS.toLowerCase().charCodeAt(i);
}
TEXT[FLIP] = '^'.charCodeAt(0);

/** Notes `letter` for a side unless it has been noted before. Returns false when it had. */
export function noteOnce(rows: FlowRows, row: number, side: number, letter: Letter): boolean {
  const bit = 1 << (letter + side * RESPONDER);
  const at = row * ROW_WORDS + W_SEEN;
  if ((rows.words[at]! & bit) !== 0) return false;
  rows.words[at]! |= bit;
  append(rows, row, 1 + letter + side * RESPONDER);
  return true;
}

/** Notes `letter` for the first, tenth, hundredth … time, `times` counted by the caller: Zeek's scaled repeats. */
export function noteScaled(rows: FlowRows, row: number, side: number, letter: Letter, times: number): void {
  if (times === 1 || times === 10 || times === 100 || times === 1000 || times === 10000) {
    append(rows, row, 1 + letter + side * RESPONDER);
  }
}

/** Marks a flow whose first packet seen came from the responder. */
export function noteFlip(rows: FlowRows, row: number): void {
  rows.words[row * ROW_WORDS + W_SEEN]! |= FLIPPED;
  append(rows, row, FLIP);
}

function append(rows: FlowRows, row: number, letter: number): void {
  const misc = row * ROW_BYTES + B_MISC;
  const n = rows.bytes[misc]! & 31;
  if (n === HISTORY_BYTES) return;
  // Six letters of five bits a word.
  const word = n < 6 ? 0 : n < 12 ? 1 : n < 18 ? 2 : 3;
  rows.cold[row * COLD_WORDS + C_HISTORY + word]! |= letter << (5 * (n - 6 * word));
  rows.bytes[misc]!++;
}

/** Writes the history as ASCII, zero-padded to HISTORY_BYTES. */
export function writeHistory(rows: FlowRows, row: number, out: Uint8Array, at: number): void {
  const n = rows.bytes[row * ROW_BYTES + B_MISC]! & 31;
  const words = rows.cold;
  const from = row * COLD_WORDS + C_HISTORY;
  for (let i = 0; i < HISTORY_BYTES; i++) {
    out[at + i] = i < n ? TEXT[(words[from + Math.floor(i / 6)]! >>> (5 * (i % 6))) & 31]! : 0;
  }
}
