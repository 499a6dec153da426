/**
 * Nanoseconds a packet, from a frame in memory to its flow: `node .build/test/bench/flow/table.js`.
 * A million packets made from a seed, passed in batches as a source would hand them over.
 */
import { Decoder } from '../../src/decode/decoder.js';
import { Packet } from '../../src/decode/packet.js';
import { isInFlow } from '../../src/decode/verdict.js';
import { FlowTable } from '../../src/flow/table.js';
import { batchOf, ethernet, type Frame, ipv4, tcp, udp } from '../../test/support/frames.js';
import { Prng } from '../../test/support/prng.js';

const PACKETS = 1_000_000;
const BATCH = 4096;
const RUNS = 7;

/** A batch of distinct frames; addresses and ports are rewritten in place for each packet. */
function template(): ReturnType<typeof batchOf> {
  const random = new Prng(1);
  const frames: Frame[] = [];
  for (let i = 0; i < BATCH; i++) {
    const payload = new Uint8Array(random.pick([0, 0, 20, 60]));
    const ports = { sport: 1000, dport: 443 };
    const inner = i % 4 ? tcp({ ...ports, flags: 16 }, payload) : udp(ports, payload);
    frames.push({ timeUs: 0, bytes: ethernet({}, ipv4({ src: '10.0.0.1', dst: '10.1.0.1' }, inner)) });
  }
  return batchOf(frames);
}

function measure(name: string, flows: number, skew: number): void {
  const batch = template();
  const { view, start, capLen, wireLen, linkType, timeUs } = batch;
  const decodes: number[] = [];
  const totals: number[] = [];
  let live = 0;
  for (let run = 0; run < RUNS; run++) {
    const random = new Prng(2);
    const decoder = new Decoder();
    const table = new FlowTable({ memoryBytes: 256 << 20, seed: 3 });
    const p = new Packet();
    let decodeNs = 0n;
    let totalNs = 0n;
    let now = 1.7e15;
    for (let done = 0; done < PACKETS; done += BATCH) {
      for (let i = 0; i < BATCH; i++) {
        const flow = Math.floor(random.float() ** skew * flows);
        view.setUint32(start[i]! + 26, 0x0a000000 + (flow & 0xffff));
        view.setUint16(start[i]! + 34, 1024 + (flow >> 16));
        timeUs[i] = now += 1;
      }
      const t0 = process.hrtime.bigint();
      for (let i = 0; i < BATCH; i++) {
        decoder.decode(view, start[i]!, capLen[i]!, wireLen[i]!, linkType[i]!, p);
      }
      const t1 = process.hrtime.bigint();
      for (let i = 0; i < BATCH; i++) {
        p.timeUs = timeUs[i]!;
        const verdict = decoder.decode(view, start[i]!, capLen[i]!, wireLen[i]!, linkType[i]!, p);
        if (isInFlow(verdict)) table.add(p);
      }
      table.advance(now);
      const t2 = process.hrtime.bigint();
      decodeNs += t1 - t0;
      totalNs += t2 - t1;
    }
    decodes.push(Number(decodeNs) / PACKETS);
    totals.push(Number(totalNs) / PACKETS);
    live = table.live;
  }
  const said = (ns: number[]) => {
    ns.sort((a, b) => a - b);
    return `${ns[0]!.toFixed(0)} (median ${ns[ns.length >> 1]!.toFixed(0)})`;
  };
  console.log(`${name}: ${live} flows; decode ${said(decodes)} ns, decode and flow ${said(totals)} ns a packet`);
}

measure('few flows', 1000, 1);
measure('mixed', 100_000, 3);
measure('many flows', 500_000, 1);
