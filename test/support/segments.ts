/** TCP conversations written as Zeek's histories: upper case is the originator. */
import { ACK, ethernet, FIN, type Frame, ipv4, RST, SYN, tcp } from './frames.js';

export const ORIG = '10.0.0.1';
export const RESP = '192.0.2.7';

export interface Talk {
  startUs?: number;
  stepUs?: number;
  sport?: number;
  dport?: number;
  /** Bytes of each D and d. */
  size?: number;
}

/**
 * One frame a letter (S H A D F R and lower case), with sequence numbers as an unbroken conversation has them.
 */
export function conversation(letters: string, o: Talk = {}): Frame[] {
  const next = [1000, 500_000];
  const spoken = [false, false];
  const size = o.size ?? 100;
  return [...letters].map((letter, i) => {
    const side = letter === letter.toUpperCase() ? 0 : 1;
    const kind = letter.toUpperCase();
    const data = kind === 'D' ? new Uint8Array(size) : new Uint8Array(0);
    let flags = { S: SYN, H: SYN | ACK, A: ACK, D: ACK, F: FIN | ACK, R: RST }[kind]!;
    if (kind === 'R' && spoken[1 - side]) flags |= ACK;
    const seq = next[side]!;
    if (kind === 'S' || kind === 'H' || kind === 'F') next[side]! += 1;
    next[side]! += data.length;
    spoken[side] = true;
    const ports = { sport: o.sport ?? 40000, dport: o.dport ?? 80 };
    const segment = { seq, ack: next[1 - side]!, flags };
    return {
      timeUs: (o.startUs ?? 1e9) + i * (o.stepUs ?? 1000),
      bytes:
        side === 0
          ? ethernet({}, ipv4({ src: ORIG, dst: RESP }, tcp({ ...ports, ...segment }, data)))
          : ethernet(
              {},
              ipv4({ src: RESP, dst: ORIG }, tcp({ sport: ports.dport, dport: ports.sport, ...segment }, data)),
            ),
    };
  });
}
