import type { Buffered } from '../decode/stream-buffer.js';
import { NO_ALERT } from './columns.js';

/**
 * How the next bytes of one direction are read.
 *
 * - fresh: the first bytes, which decide what the stream is; resync: a message may begin with any segment.
 * - tls: records; head, body, chunk, trailer: an HTTP message; ignore: nothing more is wanted.
 */
export const Mode = { fresh: 0, resync: 1, tls: 2, head: 3, body: 4, chunk: 5, trailer: 6, ignore: 7 } as const;

/** One direction of a connection. */
export class Side {
  /** Sequence number of the first byte not yet read; `known` once it has one. */
  known = false;
  base = 0;
  buffer: Buffered | null = null;
  mode: number = Mode.fresh;
  /** Bytes of an HTTP body still to pass over; Infinity until the connection ends. */
  skip = 0;
  /** After this much of a body comes another chunk, not another head. */
  chunked = false;
  /** Bytes from `base` that were searched for the end of a head. */
  scanned = 0;
  /** The record at hand: its type and what is left of it; and handshake messages that are not whole yet. */
  recordType = 0;
  recordLeft = 0;
  messages: Buffered | null = null;
  /** Bytes of a handshake message to pass over. */
  messageSkip = 0;
  alertBytes = 0;
  /** Encrypted records have begun. */
  encrypted = false;

  reset(): void {
    this.known = false;
    this.base = 0;
    this.begin(Mode.fresh);
  }

  /** Starts over with the bytes from `base` on. */
  begin(mode: number): void {
    this.mode = mode;
    this.skip = this.scanned = this.recordType = this.recordLeft = this.messageSkip = this.alertBytes = 0;
    this.chunked = this.encrypted = false;
  }
}

/** What is known of a TLS handshake so far, over TCP or QUIC. */
export class Handshake {
  /** The client's end of the connection, or -1. */
  client = -1;
  startUs = Number.NaN;
  serverUs = Number.NaN;
  flags = 0;
  clientAlert: number = NO_ALERT;
  serverAlert: number = NO_ALERT;
  chain = 0;
  clientHello: Uint8Array | null = null;
  serverHello: Uint8Array | null = null;
  certificate: Uint8Array | null = null;
  sniFrom = 0;
  sniLength = 0;

  /** Bytes held. */
  get bytes(): number {
    return (this.clientHello?.length ?? 0) + (this.serverHello?.length ?? 0) + (this.certificate?.length ?? 0);
  }
}

/** A request that waits for its response. `text` is method, target, host, user agent and referer, by `lengths`. */
export interface Request {
  timeUs: number;
  minor: number;
  flags: number;
  text: Uint8Array;
  lengths: readonly number[];
  bodyBytes: number;
  head: boolean;
  connect: boolean;
}

export interface Response {
  request: Request | null;
  timeUs: number;
  endUs: number;
  status: number;
  minor: number;
  flags: number;
  type: Uint8Array;
  bodyBytes: number;
}

export const DialogKind = { unknown: 0, tls: 1, http: 2 } as const;

/** The parser of one TCP connection; there is a fixed number of them. */
export class Dialog {
  slot = -1;
  vlan = 0;
  kind: number = DialogKind.unknown;
  readonly sides: readonly [Side, Side] = [new Side(), new Side()];
  handshake = new Handshake();
  /** HTTP: the client's end, or -1; requests without a response yet; what is being sent. */
  client = -1;
  requests: Request[] = [];
  sending: Request | null = null;
  response: Response | null = null;
  /** Bytes that handshake and requests hold. */
  held = 0;
  /** How much of that is in the total of all dialogs. */
  counted = 0;
  /** Ends that have said they are done. */
  closed = 0;
  /** Neighbours in the order in which dialogs began. */
  older = -1;
  newer = -1;

  reset(): void {
    this.slot = this.older = this.newer = -1;
    this.kind = DialogKind.unknown;
    this.sides[0].reset();
    this.sides[1].reset();
    this.handshake = new Handshake();
    this.client = -1;
    this.requests = [];
    this.sending = this.response = null;
    this.held = this.counted = this.closed = 0;
  }
}
