import { seeded } from '../../src/capture/faults.js';
import type { PcapWriter } from '../../src/capture/write.js';
import { FrameBuffer } from './frame.js';
import { hash2, zipf } from './random.js';

const ACK = 16;
const SYN = 2;
const PACKETS_PER_FLOW = 10;
const KEPT_BYTES = 128;
const START_US = Date.UTC(2026, 0, 15, 9) * 1000;
/** 500,000 packets a second. */
const STEP_US = 2;

/** Simple IMIX: 7 short, 4 middling, 1 long; bytes of the IP packet. */
const IMIX = [40, 40, 40, 40, 40, 40, 40, 576, 576, 576, 576, 1500] as const;

/**
 * `flows` conversations, ten times as many packets: every tenth opens the next flow, the rest go to flows by Zipf's
 * law, so that some are hot and most are met again when they have long left the cache. 85 % TCP, both directions,
 * sequence numbers that follow, 128 bytes kept of each.
 */
export function manyflows(writer: PcapWriter, flows: number, seed: number): void {
  const random = seeded(seed);
  const frame = new FrameBuffer();
  const next = new Uint32Array(2 * flows);
  const packets = flows * PACKETS_PER_FLOW;
  for (let i = 0; i < packets; i++) {
    const opens = i % PACKETS_PER_FLOW === 0;
    const open = Math.floor(i / PACKETS_PER_FLOW) + 1;
    const flow = opens ? open - 1 : zipf(open, random());
    const about = hash2(flow, seed);
    const up = opens || random() < 0.45;
    const client = 0x0a000000 | (hash2(flow, seed + 1) & 0x00ffffff);
    // 1.0.0.0 to 126.255.255.255: public, but for the client's own network.
    const server = (((about >>> 8) % 126) + 1) * 0x1000000 + (hash2(flow, seed + 2) & 0xffffff);
    const sport = 1024 + (hash2(flow, seed + 3) % 64_000);
    const isTcp = about % 100 < 85;
    const dport = isTcp ? (about & 1 ? 443 : 80) : 4500;
    const ipBytes = opens ? 40 : Math.max(isTcp ? 40 : 28, IMIX[Math.floor(random() * IMIX.length)]!);
    frame.ipv4(up ? client : server, up ? server : client, isTcp ? 6 : 17, ipBytes);
    if (isTcp) {
      const own = 2 * flow + (up ? 0 : 1);
      const other = 2 * flow + (up ? 1 : 0);
      frame.tcp(up ? sport : dport, up ? dport : sport, next[own]!, opens ? 0 : next[other]!, opens ? SYN : ACK);
      next[own]! += opens ? 1 : ipBytes - 40;
    } else frame.udp(up ? sport : dport, up ? dport : sport, ipBytes - 20);
    const wire = Math.max(60, ipBytes + 14);
    if (ipBytes + 14 <= KEPT_BYTES) frame.seal(isTcp ? 6 : 17, ipBytes + 14);
    writer.add(frame.bytes, 0, Math.min(KEPT_BYTES, wire), wire, START_US + i * STEP_US);
  }
}
