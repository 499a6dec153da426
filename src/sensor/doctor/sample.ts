import { LinkType } from '../../capture/linktype.js';
import type { FrameBatch } from '../../capture/source.js';
import { checksumOffset, isTransportRight, sum16 } from '../../decode/checksum.js';
import { Decoder } from '../../decode/decoder.js';
import { Packet } from '../../decode/packet.js';
import { PROTO_TCP, PROTO_UDP } from '../../decode/transport.js';
import { isInFlow, Verdict } from '../../decode/verdict.js';
import { Conversations } from './conversations.js';
import { Duplicates } from './duplicates.js';
import { Segments } from './segments.js';

/** What the kernel's ring needs for a frame besides its bytes: the header of TPACKET_V3, aligned (packet(7)). */
export const RING_OVERHEAD_BYTES = 96;
/** Rates are peaks over this long: shorter than that a ring of any size copes. */
const BIN_US = 100_000;
/** Frames of several queues or files are merged a little out of order; a clock that was set moves further. */
const STEP_BACK_US = 100_000;
/** Every checksum is verified up to here, then one in 16: summing costs several times the whole decode. */
const ALL_CHECKSUMS = 20_000;
const CHECKSUM_LOT = 15;

/** Everything that is counted over the frames of one tap or file. Bounded, whatever passes. */
export class Sample {
  frames = 0;
  wireBytes = 0;
  firstUs = Number.NaN;
  lastUs = Number.NaN;
  /** Frames that were counted but not looked into, because the tap was faster than this. */
  skipped = 0;
  /** Frames of which fewer bytes were kept than passed, those of them that are DNS, and the most that was kept of one. */
  cut = 0;
  cutDns = 0;
  cutKeptBytes = 0;
  /** Longest frame on the wire. */
  longestBytes = 0;
  /** Transport checksums verified, wrong, and left for a card to complete by the host that sent them. */
  checksums = 0;
  badChecksums = 0;
  partialChecksums = 0;
  /** Times that went back, by how much at most, and frames stamped before 2000. */
  stepsBack = 0;
  stepBackUs = 0;
  unstamped = 0;
  /** Most in any tenth of a second, by the frames' own times. */
  peakFrames = 0;
  peakRingBytes = 0;
  /** Ethernet frames for one station: from or to this interface's own address, and between others. */
  own = 0;
  foreign = 0;
  tagged = 0;
  readonly duplicates = new Duplicates();
  readonly conversations = new Conversations();
  readonly segments = new Segments();
  readonly decoder = new Decoder();
  readonly #packet = new Packet();
  readonly #mac: DataView | null;
  #bin = Number.NaN;
  #binFrames = 0;
  #binBytes = 0;
  #lot = 0;

  /** `mac`: six bytes of the interface's own address; null when there is none, or for a file. */
  constructor(mac: Uint8Array | null = null) {
    this.#mac = mac === null ? null : new DataView(mac.buffer, mac.byteOffset, 6);
  }

  /** Counts a batch that there is no time to look into. */
  skip(batch: FrameBatch): void {
    for (let i = 0; i < batch.count; i++) this.#count(batch, i);
    this.skipped += batch.count;
    this.conversations.forget();
  }

  observe(batch: FrameBatch): void {
    const { view, start, capLen, wireLen, timeUs, linkType, count } = batch;
    const p = this.#packet;
    for (let i = 0; i < count; i++) {
      this.#count(batch, i);
      p.timeUs = timeUs[i]!;
      const verdict = this.decoder.decode(view, start[i]!, capLen[i]!, wireLen[i]!, linkType[i]!, p);
      if (linkType[i] === LinkType.ethernet && capLen[i]! >= 14) this.#addresses(view, start[i]!);
      if (p.vlan !== 0) this.tagged++;
      const isCut = capLen[i]! < wireLen[i]!;
      if (isCut) {
        this.cut++;
        this.cutKeptBytes = Math.max(this.cutKeptBytes, capLen[i]!);
      }
      if (!isInFlow(verdict)) continue;
      const hasPorts = p.proto === PROTO_TCP || p.proto === PROTO_UDP;
      if (isCut && hasPorts && p.payloadBytes > 0 && (p.srcPort === 53 || p.dstPort === 53)) this.cutDns++;
      this.duplicates.add(view, p);
      if (p.proto === PROTO_TCP && !p.fragment && p.tcpFlags !== 0) {
        this.conversations.add(p);
        this.segments.add(view, p);
      }
      if (verdict === Verdict.ok) this.#checksum(view, p);
    }
  }

  /** Seconds between the first and the last frame. */
  get seconds(): number {
    return this.frames > 1 ? Math.max(0, this.lastUs - this.firstUs) / 1e6 : 0;
  }

  #count(batch: FrameBatch, i: number): void {
    const us = batch.timeUs[i]!;
    const wire = batch.wireLen[i]!;
    this.frames++;
    this.wireBytes += wire;
    if (wire > this.longestBytes) this.longestBytes = wire;
    if (us < Date.UTC(2000, 0) * 1000) this.unstamped++;
    if (this.frames === 1) this.firstUs = us;
    else if (us < this.lastUs - STEP_BACK_US) {
      this.stepsBack++;
      this.stepBackUs = Math.max(this.stepBackUs, this.lastUs - us);
    }
    this.lastUs = us;
    const bin = Math.floor(us / BIN_US);
    if (bin !== this.#bin) {
      this.#bin = bin;
      this.#binFrames = this.#binBytes = 0;
    }
    this.peakFrames = Math.max(this.peakFrames, ++this.#binFrames);
    this.#binBytes += batch.capLen[i]! + RING_OVERHEAD_BYTES;
    this.peakRingBytes = Math.max(this.peakRingBytes, this.#binBytes);
  }

  /** The group bit (IEEE 802) marks what is for many: it says nothing about whose traffic this is. */
  #addresses(v: DataView, start: number): void {
    const mac = this.#mac;
    if (mac === null || (v.getUint8(start) & 1) !== 0) return;
    const head = mac.getUint32(0);
    const tail = mac.getUint16(4);
    const isOwn =
      (v.getUint32(start) === head && v.getUint16(start + 4) === tail) ||
      (v.getUint32(start + 6) === head && v.getUint16(start + 10) === tail);
    if (isOwn) this.own++;
    else this.foreign++;
  }

  #checksum(v: DataView, p: Packet): void {
    const offset = checksumOffset(p.proto);
    if (offset < 0 || p.transportBytes < offset + 2) return;
    if (this.checksums >= ALL_CHECKSUMS && (++this.#lot & CHECKSUM_LOT) !== 0) return;
    this.checksums++;
    if (isTransportRight(v, p)) return;
    this.badChecksums++;
    if (p.proto !== PROTO_TCP && p.proto !== PROTO_UDP) return;
    // A host that leaves the sum to its card writes the sum of the pseudo-header, not inverted, for the card to go on.
    let sum = p.proto + p.transportBytes;
    sum = p.ipVersion === 4 ? sum16(v, p.ipStart + 12, 8, sum) : sum16(v, p.ipStart + 8, 32, sum);
    while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
    if (sum === v.getUint16(p.transportStart + offset)) this.partialChecksums++;
  }
}
