import { openCapture } from '../../src/capture/file.js';
import { mergeDns } from '../../src/dns/order.js';
import { mergeFlows } from '../../src/flow/order.js';
import { type ScoredWindow, Scorer } from '../../src/score/scorer.js';
import type { Window } from '../../src/score/window.js';
import { budget } from '../../src/sensor/budget.js';
import { type Part, Shard } from '../../src/sensor/shard.js';

const MiB = 2 ** 20;

/** What a capture holds, as windows of `seconds` that ended when their last frame was seen; one window for Infinity. */
export async function replayed(path: string, seconds = Number.POSITIVE_INFINITY): Promise<Window[]> {
  const timeouts = { tcp: 300, udp: 60, icmp: 30, active: 600, dns: 10 };
  const source = openCapture(path);
  const shard = new Shard([source], { budget: budget(256 * MiB, 1), hashSeed: 1, timeouts });
  const windows: Window[] = [];
  let parts: Part[] = [];
  const close = (fromUs: number, toUs: number) => {
    parts.push(shard.take());
    const flows = mergeFlows(parts.map((p) => p.flows));
    const dns = mergeDns(parts.map((p) => p.dns));
    windows.push({ fromUs, toUs, flows, dns, ledger: {} });
    parts = [];
  };
  let fromUs = Number.NaN;
  for (;;) {
    const untilUs = Number.isNaN(fromUs) ? Number.POSITIVE_INFINITY : fromUs + seconds * 1e6;
    const pause = shard.run(untilUs, () => !Number.isNaN(fromUs));
    if (Number.isNaN(fromUs) && Number.isFinite(shard.span().firstUs)) fromUs = shard.span().firstUs;
    if (pause === 'full') parts.push(shard.take());
    if (pause === 'idle') await source.ready(1000);
    if (pause === 'end') break;
    if (pause === 'until') {
      close(fromUs, untilUs);
      fromUs = untilUs;
    }
  }
  while (!shard.flush()) parts.push(shard.take());
  source.close();
  close(fromUs, Math.max(shard.span().lastUs, fromUs + 1));
  return windows;
}

/** The windows, scored in order. */
export function scored(windows: readonly Window[]): ScoredWindow[] {
  const scorer = new Scorer({ wordSet: 'tapspot', seed: 1, topics: 10, memoryBytes: 64 * MiB });
  return windows.map((w) => scorer.close(w));
}
