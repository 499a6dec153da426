/**
 * What a frame of a capture costs on its way to its flow, in one thread: CPU nanoseconds a frame, least and median of
 * the runs, each stage with all those before it.
 *
 *     node .build/test/bench/flow/captures.js FILE [runs] [read|decode|flow|shard ...]
 *
 * `digest` instead of a stage prints a hash over all finished rows in canonical order, to compare two versions by.
 */
import { createHash } from 'node:crypto';
import { buffersOf } from '../../src/base/columns.js';
import { openCaptures } from '../../src/capture/files.js';
import type { FrameSource } from '../../src/capture/source.js';
import { Decoder } from '../../src/decode/decoder.js';
import { Packet } from '../../src/decode/packet.js';
import { PACKETS_MAX, Packets } from '../../src/decode/packets.js';
import { isInFlow } from '../../src/decode/verdict.js';
import { FLOW_COLUMNS, type FlowColumns } from '../../src/flow/columns.js';
import { mergeFlows } from '../../src/flow/order.js';
import { FlowTable } from '../../src/flow/table.js';
import { budget } from '../../src/sensor/budget.js';
import { Shard } from '../../src/sensor/shard.js';

const MEMORY = Number(process.env.MEMORY ?? 1024) * 2 ** 20;
const timeouts = { tcp: 300, udp: 60, icmp: 30, active: 1800, dns: 10 };

type Stage = (source: FrameSource) => void;

const read: Stage = (source) => {
  while (source.read() !== 'end');
};

/** Fills `packets` from the batch's row `row` on; returns the row after. */
function decodeSome(decoder: Decoder, source: FrameSource, row: number, p: Packet, packets: Packets): number {
  const { view, start, capLen, wireLen, linkType, timeUs, count } = source.batch;
  packets.count = 0;
  const to = Math.min(count, row + PACKETS_MAX);
  for (row = decoder.decodeShort(source.batch, row, to, packets); row < to; ) {
    p.timeUs = timeUs[row]!;
    if (isInFlow(decoder.decode(view, start[row]!, capLen[row]!, wireLen[row]!, linkType[row]!, p))) packets.put(p);
    row = decoder.decodeShort(source.batch, row + 1, to, packets);
  }
  return row;
}

const decode: Stage = (source) => {
  const decoder = new Decoder();
  const p = new Packet();
  const packets = new Packets();
  while (source.read() !== 'end') {
    for (let row = 0; row < source.batch.count; ) row = decodeSome(decoder, source, row, p, packets);
  }
};

const flow: Stage = (source) => {
  const decoder = new Decoder();
  const table = new FlowTable({ memoryBytes: MEMORY * 0.4, seed: 3, finishedMax: 1 << 21 });
  const p = new Packet();
  const packets = new Packets();
  while (source.read() !== 'end') {
    const { timeUs, count } = source.batch;
    for (let row = 0; row < count; ) {
      row = decodeSome(decoder, source, row, p, packets);
      table.addAll(packets);
    }
    if (count > 0) table.advance(timeUs[count - 1]!);
  }
};

function throughShard(source: FrameSource, took: (flows: FlowColumns) => void): Shard {
  const shard = new Shard([source], { budget: budget(MEMORY, 1), hashSeed: 3, timeouts });
  for (;;) {
    const pause = shard.run(Number.POSITIVE_INFINITY, () => true);
    if (pause === 'end') break;
    took(shard.take().flows);
  }
  return shard;
}

const shard: Stage = (source) => {
  throughShard(source, () => {});
};

const STAGES: Record<string, Stage> = { read, decode, flow, shard };

async function digest(path: string): Promise<void> {
  const parts: FlowColumns[] = [];
  const source = await openCaptures([path], {});
  const s = throughShard(source, (flows) => parts.push(flows));
  while (!s.flush()) parts.push(s.take().flows);
  parts.push(s.take().flows);
  const merged = mergeFlows(parts);
  const hash = createHash('sha256');
  for (const buffer of buffersOf(FLOW_COLUMNS, merged)) hash.update(new Uint8Array(buffer));
  hash.update(JSON.stringify(s.ledger()));
  source.close();
  console.log(`${path} ${merged.count} flows ${hash.digest('hex').slice(0, 24)}`);
}

const [path, runs = '5', ...wanted] = process.argv.slice(2);
if (path === undefined) throw new Error('Say which capture: captures.js FILE [runs] [stage ...]');
for (const name of wanted.length > 0 ? wanted : Object.keys(STAGES)) {
  if (name === 'digest') {
    await digest(path);
    continue;
  }
  const costs: number[] = [];
  for (let n = 0; n < Number(runs); n++) {
    const source = await openCaptures([path], {});
    const before = process.cpuUsage();
    STAGES[name]!(source);
    const { user, system } = process.cpuUsage(before);
    costs.push(((user + system) * 1000) / source.stats().frames);
    source.close();
  }
  costs.sort((a, b) => a - b);
  const told = `${costs[0]!.toFixed(1).padStart(7)} ${costs[costs.length >> 1]!.toFixed(1).padStart(7)}`;
  console.log(`${name.padEnd(8)} ${told} ns a frame (least, median)`);
}
