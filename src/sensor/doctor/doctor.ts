import { availableParallelism } from 'node:os';
import { setImmediate } from 'node:timers/promises';
import { Exit, OperatorError } from '../../base/errors.js';
import { expand } from '../../capture/expand.js';
import { openCapture } from '../../capture/file.js';
import { addonIfAny } from '../../capture/native.js';
import type { FrameBatch, FrameSource } from '../../capture/source.js';
import { openTap } from '../../capture/tap.js';
import type { Finding } from './finding.js';
import { type HostFiles, readCounters, readInterface, THIS_HOST } from './host.js';
import { machineFindings } from './machine.js';
import { Sample } from './sample.js';
import { Tagged } from './tagged.js';
import { trafficFindings } from './traffic.js';

/** Full batches in a row: the tap is faster than looking is, and counting must do until it is not. */
const BEHIND_BATCHES = 8;
const TURN_MS = 100;
const PROBE_BUFFER_BYTES = 4 << 20;
const PROBE_SNAP_BYTES = 256;

/** What was looked at, and what was found, worst first. */
export interface Examination {
  where: string;
  frames: number;
  wireBytes: number;
  seconds: number;
  /** Frames that were only counted. */
  skipped: number;
  /** Short names of what was looked at and where nothing was wrong or everything was. */
  looked: string[];
  findings: Finding[];
  /** What is wrong with the input itself, in a sentence; what could be read was read. */
  fault: string | null;
}

export interface TapSettings {
  device: string;
  filter: string | null;
  snapLen: number;
  bufferBytes: number;
  promiscuous: boolean;
  shards: number;
}

const TRAFFIC_LOOKED = [
  'both directions',
  'unseen segments',
  'duplicates',
  'truncation',
  'offloads',
  'checksums',
  'time stamps',
];
const MACHINE_LOOKED = ['link', 'ring', 'drops', 'receive errors', 'interrupts', 'clock'];

/**
 * Examines capture files, or folders of them, each by itself: time may start anew and taps may differ. Throws an
 * OperatorError where there is nothing to read.
 */
export async function* examineFiles(
  paths: readonly string[],
  filter: string | null,
  nowUs: number,
): AsyncGenerator<Examination> {
  const { files } = expand(paths);
  if (files.length === 0)
    throw new OperatorError('NO_CAPTURE', Exit.noInput, `There is no capture file in ${paths.join(', ')}.`);
  for (const where of files) yield await examineFile(where, filter, nowUs);
}

async function examineFile(where: string, filter: string | null, nowUs: number): Promise<Examination> {
  const source = openCapture(where);
  try {
    const tagged = filter === null ? null : new Tagged(filter, false);
    const sample = new Sample();
    await readAll(source, sample, tagged);
    tagged?.finish();
    return {
      where,
      ...summary(sample, sample.seconds),
      looked: filter === null ? TRAFFIC_LOOKED : [...TRAFFIC_LOOKED, 'the filter'],
      findings: trafficFindings(sample, tagged, { where, live: false, filter, nowUs }),
      fault: source.fault(),
    };
  } finally {
    source.close();
  }
}

async function readAll(source: FrameSource, sample: Sample, tagged: Tagged | null): Promise<void> {
  for (;;) {
    const got = source.read();
    if (got === 'end') return;
    if (got === 'idle') await source.ready(1000);
    else {
      sample.observe(source.batch);
      tagged?.observe(source.batch);
      await setImmediate();
    }
  }
}

/**
 * Listens on one interface for `seconds` as the sensor would, and compares what the machine counted before and after.
 * Throws an OperatorError when nothing can be captured there.
 */
export async function examineTap(
  settings: TapSettings,
  seconds: number,
  signal: AbortSignal,
  host: HostFiles = THIS_HOST,
): Promise<Examination> {
  const { device, filter, promiscuous, shards } = settings;
  const facts = readInterface(device, host);
  const sample = new Sample(facts.mac);
  const options = { device, promiscuous, fanout: null };
  const { snapLen, bufferBytes } = settings;
  const tap = openTap({ ...options, snapLen, bufferBytes, filter });
  // A second, narrow look past the filter: only so is it seen what the filter refuses.
  let probe: FrameSource | null = null;
  let tagged: Tagged | null = null;
  try {
    // Without the addon a filter cannot be tried on frames; the kernel alone runs it.
    if (filter !== null && addonIfAny() !== null) {
      tagged = new Tagged(filter, true);
      probe = openTap({ ...options, snapLen: PROBE_SNAP_BYTES, bufferBytes: PROBE_BUFFER_BYTES, filter: null });
    }
    const before = readCounters(device, host);
    const clock = Date.now() - performance.now();
    const began = performance.now();
    // Frames are let in by the first ready().
    await Promise.all([tap.ready(1), probe?.ready(1)]);
    const during = readInterface(device, host);
    await listen(tap, probe, sample, tagged, began + 1000 * seconds, signal);
    const clockStepUs = (Date.now() - performance.now() - clock) * 1000;
    const took = (performance.now() - began) / 1000;
    const after = readCounters(device, host);
    tagged?.finish();
    const { droppedRing, droppedInterface } = tap.stats();
    const nowUs = Date.now() * 1000;
    return {
      where: device,
      ...summary(sample, took),
      looked: [...MACHINE_LOOKED, ...TRAFFIC_LOOKED, ...(tagged === null ? [] : ['the filter'])],
      findings: [
        ...machineFindings(sample, {
          facts: during,
          before,
          after,
          seconds: took,
          bufferBytes,
          shards,
          promiscuous,
          droppedRing,
          droppedInterface,
          clockStepUs,
          cores: availableParallelism(),
        }),
        ...trafficFindings(sample, tagged, { where: device, live: true, filter, nowUs }),
      ],
      fault: tap.fault(),
    };
  } finally {
    tap.close();
    probe?.close();
  }
}

async function listen(
  tap: FrameSource,
  probe: FrameSource | null,
  sample: Sample,
  tagged: Tagged | null,
  untilMs: number,
  signal: AbortSignal,
): Promise<void> {
  let busy = 0;
  while (performance.now() < untilMs && !signal.aborted) {
    const got = tap.read();
    if (got === 'end') return;
    if (got === 'frames') {
      busy = isFull(tap.batch) ? busy + 1 : 0;
      if (busy > BEHIND_BATCHES) sample.skip(tap.batch);
      else sample.observe(tap.batch);
    } else busy = 0;
    if (probe?.read() === 'frames') tagged?.observe(probe.batch);
    if (got === 'idle') await tap.ready(Math.max(1, Math.min(TURN_MS, untilMs - performance.now())));
    else await setImmediate();
  }
}

/** A batch that took most of its room: more is likely to wait. */
function isFull({ arena, start, count }: FrameBatch): boolean {
  return count > start.length / 2 || start[count - 1]! > arena.length / 2;
}

function summary(sample: Sample, seconds: number) {
  return { frames: sample.frames, wireBytes: sample.wireBytes, seconds, skipped: sample.skipped };
}
