import { existsSync, mkdirSync, readdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../src/base/root.js';
import { PcapWriter } from '../../src/capture/write.js';
import { dns } from './dns.js';
import { manyflows } from './manyflows.js';
import { mixed } from './mixed.js';
import { synflood } from './synflood.js';

export const CAPTURES = ['manyflows', 'mixed', 'dns', 'synflood'] as const;
export type CaptureName = (typeof CAPTURES)[number];

/** Another seed, other addresses and order: a figure that depends on it says nothing. */
const SEED = 20_260_115;
/** Part of the file's name: raise it when a generator changes, and old files are not taken for new ones. */
const VERSION = 1;

/**
 * Makes a capture in `folder` unless it is there, and returns its path. `scale` 1 is the full size: manyflows of a
 * million flows and ten million packets, synflood of a million sources, dns of four million messages, mixed of 80
 * copies of the samples. The same scale and seed give the same bytes.
 */
export async function makeCapture(name: CaptureName, folder: string, scale: number, seed = SEED): Promise<string> {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `${name}-${scale}-${seed}-v${VERSION}.pcap`);
  if (existsSync(path)) return path;
  const writer = new PcapWriter(`${path}.part`, { snapLen: name === 'manyflows' ? 128 : 65_535 });
  const part = (n: number) => Math.max(1, Math.round(n * scale));
  if (name === 'manyflows') manyflows(writer, part(1_000_000), seed);
  else if (name === 'synflood') synflood(writer, part(1_000_000), seed);
  else if (name === 'dns') dns(writer, part(4_000_000), seed);
  else await mixed(writer, samples(), part(80), seed);
  writer.close();
  renameSync(`${path}.part`, path);
  return path;
}

function samples(): string[] {
  const folder = join(packageRoot(), 'samples');
  return readdirSync(folder)
    .filter((name) => /\.pcap(ng)?\.gz$/.test(name))
    .sort()
    .map((name) => join(folder, name));
}
