/** Healthy TCP connections to spoil, for the tests of `tapspot doctor`. */
import { ACK, ethernet, type Frame, ipv4, PSH, SYN, tcp } from './frames.js';

export const T0 = Date.UTC(2026, 2, 1) * 1000;
export const MSS = Uint8Array.of(2, 4, 0x05, 0xb4); // 1,460 bytes

export interface Talk {
  connections?: number;
  /** Data segments each way. */
  segments?: number;
  payload?: number;
  vlans?: number[];
  /** Leaves a frame out, or changes it. */
  change?: (frame: Frame, what: { up: boolean; data: boolean; n: number }) => Frame | Frame[] | null;
}

/** Healthy TCP connections: handshake, then data that the other side acknowledges. Every packet has its own IP id. */
export function talk(o: Talk = {}): Frame[] {
  const { connections = 20, segments = 20, payload = 500, vlans = [], change = (f) => f } = o;
  const out: Frame[] = [];
  let id = 1;
  let n = 0;
  for (let c = 0; c < connections; c++) {
    const [a, b] = [`10.0.${c >> 8}.${c & 255}`, '192.0.2.1'];
    let [up, down] = [1000 + c * 77, 9_000_000 + c * 55];
    const send = (isUp: boolean, flags: number, bytes: number) => {
      const ends = isUp ? { sport: 40_000 + c, dport: 443 } : { sport: 443, dport: 40_000 + c };
      const seq = isUp ? up : down;
      const ack = flags & ACK ? (isUp ? down : up) : 0;
      const options = flags & SYN ? MSS : new Uint8Array(0);
      const segment = tcp({ ...ends, seq, ack, flags, options }, new Uint8Array(bytes).fill(c));
      const packet = ipv4({ src: isUp ? a! : b!, dst: isUp ? b! : a!, id: id++ & 0xffff }, segment);
      const used = bytes + (flags & SYN ? 1 : 0);
      if (isUp) up += used;
      else down += used;
      const frame = { timeUs: T0 + n * 2000 + c, bytes: ethernet({ vlans }, packet) };
      const got = change(frame, { up: isUp, data: bytes > 0, n: n++ });
      if (got !== null) out.push(...(Array.isArray(got) ? got : [got]));
    };
    send(true, SYN, 0);
    send(false, SYN | ACK, 0);
    send(true, ACK, 0);
    for (let i = 0; i < segments; i++) {
      send(true, ACK | PSH, payload);
      send(false, ACK | PSH, payload);
    }
    send(true, ACK, 0);
  }
  return out;
}
