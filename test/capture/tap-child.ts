/**
 * Runs in a network namespace of the test's: opens taps, says "ready", counts until the line "stop" comes or every
 * tap has ended, and prints what it saw as JSON. What went wrong at opening is printed as JSON too.
 */
import { createInterface } from 'node:readline';
import { OperatorError } from '../../src/base/errors.js';
import type { FrameSource } from '../../src/capture/source.js';
import { openTap } from '../../src/capture/tap.js';
import { newTally, type Tally, tallyBatch } from './support.js';

export interface ChildOptions {
  device: string;
  shards: number;
  group: number;
  bufferBytes: number;
  snapLen: number;
  filter: string | null;
  /** Do not read before "stop": the ring overflows. */
  sleepy: boolean;
}

export interface ChildResult {
  error?: { code: string; exit: number; message: string };
  shards?: (Tally & { flows: string[]; dropped: number; fault: string | null; linkTypes: number[] })[];
}

const options = JSON.parse(process.argv[2]!) as ChildOptions;
const { device, shards, group, bufferBytes, snapLen, filter } = options;
let stopping = false;
let wake = () => {};
createInterface({ input: process.stdin }).once('line', () => {
  stopping = true;
  wake();
});

try {
  const taps: FrameSource[] = [];
  for (let shard = 0; shard < shards; shard++) {
    const fanout = shards === 1 ? null : { group, shards, shard };
    taps.push(openTap({ device, snapLen, promiscuous: true, bufferBytes, filter, fanout }));
  }
  const results = taps.map(() => ({ ...newTally(), flows: new Set<string>(), linkTypes: new Set<number>() }));
  for (const tap of taps) await tap.ready(0);
  process.stdout.write('ready\n');
  if (options.sleepy) await new Promise<void>((resolve) => (wake = resolve));
  await Promise.all(taps.map((tap, i) => drain(tap, results[i]!)));
  const out: ChildResult = {
    shards: taps.map((tap, i) => ({
      ...results[i]!,
      flows: [...results[i]!.flows],
      linkTypes: [...results[i]!.linkTypes],
      dropped: tap.stats().droppedRing,
      fault: tap.fault(),
    })),
  };
  for (const tap of taps) tap.close();
  print(out);
} catch (error) {
  if (!(error instanceof OperatorError)) throw error;
  print({ error: { code: error.code, exit: error.exit, message: error.message } });
}

function print(result: ChildResult): void {
  process.stdout.write(`${JSON.stringify(result)}\n`, () => process.exit(0));
}

/** Until "stop", and then until the ring is empty: a block of it may be kept back for 50 ms. */
async function drain(tap: FrameSource, into: Tally & { flows: Set<string>; linkTypes: Set<number> }): Promise<void> {
  for (let quiet = 0; quiet < 3; ) {
    const got = tap.read();
    if (got === 'end') return;
    if (got === 'idle') {
      quiet = stopping ? quiet + 1 : 0;
      await tap.ready(100);
      continue;
    }
    quiet = 0;
    tallyBatch(into, tap);
    const { view, start, capLen, linkType, count } = tap.batch;
    for (let i = 0; i < count; i++) {
      into.linkTypes.add(linkType[i]!);
      const at = start[i]! + 14;
      if (capLen[i]! < 38 || view.getUint16(at - 2) !== 0x0800) continue;
      const ends = [
        `${view.getUint32(at + 12)}:${view.getUint16(at + 20)}`,
        `${view.getUint32(at + 16)}:${view.getUint16(at + 22)}`,
      ];
      into.flows.add(ends.sort().join(' '));
    }
  }
}
