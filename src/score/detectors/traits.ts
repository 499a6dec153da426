import { CONN_STATES, type FlowColumns } from '../../flow/columns.js';

export const TCP = 6;
export const UDP = 17;
export const ICMP = 1;
export const ICMP6 = 58;

export const WEB_PORTS: readonly number[] = [80, 443, 8000, 8008, 8080, 8081, 8443, 8888];

const SYN = 2;
const ACK = 16;
const ESTABLISHED = Uint8Array.from(CONN_STATES, (s) => (['S1', 'S2', 'S3', 'SF', 'RSTO', 'RSTR'].includes(s) ? 1 : 0));

/** What became of an attempt to reach somebody. */
export const Outcome = { answered: 0, failed: 1, unclear: 2 } as const;
export type Outcome = (typeof Outcome)[keyof typeof Outcome];

/** Whether a TCP handshake was completed. */
export function established(f: FlowColumns, row: number): boolean {
  return ESTABLISHED[f.connState[row]!] === 1;
}

/**
 * TCP: failed unless the handshake was completed or data flowed; unclear when it looks like the answer to something
 * that was sent in our name (SYN and ACK first) or the middle of a connection. Others: failed without an answer.
 */
export function outcome(f: FlowColumns, row: number): Outcome {
  if (f.proto[row] !== TCP) return f.respPackets[row]! > 0 ? Outcome.answered : Outcome.failed;
  if (established(f, row)) return Outcome.answered;
  const flags = f.origFlags[row]!;
  if ((flags & (SYN | ACK)) === (SYN | ACK) && f.respPackets[row] === 0) return Outcome.unclear;
  if (f.origPayload[row]! > 0 || f.respPayload[row]! > 0 || f.origPackets[row]! > 6) return Outcome.unclear;
  return Outcome.failed;
}

/** Ports on which an attempt is repeated and a failure means little: everybody's web. */
export function isWeb(port: number): boolean {
  return port === 80 || port === 443;
}

export function isIcmp(proto: number): boolean {
  return proto === ICMP || proto === ICMP6;
}

/** Whether an ICMP flow is of error messages: an answer to what its receiver did (RFC 792; RFC 4443 §2.1). */
export function isIcmpError(f: FlowColumns, row: number): boolean {
  const type = f.sport[row]!;
  if (f.proto[row] === ICMP6) return type < 128;
  return f.proto[row] === ICMP && (type === 3 || type === 4 || type === 5 || type === 11 || type === 12);
}

/**
 * The number that most of a row's numbers are, as a vote (Boyer and Moore, 1981): `votes` is how many more were equal to
 * `candidate` than not, or less than that. Returns the new number of votes.
 */
export function vote(candidate: Float64Array, row: number, votes: number, value: number): number {
  if (votes > 0) return candidate[row] === value ? votes + 1 : votes - 1;
  candidate[row] = value;
  return 1;
}
