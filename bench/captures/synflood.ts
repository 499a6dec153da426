import type { PcapWriter } from '../../src/capture/write.js';
import { FrameBuffer } from './frame.js';
import { hash2 } from './random.js';

const SYN = 2;
const ACK = 16;
const START_US = Date.UTC(2026, 0, 15, 10) * 1000;
/** 100,000 packets a second. */
const STEP_US = 10;
const VICTIM = 0xc0000250; // 192.0.2.80

/** One SYN from each of `sources` spoofed addresses to one port, and the answer that nobody takes up. */
export function synflood(writer: PcapWriter, sources: number, seed: number): void {
  const frame = new FrameBuffer();
  for (let i = 0; i < sources; i++) {
    const src = (((hash2(i, seed) >>> 8) % 220) + 1) * 0x1000000 + (i & 0xffffff);
    const port = 1024 + (hash2(i, seed + 1) % 64_000);
    const seq = hash2(i, seed + 2);
    frame.ipv4(src, VICTIM, 6, 40);
    frame.tcp(port, 80, seq, 0, SYN);
    frame.seal(6, 54);
    writer.add(frame.bytes, 0, 60, 60, START_US + 2 * i * STEP_US);
    frame.ipv4(VICTIM, src, 6, 40);
    frame.tcp(80, port, hash2(i, seed + 3), seq + 1, SYN | ACK);
    frame.seal(6, 54);
    writer.add(frame.bytes, 0, 60, 60, START_US + (2 * i + 1) * STEP_US);
  }
}
