/**
 * What one segment does to the two ends of a TCP connection, as Zeek sees them: endpoint states, history,
 * retransmissions and gaps. Checked against 55,000 connections that Zeek logged, see test/flow/zeek.test.ts.
 */
import { P_ACK, P_MARKS, P_PAYLOAD, P_SEQ, PACKET_WORDS, type Packets, ZERO_WINDOW } from '../decode/packets.js';
import { ACK_SEEN, DATA_SEEN, Letter, noteOnce, noteScaled, RESPONDER } from './history.js';
import {
  B_FLAGS,
  B_STATES,
  CLOSED,
  type FlowRows,
  H_RETRANSMISSIONS,
  HOLE,
  ROW_BYTES,
  ROW_HALVES,
  ROW_WORDS,
  SEQ_KNOWN,
  W_SEEN,
  W_SEQ,
} from './layout.js';

export const FIN = 1;
export const SYN = 2;
export const RST = 4;
export const ACK = 16;

/** States of one end, after Zeek's TCP_* of the same names. */
export const End = { inactive: 0, synSent: 1, synAckSent: 2, partial: 3, established: 4, closed: 5, reset: 6 } as const;

/** A jump of the sequence number by more than this is not a lost segment but somebody's invention. */
const JUMP_MAX = 1 << 30;

/** Accounts for the segment that is packet `i`, sent by `side` (0 originator, 1 responder). */
export function onSegment(rows: FlowRows, row: number, side: number, packets: Packets, i: number): void {
  const marks = packets.words[i * PACKET_WORDS + P_MARKS]!;
  const flags = marks & 0xff;
  const at = row * ROW_BYTES;
  rows.bytes[at + B_FLAGS + side]! |= flags;
  const states = rows.bytes[at + B_STATES]!;
  const mine = side === 0 ? states & 15 : states >> 4;
  const theirs = side === 0 ? states >> 4 : states & 15;

  noteFlags(rows, row, side, flags, packets.words[i * PACKET_WORDS + P_PAYLOAD]!);
  // A closed window says something only while both ends live (Zeek takes it so, too).
  if ((marks & ZERO_WINDOW) !== 0 && (flags & RST) === 0 && theirs !== End.closed && mine !== End.reset) {
    noteOnce(rows, row, side, Letter.zeroWindow);
  }
  if ((flags & RST) === 0) follow(rows, row, side, flags, packets, i);
  const next = transition(mine, theirs, side, flags, rows.bytes[at + B_FLAGS + 1 - side]!);
  if (next !== states) {
    const mineNow = next & 15;
    const theirsNow = next >> 4;
    rows.bytes[at + B_STATES] = side === 0 ? next : (mineNow << 4) | theirsNow;
    if (isOver(mineNow, theirsNow)) rows.words[row * ROW_WORDS + W_SEEN]! |= CLOSED;
  }
}

/**
 * Is this a segment of which onSegment() would keep nothing but its sequence number? Then that is done: payload where
 * it was expected, or none, from an end that has sent such before, of a connection with nothing unexplained.
 */
export function isPlain(rows: FlowRows, row: number, side: number, packets: Packets, i: number): boolean {
  const words = rows.words;
  const from = packets.words;
  const p = i * PACKET_WORDS;
  const w = row * ROW_WORDS;
  const marks = from[p + P_MARKS]!;
  const flags = marks & 0xff;
  if ((marks & (FIN | SYN | RST | ACK | ZERO_WINDOW)) !== ACK) return false;
  if ((rows.bytes[row * ROW_BYTES + B_FLAGS + side]! | flags) !== rows.bytes[row * ROW_BYTES + B_FLAGS + side])
    return false;
  // An end of which nothing is known may be picked up by any segment.
  if (((rows.bytes[row * ROW_BYTES + B_STATES]! >> (4 * side)) & 15) === End.inactive) return false;
  const payload = from[p + P_PAYLOAD]!;
  const letter = (payload > 0 ? DATA_SEEN : ACK_SEEN) << (side * RESPONDER);
  const want = letter | (SEQ_KNOWN << side);
  const seen = words[w + W_SEEN]!;
  if ((seen & (want | HOLE | (HOLE << 1))) !== want) return false;
  const seq = from[p + P_SEQ]!;
  if (payload > 0 && seq !== words[w + W_SEQ + side]) return false;
  if ((seen & (SEQ_KNOWN << (1 - side))) !== 0 && ((from[p + P_ACK]! - words[w + W_SEQ + 1 - side]!) | 0) > 0)
    return false;
  if (payload > 0) words[w + W_SEQ + side] = seq + payload;
  return true;
}

function isOver(a: number, b: number): boolean {
  return a === End.reset || b === End.reset || (a === End.closed && b === End.closed);
}

function noteFlags(rows: FlowRows, row: number, side: number, flags: number, payload: number): void {
  const control = flags & (SYN | FIN | RST);
  if (control === 0) {
    if (payload > 0) noteOnce(rows, row, side, Letter.data);
    else if ((flags & ACK) !== 0) noteOnce(rows, row, side, Letter.ack);
  } else if (control === SYN) {
    noteOnce(rows, row, side, (flags & ACK) !== 0 ? Letter.handshake : Letter.syn);
  } else if (control === FIN) {
    noteOnce(rows, row, side, Letter.fin);
  } else if (control === RST) {
    noteOnce(rows, row, side, Letter.reset);
  } else {
    noteOnce(rows, row, side, (control & (FIN | RST)) === (FIN | RST) ? Letter.inconsistent : Letter.multiFlag);
  }
}

/** The states after the segment: the sender's in the low nibble, the other's in the high one. */
function transition(mine: number, theirs: number, side: number, flags: number, theirFlags: number): number {
  if ((flags & RST) !== 0) {
    if (mine === End.closed && theirs === End.closed) return pair(mine, theirs);
    // A lone reset by the originator answers something that was not seen.
    const lone = mine === End.inactive && (theirs === End.inactive || theirs === End.partial);
    return pair(lone && side === 0 ? mine : End.reset, theirs);
  }
  if ((flags & FIN) !== 0) {
    // An end that closed and then reset has closed: with this FIN the connection ended in good order.
    if (theirs === End.reset && (theirFlags & FIN) !== 0) return pair(End.closed, End.closed);
    return pair(mine === End.reset ? mine : End.closed, theirs);
  }
  if ((flags & SYN) !== 0) {
    if (mine === End.closed || mine === End.reset) return pair(mine, theirs);
    if ((flags & ACK) !== 0) {
      if (theirs === End.synSent) return pair(End.established, End.established);
      return pair(mine === End.inactive || mine === End.partial ? End.synAckSent : mine, theirs);
    }
    if (mine !== End.inactive) return pair(mine, theirs);
    // Its answer was captured first.
    if (theirs === End.synAckSent) return pair(End.established, End.established);
    return pair(End.synSent, theirs);
  }
  // What answers a SYN without a SYN does not make a connection, half or whole.
  const isPickedUp = mine === End.inactive && theirs !== End.synSent && (flags & ACK) !== 0;
  return pair(isPickedUp ? End.partial : mine, theirs);
}

function pair(mine: number, theirs: number): number {
  return mine | (theirs << 4);
}

/** Follows the sequence numbers: payload sent again, and payload that was acknowledged but not seen. */
function follow(rows: FlowRows, row: number, side: number, flags: number, packets: Packets, i: number): void {
  const p = i * PACKET_WORDS;
  const seq = packets.words[p + P_SEQ]!;
  const ack = packets.words[p + P_ACK]!;
  const words = rows.words;
  const at = row * ROW_WORDS;
  const seen = at + W_SEEN;
  const known = SEQ_KNOWN << side;
  const hole = HOLE << side;
  const payload = packets.words[p + P_PAYLOAD]!;
  const ahead = payload + ((flags & SYN) !== 0 ? 1 : 0) + ((flags & FIN) !== 0 ? 1 : 0);

  if ((words[seen]! & known) === 0) {
    words[at + W_SEQ + side] = (seq + ahead) >>> 0;
    words[seen]! |= known;
  } else if (ahead > 0) {
    const jump = (seq - words[at + W_SEQ + side]!) | 0;
    if (jump >= 0 && jump < JUMP_MAX) {
      if (jump > 0) words[seen]! |= hole;
      words[at + W_SEQ + side] = (seq + ahead) >>> 0;
    } else if (jump < 0 && jump > -JUMP_MAX) {
      const fresh = jump + ahead;
      if (fresh > 0) words[at + W_SEQ + side] = (seq + ahead) >>> 0;
      if ((words[seen]! & hole) !== 0) {
        words[seen]! &= ~hole; // It came late and fills the jump.
      } else if (payload > 0 && fresh < payload && !(payload === 1 && jump === -1)) {
        // One byte just before what is expected is a keep-alive probe (RFC 9293 §3.8.4).
        const count = row * ROW_HALVES + H_RETRANSMISSIONS + side;
        if (rows.halves[count]! < 0xffff) noteScaled(rows, row, side, Letter.retransmission, ++rows.halves[count]!);
      }
    }
  }

  const other = 1 - side;
  if ((flags & ACK) !== 0 && (words[seen]! & (SEQ_KNOWN << other)) !== 0) {
    const beyond = (ack - words[at + W_SEQ + other]!) | 0;
    if (beyond > 0 && beyond < JUMP_MAX) {
      words[at + W_SEQ + other] = ack;
      words[seen]! &= ~(HOLE << other);
      noteOnce(rows, row, other, Letter.gap);
    } else if (beyond === 0 && (words[seen]! & (HOLE << other)) !== 0) {
      words[seen]! &= ~(HOLE << other);
      noteOnce(rows, row, other, Letter.gap);
    }
  }
}
