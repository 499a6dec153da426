import { Exit, OperatorError } from '../base/errors.js';
import { BATCH_ROWS, newBatch, wireBytesOf } from './batch.js';
import { hasFallback, openFallback } from './fallback.js';
import { within } from './file.js';
import { filterError } from './filter.js';
import { linkTypeOfDataLink } from './linktype.js';
import { addon, addonIfAny, type NativeError, type NativeTap, noLibpcap } from './native.js';
import type { CaptureStats, FrameBatch, FrameSource } from './source.js';

export interface TapOptions {
  device: string;
  /** Bytes of each frame to keep. */
  snapLen: number;
  promiscuous: boolean;
  /** The kernel's ring, for this handle. */
  bufferBytes: number;
  /** A pcap-filter(7) expression, run by the kernel; empty or null accepts everything. */
  filter: string | null;
  /**
   * This handle is one of `shards` that share the device: the kernel sends each flow, both directions, to one of
   * them. `group` is a number from 0 to 65535 that no other program on this machine uses. `shard` is this handle's
   * own number; only shard 0 reports the interface's own drops, which are one count for all.
   */
  fanout: { group: number; shards: number; shard?: number } | null;
}

/** Two million bytes: at least seven of the longest frames, and a full batch of the usual ones. */
const ARENA_BYTES = 1 << 21;
const SNAP_LEN_MIN = 64;
const BUFFER_BYTES_MIN = 1 << 17;

/**
 * Opens a live tap. It lets frames in from the first ready() on, and read() before that is 'idle': open all shards of
 * a fanout group before waiting for any, and no flow is cut in two by a shard that joined late.
 *
 * Where the addon is not built, the package `cap` stands in for it if it is installed (fallback.ts); name says so.
 *
 * Throws an OperatorError: no such device (66), no permission (77), device down (66), filter not understood (64), no
 * addon or no libpcap (69).
 */
export function openTap(options: TapOptions): FrameSource {
  check(options);
  if (addonIfAny() !== null || !hasFallback()) return new Tap(options);
  if ((options.fanout?.shards ?? 1) === 1) return openFallback(options);
  throw new OperatorError(
    'capture.fallback-shards',
    Exit.config,
    `Without Tapspot's native addon ${options.device} is captured through cap, which one shard alone can do. ` +
      'Set one shard, or run "npm run build:native" in the package folder.',
  );
}

class Tap implements FrameSource {
  readonly name: string;
  readonly batch: FrameBatch;
  readonly #native: NativeTap;
  readonly #device: string;
  readonly #reportsInterface: boolean;
  readonly #stats = { frames: 0, wireBytes: 0 };
  readonly #totals = new Float64Array(3);
  #started = false;
  #ended = false;
  #fault: string | null = null;
  #wake: (() => void) | null = null;

  constructor(options: TapOptions) {
    const { device, snapLen, promiscuous, bufferBytes, fanout } = options;
    const filter = options.filter ?? '';
    const shard = fanout?.shard ?? 0;
    this.name = fanout === null || fanout.shards === 1 ? device : `${device} (${shard + 1} of ${fanout.shards})`;
    this.#device = device;
    this.#reportsInterface = shard === 0;
    const { Tap: Native } = addon('Live capture');
    try {
      this.#native = new Native(device, snapLen, promiscuous, bufferBytes, filter, fanout?.group ?? -1, () =>
        this.#awaken(),
      );
    } catch (error) {
      throw tapError(options, error);
    }
    this.batch = newBatch(BATCH_ROWS, Math.max(ARENA_BYTES, 4 * this.#native.frameBytesMax()));
    this.batch.linkType.fill(linkTypeOfDataLink(this.#native.dataLink()));
  }

  read(): 'frames' | 'idle' | 'end' {
    const { batch } = this;
    batch.count = 0;
    if (this.#ended) return 'end';
    if (!this.#started) return 'idle';
    try {
      batch.count = this.#native.drain(batch.arena, batch.start, batch.capLen, batch.wireLen, batch.timeUs);
    } catch (error) {
      return this.#lost(error as Error);
    }
    if (batch.count === 0) return 'idle';
    this.#stats.frames += batch.count;
    this.#stats.wireBytes += wireBytesOf(batch);
    return 'frames';
  }

  /** The device was removed or taken away. What was counted stays counted; the caller may open it anew. */
  #lost(error: Error): 'end' {
    this.#ended = true;
    this.#fault = `${this.#device}: ${error.message}`;
    return 'end';
  }

  async ready(timeoutMs: number): Promise<void> {
    if (this.#ended) return;
    if (!this.#started) {
      this.#started = true;
      try {
        this.#native.start();
      } catch (error) {
        this.#lost(error as Error);
        return;
      }
    }
    const woken = new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    this.#native.arm();
    await within(woken, timeoutMs);
    this.#wake = null;
  }

  #awaken(): void {
    const wake = this.#wake;
    this.#wake = null;
    wake?.();
  }

  stats(): CaptureStats {
    // After close() the totals stay what they were.
    this.#native.totals(this.#totals);
    return {
      ...this.#stats,
      droppedRing: this.#totals[1]!,
      droppedInterface: this.#reportsInterface ? this.#totals[2]! : 0,
      otherShard: 0,
      filtered: 0,
    };
  }

  fault(): string | null {
    return this.#fault;
  }

  progress(): null {
    return null;
  }

  close(): void {
    this.#native.totals(this.#totals);
    this.#ended = true;
    this.#native.close();
    this.#awaken();
  }
}

function check({ snapLen, bufferBytes, fanout }: TapOptions): void {
  const whole = (n: number, least: number, most: number) => Number.isInteger(n) && n >= least && n <= most;
  const refuse = (what: string) => new OperatorError('capture.options', Exit.config, what);
  if (!whole(snapLen, SNAP_LEN_MIN, 262_144)) {
    throw refuse(`A snap length of ${snapLen} bytes is not possible: give ${SNAP_LEN_MIN} to 262144.`);
  }
  if (!whole(bufferBytes, BUFFER_BYTES_MIN, 0x7fff_ffff)) {
    throw refuse(`A capture buffer of ${bufferBytes} bytes is not possible: give 128 KiB to 2 GiB for each shard.`);
  }
  if (fanout === null) return;
  if (!whole(fanout.shards, 1, 256)) throw refuse(`${fanout.shards} shards are not possible: give 1 to 256.`);
  if (!whole(fanout.group, 0, 0xffff))
    throw refuse(`The fanout group ${fanout.group} is not a number from 0 to 65535.`);
}

/** What the kernel or libpcap refused, as a sentence that says what to do. */
function tapError(options: TapOptions, error: unknown): unknown {
  const { device } = options;
  const { code, message } = error as NativeError;
  const say = (code: string, exit: Exit, what: string) => new OperatorError(code, exit, what, { cause: error });
  switch (code) {
    case 'LIBPCAP_MISSING':
      return noLibpcap('Live capture', error as Error);
    case 'PCAP_ERROR_NO_SUCH_DEVICE':
      return say(
        'capture.no-device',
        Exit.noInput,
        `There is no network device "${device}" here. "tapspot devices" lists those there are.`,
      );
    case 'PCAP_ERROR_PERM_DENIED':
    case 'PCAP_ERROR_PROMISC_PERM_DENIED':
      return say(
        'capture.no-permission',
        Exit.permission,
        `There is no permission to capture on ${device}: CAP_NET_RAW is needed. Run the service with ` +
          'AmbientCapabilities=CAP_NET_RAW, or as root.',
      );
    case 'PCAP_ERROR_IFACE_NOT_UP':
      return say(
        'capture.device-down',
        Exit.noInput,
        `The device ${device} is down. Bring it up with "ip link set ${device} up".`,
      );
    case 'FILTER':
      return filterError(options.filter ?? '', error);
    case 'FANOUT':
      return say(
        'capture.fanout',
        Exit.unavailable,
        `${device} cannot be shared by ${options.fanout?.shards} shards: the kernel refused the fanout group ` +
          `${options.fanout?.group} (${message}). Use another group number, or one shard.`,
      );
    default:
      return say('capture.tap', Exit.unavailable, `${device} cannot be captured on: ${message}`);
  }
}
