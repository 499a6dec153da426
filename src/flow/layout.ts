/**
 * One flow in the table: ROW_WORDS consecutive 32-bit words of one buffer, seen through views of every width, so that
 * a packet touches neighbouring cache lines and not one line a column.
 *
 *   word  0..7   addresses, originator then responder       16..17  first packet's time (double)
 *         8      ports, originator's in the upper half      18, 19  packets
 *         9      VLAN, inner VLAN, protocol: 12, 12, 8      20..23  lower words of IP bytes and payload, per side
 *         10     next row of the hash chain                 24, 25  upper half-words of the same
 *         11     TCP flags (2), TCP states, misc            26, 27  TCP sequence number expected next
 *         12..13 last packet's time (double)                28      retransmissions (2 half-words)
 *         14, 15 neighbours in the wheel's list             29      history letters seen, flags
 *                                                           30..33  first payload sizes (8 half-words)
 *                                                           34..37  history, 24 letters of 5 bits
 *
 * Of a pair of fields the first is the originator's.
 */
export const ROW_WORDS = 38;
export const ROW_BYTES = ROW_WORDS * 4;
export const ROW_HALVES = ROW_WORDS * 2;
export const ROW_DOUBLES = ROW_WORDS / 2;

export const W_PORTS = 8;
export const W_TAGS = 9;
export const W_CHAIN = 10;
export const W_WHEEL_NEXT = 14;
export const W_WHEEL_PREV = 15;
export const W_PACKETS = 18;
export const W_BYTES = 20;
export const W_PAYLOAD = 22;
export const W_SEQ = 26;
export const W_SEEN = 29;
export const W_HISTORY = 34;

/** Double, half-word and byte offsets. */
export const D_LAST = 6;
export const D_FIRST = 8;
export const H_BYTES_HIGH = 48;
export const H_PAYLOAD_HIGH = 50;
export const H_RETRANSMISSIONS = 56;
export const H_SIZES = 60;
export const B_FLAGS = 44;
/** TCP states: the originator's in the low nibble. */
export const B_STATES = 46;
/** Letters in the history (5 bits), Direction (2 bits). */
export const B_MISC = 47;

/** Flags in the upper byte of W_SEEN; the lower 24 bits are history letters, see history.ts. */
export const CLOSED = 1 << 24;
/** The record before was cut by the active timeout, and no packet has come since. */
export const EMPTY = 1 << 25;
export const FLIPPED = 1 << 26;
/** The sequence number of a side is known; << 1 for the responder. */
export const SEQ_KNOWN = 1 << 27;
/** A side's data jumped ahead and the jump is not yet explained; << 1 for the responder. */
export const HOLE = 1 << 29;
/** What survives when the active timeout cuts a record and the flow goes on. */
export const CONTINUES = CLOSED | FLIPPED | (3 << 27) | (3 << 29);

/** Rows in one buffer; every view covers all of it. */
export class FlowRows {
  readonly capacity: number;
  readonly words: Uint32Array;
  readonly links: Int32Array;
  readonly doubles: Float64Array;
  readonly halves: Uint16Array;
  readonly sizes: Int16Array;
  readonly bytes: Uint8Array;

  constructor(capacity: number) {
    this.capacity = capacity;
    const buffer = new ArrayBuffer(capacity * ROW_BYTES);
    this.words = new Uint32Array(buffer);
    this.links = new Int32Array(buffer);
    this.doubles = new Float64Array(buffer);
    this.halves = new Uint16Array(buffer);
    this.sizes = new Int16Array(buffer);
    this.bytes = new Uint8Array(buffer);
  }
}
