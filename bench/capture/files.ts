/**
 * What reading a frame from a file costs: CPU nanoseconds a frame, least and median of five, from the page cache.
 *
 *     node .build/test/bench/capture/files.js [frames]
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { seeded } from '../../src/capture/faults.js';
import { type CaptureOptions, openCapture } from '../../src/capture/file.js';
import { PcapWriter } from '../../src/capture/write.js';
import { PcapngBuilder } from '../../test/capture/pcapng.js';
import { udp4 } from '../../test/capture/support.js';

const count = Number(process.argv[2] ?? 1e6);
const folder = mkdtempSync(join(tmpdir(), 'tapspot-bench-'));
const random = seeded(1);
const pcap = join(folder, 'x.pcap');
const writer = new PcapWriter(pcap);
const ng = new PcapngBuilder().section().interface(1, 0);
for (let n = 0; n < count; n++) {
  const frame = udp4(random() * 1e9, random() * 1e9, n & 0xffff, 53, random() * 200);
  writer.add(frame, 0, frame.length, frame.length, 1.7e15 + n);
  if (n < count / 10) ng.enhanced(0, BigInt(1.7e15 + n), frame, frame.length);
}
writer.close();
const pcapng = join(folder, 'x.pcapng');
writeFileSync(pcapng, ng.bytes());
const gz = join(folder, 'x.pcap.gz');
writeFileSync(gz, gzipSync(readFileSync(pcap), { level: 1 }));

async function cost(path: string, options: CaptureOptions): Promise<number> {
  const before = process.cpuUsage();
  const source = openCapture(path, options);
  for (let got = source.read(); got !== 'end'; got = source.read()) if (got === 'idle') await source.ready(1000);
  const { user, system } = process.cpuUsage(before);
  const { frames, otherShard, filtered } = source.stats();
  source.close();
  return ((user + system) * 1000) / (frames + otherShard + filtered);
}

for (const [what, path, options] of [
  ['pcap', pcap, {}],
  ['pcapng', pcapng, {}],
  ['pcap.gz', gz, {}],
  ['pcap, one of 2 shards', pcap, { shard: 0, shards: 2 }],
  ['pcap, filter', pcap, { filter: 'udp port 53' }],
] as const) {
  const runs: number[] = [];
  for (let n = 0; n < 6; n++) runs.push(await cost(path, options));
  const sorted = runs.slice(1).sort((a, b) => a - b);
  process.stdout.write(
    `${what.padEnd(24)} ${sorted[0]!.toFixed(1).padStart(6)} ${sorted[2]!.toFixed(1).padStart(6)}\n`,
  );
}
rmSync(folder, { recursive: true });
