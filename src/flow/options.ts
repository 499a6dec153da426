import { Exit, OperatorError } from '../base/errors.js';
import { PROTO_ICMP, PROTO_ICMP6, PROTO_TCP } from '../decode/transport.js';

/** Microseconds without a packet after which a flow has ended, and the longest that one record spans. */
export interface FlowTimeouts {
  tcpUs: number;
  /** UDP and every other protocol. */
  otherUs: number;
  icmpUs: number;
  activeUs: number;
  /** A TCP connection that was closed or reset lingers for stragglers. */
  closedUs: number;
}

export const FLOW_TIMEOUTS: Readonly<FlowTimeouts> = {
  tcpUs: 300e6,
  otherUs: 60e6,
  icmpUs: 30e6,
  activeUs: 1800e6,
  closedUs: 5e6,
};

export interface FlowTableOptions {
  /** For everything the table holds; finished rows are apart (see finishedMax). */
  memoryBytes: number;
  /** Keys the hash; to be kept from those who send the packets. Changes nothing in what is reported. */
  seed: number;
  timeouts?: Partial<FlowTimeouts>;
  /**
   * Most finished rows that wait for take(). While that many wait nothing leaves by timeout, and what must leave is
   * lost and counted. Unless told, twice the table's flows but at least 65,536.
   */
  finishedMax?: number;
}

/** A packet count of 32 bits lasts an hour at over a million packets a second in one flow. */
const ACTIVE_MAX_US = 3600e6;

/** Defaults filled in; throws OperatorError for what cannot be honoured. */
export function flowTimeouts(given: Partial<FlowTimeouts> = {}): FlowTimeouts {
  const timeouts = { ...FLOW_TIMEOUTS, ...given };
  for (const [name, us] of Object.entries(timeouts)) {
    if (!Number.isFinite(us) || us < 1) {
      throw new OperatorError('flow.timeout', Exit.config, `Flow timeout ${name} is ${us}: give a positive time.`);
    }
  }
  if (timeouts.activeUs > ACTIVE_MAX_US) {
    throw new OperatorError(
      'flow.timeout',
      Exit.config,
      'The active flow timeout is over an hour: give 3600 s or less.',
    );
  }
  return timeouts;
}

/** Idle timeout by protocol number, as a table for the hot path. */
export function idleByProtocol(t: FlowTimeouts): Float64Array {
  const idle = new Float64Array(256).fill(t.otherUs);
  idle[PROTO_TCP] = t.tcpUs;
  idle[PROTO_ICMP] = idle[PROTO_ICMP6] = t.icmpUs;
  return idle;
}

/** Flows that memory holds, `each` bytes a flow besides `fixed` bytes; throws OperatorError when it holds hardly any. */
export function flowCapacity(memoryBytes: number, fixed: number, each: number): number {
  const capacity = Math.floor((memoryBytes - fixed) / each);
  if (capacity >= 16) return capacity;
  const least = fixed + 16 * each;
  throw new OperatorError(
    'flow.memory',
    Exit.config,
    `The flow table was given ${memoryBytes} bytes: give the sensor more memory (at least ${least} here).`,
  );
}
