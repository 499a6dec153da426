/** Measures what a packet costs on the heap; started by test/flow/no-alloc.test.ts with the flags that make it exact. */
import { Decoder } from '../../src/decode/decoder.js';
import { Fragments } from '../../src/decode/fragments.js';
import { Packet } from '../../src/decode/packet.js';
import { PACKETS_MAX, Packets } from '../../src/decode/packets.js';
import { isInFlow } from '../../src/decode/verdict.js';
import { FlowTable } from '../../src/flow/table.js';
import { batchOf, ethernet, type Frame, ipv4, ipv6, tcp, udp } from './frames.js';
import { Prng } from './prng.js';

const random = new Prng(4);
const frames: Frame[] = [];
for (let i = 0; i < 20_000; i++) {
  const n = random.below(1000);
  const ports = { sport: 1024 + n, dport: n % 3 ? 80 : 53 };
  const payload = new Uint8Array(random.below(100));
  const inner =
    n % 2 ? udp(ports, payload) : tcp({ ...ports, flags: 16, seq: random.u32(), ack: random.u32() }, payload);
  const more = n % 50 === 1;
  const ip =
    n % 5 === 0
      ? ipv6({ src: '2001:db8::1', dst: '2001:db8::2' }, inner)
      : ipv4({ src: n % 2 ? '10.0.0.1' : '203.0.113.1', dst: '198.51.100.9', moreFragments: more, id: i & 255 }, inner);
  frames.push({ timeUs: 1e15 + 0.25 + i * 10, bytes: ethernet({ vlans: n % 7 ? [] : [5] }, ip) });
}
const batch = batchOf(frames);
const decoder = new Decoder();
const fragments = new Fragments({ memoryBytes: 1 << 20, seed: 1 });
const table = new FlowTable({ memoryBytes: 4 << 20, seed: 1 });
const p = new Packet();
const packets = new Packets();
let shiftUs = 0;

function turn(): void {
  const { view, start, capLen, wireLen, linkType, timeUs, count } = batch;
  for (let from = 0; from < count; from += PACKETS_MAX) {
    const to = Math.min(count, from + PACKETS_MAX);
    packets.count = 0;
    for (let i = decoder.decodeShort(batch, from, to, packets); i < to; ) {
      p.timeUs = timeUs[i]!;
      const verdict = decoder.decode(view, start[i]!, capLen[i]!, wireLen[i]!, linkType[i]!, p);
      if (isInFlow(verdict)) {
        if (p.fragment) fragments.add(p, view);
        packets.put(p);
      }
      i = decoder.decodeShort(batch, i + 1, to, packets);
    }
    for (let i = 0; i < packets.count; i++) packets.timeUs[i]! += shiftUs;
    table.addAll(packets);
  }
  shiftUs += 200_000;
}

let kept: object | null = null;
function careless(): void {
  for (let i = 0; i < batch.count; i++) kept = { timeUs: batch.timeUs[i]!, row: i };
}

/** Bytes of heap that `body` takes for each of `n`; the least of many, since other things allocate, too. */
function bytesPer(n: number, body: () => void): number {
  for (let i = 0; i < 10; i++) body();
  let least = Number.POSITIVE_INFINITY;
  for (let trial = 0; trial < 10; trial++) {
    globalThis.gc!();
    const before = process.memoryUsage().heapUsed;
    body();
    least = Math.min(least, (process.memoryUsage().heapUsed - before) / n);
  }
  return least;
}

const bytesPerPacket = bytesPer(batch.count, turn);
const control = bytesPer(batch.count, careless);
process.stdout.write(
  JSON.stringify({ bytesPerPacket, control, packets: batch.count, flows: table.live, kept: kept !== null }),
);
