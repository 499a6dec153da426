/**
 * The process that holds `cap`: frames from its tap to standard output, as a classic capture file. Its options are the
 * first line of standard input; when that ends, so does the process.
 *
 * `cap` keeps bare pointers to its object and buffer, so both are module-level constants here and live to the end.
 * It calls back once a frame without letting the event loop turn, so the pipe is written to from within: it blocks when
 * the reader is behind, and then the kernel drops.
 */
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';
import { LinkType } from './linktype.js';
import { pcapFileHeader } from './write.js';

export interface FallbackOptions {
  device: string;
  snapLen: number;
  bufferBytes: number;
  filter: string | null;
}

/** What is printed instead of frames when the tap cannot be opened. */
export interface Refusal {
  /** False when `cap` itself could not be loaded. */
  loaded: boolean;
  message: string;
}

/** The part of cap 0.2.1 that is used; never its decoders, one of which does not end on an ESP packet. */
interface Cap {
  open(device: string, filter: string, bufferBytes: number, buffer: Buffer): string;
  on(event: 'packet', then: (bytes: number, truncated: boolean) => void): void;
  close(): void;
}

const LINK_TYPES: Record<string, number> = {
  NULL: LinkType.null,
  ETHERNET: LinkType.ethernet,
  RAW: LinkType.raw,
  LINKTYPE_LINUX_SLL: LinkType.linuxSll,
};
/** cap's own snap length, which cannot be set. */
const frame = Buffer.alloc(65_535);
const out = new Uint8Array(1 << 16);
const view = new DataView(out.buffer);
const RECORD_BYTES = 16;
let used = 0;
let flushing = false;
let cap: Cap;

createInterface({ input: process.stdin })
  .once('line', (line) => begin(JSON.parse(line) as FallbackOptions & { onlyCheck?: boolean }))
  .once('close', () => process.exit(0));

function begin(options: FallbackOptions & { onlyCheck?: boolean }): void {
  let loaded = false;
  let linkType: number | undefined;
  try {
    const { Cap } = createRequire(import.meta.url)('cap') as { Cap: new () => Cap };
    cap = new Cap();
    loaded = true;
    const said = cap.open(options.device, options.filter ?? '', options.bufferBytes, frame);
    linkType = LINK_TYPES[said];
    if (linkType === undefined) throw new Error(`its link type is ${said}`);
  } catch (error) {
    const refusal: Refusal = { loaded, message: (error as Error).message };
    process.stdout.write(JSON.stringify(refusal));
    process.exit(1);
  }
  if (options.onlyCheck === true) process.exit(0);
  // The first flush is at once: the reader learns what kind of file this is.
  out.set(pcapFileHeader({ linkType, snapLen: options.snapLen }));
  used = 24;
  flush();
  cap.on('packet', (bytes) => take(Math.min(bytes, options.snapLen), bytes));
}

/** One frame. The wire length is what cap copied: it tells no other. */
function take(captured: number, wire: number): void {
  if (used + RECORD_BYTES + captured > out.length) flush();
  const record = RECORD_BYTES + Math.min(captured, out.length - RECORD_BYTES);
  const us = (performance.timeOrigin + performance.now()) * 1000;
  const seconds = Math.floor(us / 1e6);
  view.setUint32(used, seconds, true);
  view.setUint32(used + 4, us - seconds * 1e6, true);
  view.setUint32(used + 8, record - RECORD_BYTES, true);
  view.setUint32(used + 12, wire, true);
  out.set(frame.subarray(0, record - RECORD_BYTES), used + RECORD_BYTES);
  used += record;
  if (flushing) return;
  flushing = true;
  setImmediate(flush);
}

function flush(): void {
  flushing = false;
  // A copy: the stream may keep what it is given until the pipe has room.
  process.stdout.write(out.slice(0, used));
  used = 0;
}
