import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../src/base/root.js';
import { measure, median, native } from './measure.js';
import { shardPass } from './shard-path.js';

/** bench/regression.json: what was measured when the figure was last set, and how much worse fails. */
export interface Committed {
  /** CPU a packet of the shard path, in times that of the floor. */
  ratio: number;
  /** A measured ratio above `ratio * allowed` is a regression. */
  allowed: number;
}

const file = join(packageRoot(), 'bench', 'regression.json');

export const committed = (): Committed => JSON.parse(readFileSync(file, 'utf8')) as Committed;

/** Sets the figure anew; what is allowed stays. */
export function commit(ratio: number): void {
  const rounded = Math.round(ratio * 100) / 100;
  writeFileSync(file, `${JSON.stringify({ ...committed(), ratio: rounded }, null, 2)}\n`);
}

/** Fails only when two attempts in a row are too slow: one may have met a busy machine. */
export function judge(committed: Committed, attempt: () => number): { ok: boolean; ratios: number[] } {
  const ratios: number[] = [];
  for (let n = 0; n < 2; n++) {
    const ratio = attempt();
    ratios.push(ratio);
    if (ratio <= committed.ratio * committed.allowed) return { ok: true, ratios };
  }
  return { ok: false, ratios };
}

export interface Ratio {
  ratio: number;
  /** Medians, nanoseconds a packet. */
  floorNs: number;
  shardNs: number;
  packets: number;
  flows: number;
}

/**
 * The shard path against the floor on one capture: `rounds` times one pass of each in turn, and the median of the
 * rounds' ratios, so that a machine that is slow for a while is slow for both. The first pass only warms up.
 */
export function ratioToFloor(capture: string, rounds: number): Ratio {
  const floor = () => {
    const cost = measure([native('floor'), capture, '18'], -1, 60_000);
    if (cost.code !== 0) throw new Error(`the floor ended with ${cost.code}`);
    const [packets, flows] = cost.stdout.split(' ').map(Number);
    return { packets: packets!, flows: flows!, ns: cost.cpuSeconds * 1e9 };
  };
  shardPass(capture);
  const seen = { floor: [] as number[], shard: [] as number[], ratio: [] as number[] };
  let packets = 0;
  let flows = 0;
  for (let round = 0; round < rounds; round++) {
    const bare = floor();
    const ours = shardPass(capture);
    // A program that skipped some of the work would look fast.
    if (ours.frames !== bare.packets || ours.flows < bare.flows)
      throw new Error(
        `the floor saw ${bare.packets} packets of ${bare.flows} flows, the shard ${ours.frames} of ${ours.flows}`,
      );
    packets = ours.frames;
    flows = ours.flows;
    seen.floor.push(bare.ns / packets);
    seen.shard.push(ours.ns / packets);
    seen.ratio.push(ours.ns / bare.ns);
  }
  return { ratio: median(seen.ratio), floorNs: median(seen.floor), shardNs: median(seen.shard), packets, flows };
}
