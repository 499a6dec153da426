/**
 * One flow in the table: ROW_WORDS consecutive 32-bit words of one buffer, seen through views of every width. A row is
 * two cache lines, the first of them all that finding the flow takes.
 *
 *   word  0, 1   last words of the addresses                  16..17  first packet's time (double)
 *         2      ports, originator's in the upper half        18, 19  lower words of the payload bytes
 *         3      VLAN, inner VLAN, protocol: 12, 12, 8        20, 21  upper half-words of IP bytes, of payload
 *         4      next row of the hash chain                   22..25  first payload sizes (8 half-words)
 *         5      TCP flags (2), TCP states, misc              26..31  upper three words of each address
 *         6..7   last packet's time (double)
 *         8, 9   packets                              What few packets touch is in a second buffer:
 *         10, 11 lower words of the IP bytes
 *         12     history letters seen, flags            word  0, 1  neighbours in the wheel's list
 *         13     retransmissions (2 half-words)               2..5  history, 24 letters of 5 bits
 *         14, 15 TCP sequence number expected next
 *
 * Of a pair of fields the first is the originator's.
 */
export const ROW_WORDS = 32;
export const ROW_BYTES = ROW_WORDS * 4;
export const ROW_HALVES = ROW_WORDS * 2;
export const ROW_DOUBLES = ROW_WORDS / 2;
export const COLD_WORDS = 6;

export const W_ADDR = 0;
export const W_PORTS = 2;
export const W_TAGS = 3;
export const W_CHAIN = 4;
export const W_PACKETS = 8;
export const W_BYTES = 10;
export const W_SEEN = 12;
export const W_SEQ = 14;
export const W_PAYLOAD = 18;
export const W_ADDR_UPPER = 26;

/** Double, half-word and byte offsets. */
export const D_LAST = 3;
export const D_FIRST = 8;
export const H_RETRANSMISSIONS = 26;
export const H_BYTES_HIGH = 40;
export const H_PAYLOAD_HIGH = 42;
export const H_SIZES = 44;
export const B_FLAGS = 20;
/** TCP states: the originator's in the low nibble. */
export const B_STATES = 22;
/** Letters in the history (5 bits), Direction (2 bits). */
export const B_MISC = 23;

/** Words of the second buffer. */
export const C_WHEEL_NEXT = 0;
export const C_WHEEL_PREV = 1;
export const C_HISTORY = 2;

/** Flags in the upper bits of W_SEEN; the lower 23 bits are history letters, see history.ts. */
export const CLOSED = 1 << 24;
/** The record before was cut by the active timeout, and no packet has come since. */
export const EMPTY = 1 << 25;
export const FLIPPED = 1 << 26;
/** The sequence number of a side is known; << 1 for the responder. */
export const SEQ_KNOWN = 1 << 27;
/** A side's data jumped ahead and the jump is not yet explained; << 1 for the responder. */
export const HOLE = 1 << 29;
/** Both addresses are IPv4. */
export const ROW_V4 = 1 << 23;
/** What survives when the active timeout cuts a record and the flow goes on. */
export const CONTINUES = CLOSED | FLIPPED | ROW_V4 | (3 << 27) | (3 << 29);

/**
 * malloc puts 16 bytes of its own before what it hands out of fresh pages. Rows that begin 48 bytes later lie on cache
 * lines; were it ever otherwise, they would only be slower.
 */
const ALIGN_BYTES = 48;

/** All rows in one buffer, of which every view covers all. */
export class FlowRows {
  static readonly BYTES_PER_ROW = ROW_BYTES + COLD_WORDS * 4;
  readonly capacity: number;
  readonly words: Uint32Array;
  readonly links: Int32Array;
  readonly doubles: Float64Array;
  readonly halves: Uint16Array;
  readonly sizes: Int16Array;
  readonly bytes: Uint8Array;
  readonly cold: Int32Array;

  constructor(capacity: number) {
    this.capacity = capacity;
    const buffer = new ArrayBuffer(ALIGN_BYTES + capacity * ROW_BYTES);
    this.words = new Uint32Array(buffer, ALIGN_BYTES);
    this.links = new Int32Array(buffer, ALIGN_BYTES);
    this.doubles = new Float64Array(buffer, ALIGN_BYTES);
    this.halves = new Uint16Array(buffer, ALIGN_BYTES);
    this.sizes = new Int16Array(buffer, ALIGN_BYTES);
    this.bytes = new Uint8Array(buffer, ALIGN_BYTES);
    this.cold = new Int32Array(capacity * COLD_WORDS);
  }
}
