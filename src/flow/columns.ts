import type { Columns } from '../base/columns.js';

/** Letters of Zeek's history kept per flow. */
export const HISTORY_BYTES = 24;
/** First payload sizes kept per flow. */
export const FIRST_SIZES = 8;

/** Zeek's conn_state values; a row holds the index. */
export const CONN_STATES = [
  'OTH', 'S0', 'S1', 'S2', 'S3', 'SF', 'REJ', 'RSTO', 'RSTR', 'RSTOS0', 'RSTRH', 'SH', 'SHR',
] as const; // biome-ignore format: one line

/** Why a flow left the table. */
export const LeaveReason = { idle: 0, active: 1, closed: 2, evicted: 3, flushed: 4 } as const;
export type LeaveReason = (typeof LeaveReason)[keyof typeof LeaveReason];
export const LEAVE_REASONS = Object.keys(LeaveReason) as readonly (keyof typeof LeaveReason)[];

/** How the originator was chosen, from certain to guessed. */
export const Direction = { handshake: 0, protocol: 1, port: 2, firstSeen: 3 } as const;

/**
 * Finished flows, bidirectional (RFC 5103): orig is the originator, resp the responder.
 * Every packet counted in a flow is in exactly one row.
 */
export const FLOW_COLUMNS = {
  /** Originator then responder, four words each. */
  addr: [Uint32Array, 8],
  sport: [Uint16Array, 1],
  dport: [Uint16Array, 1],
  proto: [Uint8Array, 1],
  vlan: [Uint16Array, 1],
  innerVlan: [Uint16Array, 1],
  /** Microseconds since the epoch of the first and last packet. */
  firstUs: [Float64Array, 1],
  lastUs: [Float64Array, 1],
  origPackets: [Uint32Array, 1],
  respPackets: [Uint32Array, 1],
  /** IP bytes as the headers claim. */
  origBytes: [Float64Array, 1],
  respBytes: [Float64Array, 1],
  /** Transport payload bytes as the headers claim. */
  origPayload: [Float64Array, 1],
  respPayload: [Float64Array, 1],
  origFlags: [Uint8Array, 1],
  respFlags: [Uint8Array, 1],
  origRetransmissions: [Uint16Array, 1],
  respRetransmissions: [Uint16Array, 1],
  /** Payload bytes of the first packets that carried any; negative from the responder; 0 where there was none. */
  firstSizes: [Int16Array, FIRST_SIZES],
  connState: [Uint8Array, 1],
  /** ASCII, zero-padded. */
  history: [Uint8Array, HISTORY_BYTES],
  leaveReason: [Uint8Array, 1],
  /**
   * When the flow was due to leave, by its own packets' times alone (last packet plus timeout, or the packet that cut
   * it): never when the table happened to notice. Windows are closed by it, so that live, replay and shards agree.
   */
  leftUs: [Float64Array, 1],
  direction: [Uint8Array, 1],
  /** Tail probability given by score/; 1 until scored. Small is strange. */
  score: [Float32Array, 1],
} as const;

export type FlowColumns = Columns<typeof FLOW_COLUMNS>;
