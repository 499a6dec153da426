/**
 * What one DNS message costs: scan and match in a steady stream of queries and answers.
 * Run: node --expose-gc <build>/bench/dns/stage.js
 */
import { Packet } from '../../src/decode/packet.js';
import { DnsStage } from '../../src/dns/stage.js';
import { Prng } from '../../test/support/prng.js';

const PAIRS = 4096;

/** A query for `www.exampleNNNN.com` and its answer of four records, at a fixed place in one arena. */
function corpus(): { bytes: Uint8Array; at: Uint32Array; length: Uint32Array } {
  const prng = new Prng(1);
  const parts: number[] = [];
  const at = new Uint32Array(PAIRS * 2);
  const length = new Uint32Array(PAIRS * 2);
  for (let i = 0; i < PAIRS; i++) {
    const id = prng.u32() & 0xffff;
    const label = [...Buffer.from(`example${prng.below(10_000)}`)];
    const question = [3, 119, 119, 119, label.length, ...label, 3, 99, 111, 109, 0, 0, 1, 0, 1];
    const opt = [0, 0, 41, 4, 208, 0, 0, 0, 0, 0, 0];
    const a = (n: number) => [0xc0, 12, 0, 1, 0, 1, 0, 0, 1, 44, 0, 4, 192, 0, 2, n];
    const query = [id >> 8, id & 255, 1, 0, 0, 1, 0, 0, 0, 0, 0, 1, ...question, ...opt];
    const answers = [...a(1), ...a(2), ...a(3), ...a(4)];
    const answer = [id >> 8, id & 255, 0x81, 0x80, 0, 1, 0, 4, 0, 0, 0, 1, ...question, ...answers, ...opt];
    for (const [k, m] of [query, answer].entries()) {
      at[i * 2 + k] = parts.length;
      length[i * 2 + k] = m.length;
      parts.push(...m);
    }
  }
  return { bytes: Uint8Array.from(parts), at, length };
}

const { bytes, at, length } = corpus();
const view = new DataView(bytes.buffer);
const packet = new Packet();
packet.proto = 17;
const nowUs = new Float64Array([1.7e15]);

/** One turn over the corpus, eight queries in flight, each from a port of its own; 100,000 messages a second. */
function turn(stage: DnsStage, round: number): void {
  for (let i = 0; i < PAIRS * 2; i++) {
    const group = i >> 4;
    const k = i & 15;
    const message = group * 16 + (k < 8 ? k * 2 : (k - 8) * 2 + 1);
    const query = k < 8;
    const client = query ? 0 : 4;
    packet.addr[client + 2] = 0xffff;
    packet.addr[client + 3] = 0x0a000000 | (message & 0xff0);
    packet.addr[6 - client] = 0xffff;
    packet.addr[7 - client] = 0x0a0a0a0a;
    const port = 1024 + (((message >> 1) + round * 2311) % 64_000);
    packet.srcPort = query ? port : 53;
    packet.dstPort = query ? 53 : port;
    packet.timeUs = nowUs[0] = nowUs[0]! + 10;
    packet.payloadStart = at[message]!;
    packet.payloadEnd = packet.payloadStart + length[message]!;
    packet.payloadBytes = length[message]!;
    packet.wireBytes = packet.payloadBytes + 42;
    stage.add(packet, view, bytes);
  }
}

const TURNS = 24; // about 200,000 messages a trial, with one take() at its end as a window would
const stage = new DnsStage({ memoryBytes: 16 << 20, rowsMax: 1 << 17, bytesMax: 32 << 20, seed: 7 });
const times: number[] = [];
let least = Number.POSITIVE_INFINITY;
for (let trial = 0; trial < 9; trial++) {
  globalThis.gc?.();
  const heap = process.memoryUsage().heapUsed;
  const from = process.hrtime.bigint();
  for (let t = 0; t < TURNS; t++) turn(stage, trial * TURNS + t);
  const ns = Number(process.hrtime.bigint() - from) / (TURNS * PAIRS * 2);
  least = Math.min(least, (process.memoryUsage().heapUsed - heap) / (TURNS * PAIRS * 2));
  times.push(ns);
  stage.take();
}
times.sort((a, b) => a - b);
const tally = stage.tally;
if (tally['dns.matched'] !== tally['dns.queries']) throw new Error('not every query was matched: the bench is wrong');
console.log(
  `scan + match + copy: min ${times[0]!.toFixed(0)} ns, median ${times[4]!.toFixed(0)} ns a message; heap ${least.toFixed(2)} bytes a message`,
);
