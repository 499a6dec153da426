import { buffersOf } from '../base/columns.js';
import { Exit, OperatorError } from '../base/errors.js';
import { openCaptures } from '../capture/files.js';
import type { FrameSource } from '../capture/source.js';
import { openTap } from '../capture/tap.js';
import { DNS_COLUMNS } from '../dns/columns.js';
import { FLOW_COLUMNS } from '../flow/columns.js';
import type { Ledger } from '../record/ledger.js';
import { type Part, type Pause, Shard, type ShardOptions } from './shard.js';
import { answering, moved } from './thread.js';

/** Where a shard's frames come from. */
export type Origin =
  | { kind: 'files'; paths: string[]; filter: string; shard: number; shards: number }
  | {
      kind: 'taps';
      interfaces: string[];
      snapLen: number;
      promiscuous: boolean;
      bufferBytes: number;
      filter: string;
      /** One fanout group for each interface, in the same order; null where the shard is alone. */
      fanoutGroups: number[] | null;
      shard: number;
      shards: number;
    };

export interface Report {
  pause: Pause;
  /** Time of the frame that waits; NaN when none does. */
  nextUs: number;
  firstUs: number;
  lastUs: number;
  /** Running totals. */
  ledger: Ledger;
  progress: { done: number; total: number } | null;
  faults: string[];
}

/** The calls that this file answers; state lives from `open` to `close`. */
export type ShardCalls = {
  open: { in: { origin: Origin; options: ShardOptions }; out: null };
  /** To be called when all shards are open: a tap takes nothing before, or flows would be cut in two. */
  start: { in: null; out: Report };
  run: { in: { untilUs: number; turnMs: number }; out: Report };
  /**
   * `flushUs`: nothing more will come, and this is how late it is; null: the shard goes on. `done` is false when a
   * flush found more rows than fit: take again.
   */
  take: { in: { flushUs: number | null }; out: Part & { done: boolean } };
  report: { in: null; out: Report };
  close: { in: null; out: null };
};

/** A quiet tap is looked at this often, so that windows close on time. */
const QUIET_MS = 100;
/** Frames may come out of the ring this long after they were stamped. */
const RING_LAG_US = 250_000;

let sources: FrameSource[] = [];
let shard: Shard | null = null;
let live = false;

export const open = answering(async ({ origin, options }: ShardCalls['open']['in']): Promise<null> => {
  sources = await openOrigin(origin);
  live = origin.kind === 'taps';
  shard = new Shard(sources, options);
  return null;
});

/** Fetches the first frames, which say when the first window of a file is. */
export async function start(): Promise<Report> {
  const s = opened();
  let pause = s.run(Number.NEGATIVE_INFINITY, () => true);
  while (!live && pause === 'idle') {
    await waiting();
    pause = s.run(Number.NEGATIVE_INFINITY, () => true);
  }
  return account(s, pause);
}

export const run = answering(async ({ untilUs, turnMs }: ShardCalls['run']['in']): Promise<Report> => {
  const s = opened();
  const deadline = performance.now() + turnMs;
  const more = () => performance.now() < deadline;
  for (;;) {
    const pause = s.run(untilUs, more);
    if (pause !== 'idle') return account(s, pause);
    if (live) {
      // A quiet network must still close its windows: the one place where the wall clock is let in.
      const nowUs = Date.now() * 1000 - RING_LAG_US;
      s.advance(Math.min(nowUs, untilUs));
      if (nowUs >= untilUs) return account(s, 'until');
    }
    if (!more()) return account(s, 'turn');
    await waiting();
  }
});

export function take({ flushUs }: ShardCalls['take']['in']): ShardCalls['take']['out'] {
  const s = opened();
  if (flushUs !== null) s.advance(flushUs);
  const done = flushUs === null || s.flush();
  const part = { ...s.take(), done };
  return moved(part, [
    ...buffersOf(FLOW_COLUMNS, part.flows),
    ...buffersOf(DNS_COLUMNS, part.dns.rows),
    part.dns.bytes.buffer as ArrayBuffer,
  ]);
}

/** How things stand after the last take. */
export function report(): Report {
  return account(opened(), 'end');
}

export function close(): null {
  for (const source of sources) source.close();
  sources = [];
  shard = null;
  return null;
}

/** Until some source may have frames. */
function waiting(): Promise<unknown> {
  return Promise.race(sources.map((source) => source.ready(QUIET_MS)));
}

function opened(): Shard {
  if (shard === null) throw new Error('the shard was asked to work before it was opened');
  return shard;
}

function account(s: Shard, pause: Pause): Report {
  const parts = sources.map((source) => source.progress());
  const progress = parts.some((p) => p === null)
    ? null
    : parts.reduce((sum, p) => ({ done: sum!.done + p!.done, total: sum!.total + p!.total }), { done: 0, total: 0 });
  const faults = sources.flatMap((source) => source.fault() ?? []);
  return { pause, nextUs: s.nextUs(), ...s.span(), ledger: s.ledger(), progress, faults };
}

async function openOrigin(origin: Origin): Promise<FrameSource[]> {
  if (origin.kind === 'files') {
    return [await openCaptures(origin.paths, { shard: origin.shard, shards: origin.shards, filter: origin.filter })];
  }
  const { interfaces, snapLen, promiscuous, bufferBytes, filter, fanoutGroups, shard, shards } = origin;
  if (interfaces.length === 0)
    throw new OperatorError('NO_INTERFACE', Exit.usage, 'There is no interface to listen on.');
  return interfaces.map((device, i) => {
    const fanout = fanoutGroups === null ? null : { group: fanoutGroups[i]!, shards, shard };
    return openTap({ device, snapLen, promiscuous, bufferBytes, filter, fanout });
  });
}
