import { createRequire } from 'node:module';
import { Exit, OperatorError } from '../base/errors.js';
import { packageRoot } from '../base/root.js';

/** The addon, one line per export of native/addon.cc. test/capture/native.test.ts checks that the two agree. */
export interface Addon {
  /** Throws an Error with `code`, `syscall` and the kernel's or libpcap's words. */
  Tap: new (
    device: string,
    snapLen: number,
    promiscuous: boolean,
    bufferBytes: number,
    filter: string,
    fanoutGroup: number,
    wake: () => void,
  ) => NativeTap;
  Filter: new (expression: string, dataLink: number, snapLen: number) => NativeFilter;
  devices(): NativeDevice[];
  /** Sends one datagram to the service manager; 0, or the errno. */
  notify(path: string, state: string): number;
  /** libpcap's own version line; null when this machine has no libpcap. */
  libpcapVersion(): string | null;
}

export interface NativeTap {
  /** Lets frames in. Until then the handle is open, and in its fanout group, but takes nothing. */
  start(): void;
  /** Fills columns the caller owns; returns the rows filled. Never blocks. Throws when the device is gone. */
  drain(arena: Uint8Array, start: Uint32Array, capLen: Uint32Array, wireLen: Uint32Array, timeUs: Float64Array): number;
  /** Calls `wake` once, on this thread, when drain() has something to give. */
  arm(): void;
  /** Writes received, dropped by the ring, dropped by the interface: totals since start(). */
  totals(into: Float64Array): void;
  dataLink(): number;
  /** The longest frame drain() may hand over; the arena must hold one. */
  frameBytesMax(): number;
  nanoseconds(): boolean;
  close(): void;
}

export interface NativeFilter {
  match(
    arena: Uint8Array,
    start: Uint32Array,
    capLen: Uint32Array,
    wireLen: Uint32Array,
    timeUs: Float64Array,
    count: number,
    keep: Uint8Array,
  ): void;
}

export interface NativeDevice {
  name: string;
  description: string;
  addresses: string[];
  up: boolean;
  running: boolean;
  loopback: boolean;
  /** DLT_ value; -1 when the device could not be opened. */
  dataLink: number;
}

/** The shape of what native code throws. */
export interface NativeError extends Error {
  code: string;
  syscall: string;
}

const require = createRequire(import.meta.url);

/** The addon, or null where it is neither built nor shipped for this machine. Each thread has its own. */
export function addonIfAny(): Addon | null {
  try {
    return (require('node-gyp-build') as (dir: string) => Addon)(packageRoot());
  } catch {
    return null;
  }
}

/** libpcap's own version line; null where there is no addon or no libpcap. */
export function captureVersion(): string | null {
  return addonIfAny()?.libpcapVersion() ?? null;
}

/** The addon, or an OperatorError that says how to get it. */
export function addon(what: string): Addon {
  const found = addonIfAny();
  if (found !== null) return found;
  throw new OperatorError(
    'capture.no-addon',
    Exit.unavailable,
    `${what} needs Tapspot's native addon, which is not built for ${process.platform}-${process.arch}. ` +
      'Install a C++ compiler and libpcap-dev and run "npm run build:native" in the package folder.',
  );
}

export function noLibpcap(what: string, cause?: Error): OperatorError {
  return new OperatorError(
    'capture.no-libpcap',
    Exit.unavailable,
    `${what} needs libpcap, which is not installed. Install the package libpcap0.8 (Debian, Ubuntu) or libpcap (Fedora, Alpine).`,
    { cause },
  );
}
