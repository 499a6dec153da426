import { randomInt } from 'node:crypto';
import { Exit, OperatorError } from '../base/errors.js';
import { WordHash } from '../base/hash.js';
import { BlockPool } from './blocks.js';
import { Packet } from './packet.js';
import { PROTO_TCP, PROTO_UDP, readTransport } from './transport.js';
import { Verdict } from './verdict.js';

export interface FragmentsOptions {
  memoryBytes: number;
  /** Keys the hash; changes nothing in what comes out. Drawn at random unless told. */
  seed?: number;
  /** From the first piece that arrived, by the packets' time. */
  timeoutUs?: number;
}

const NONE = -1;
const KEY_WORDS = 10;
const DATAGRAM_MAX = 65535;
/** Linux keeps an IPv4 datagram 30 s, RFC 8200 §4.5 asks for 60 s; a tap only needs what real senders take. */
const TIMEOUT_US = 30e6;

/** Flags of an entry. */
const HAS_PORTS = 1;
const KNOWS_TOTAL = 2;
/** It will not be put together: pieces contradict each other, were not captured whole, or found no room. */
const SPOILT = 4;

/**
 * IP fragments, for two ends: later fragments get the ports of their first one, so that they are counted in its flow;
 * and UDP and TCP datagrams are put together for whoever reads payloads.
 *
 * Fixed memory: entries (one a datagram) and blocks of bytes. When either runs out the oldest datagram is given up.
 * Pieces that overlap: in IPv4 what came first stays (as most receivers would have it), in IPv6 the datagram is given
 * up (RFC 5722); both are counted. A piece past 65,535 bytes ("ping of death"), of no length, or of a length that
 * cannot be in the middle spoils its datagram. None of this touches the counting of the fragment itself.
 */
export class Fragments {
  /** The whole packet after add() returned true: offsets are into `view` and `bytes`. Overwritten by the next one. */
  readonly datagram = new Packet();
  readonly bytes = new Uint8Array(DATAGRAM_MAX + 1);
  readonly view = new DataView(this.bytes.buffer);

  readonly #timeoutUs: number;
  readonly #hash: WordHash;
  readonly #blocks: BlockPool;
  readonly #capacity: number;
  readonly #probe = new Uint32Array(KEY_WORDS);

  readonly #key: Uint32Array;
  readonly #heads: Int32Array;
  readonly #chain: Int32Array;
  readonly #older: Int32Array;
  readonly #newer: Int32Array;
  readonly #block: Int32Array;
  readonly #firstUs: Float64Array;
  readonly #ports: Uint32Array;
  readonly #total: Uint32Array;
  readonly #furthest: Uint32Array;
  readonly #got: Uint32Array;
  readonly #wire: Uint32Array;
  readonly #proto: Uint8Array;
  readonly #flags: Uint8Array;
  #oldest = NONE;
  #newest = NONE;
  #free = 0;
  #open = 0;

  #seen = 0;
  #completed = 0;
  #timedOut = 0;
  #evicted = 0;
  #overlaps = 0;
  #bad = 0;
  #snapped = 0;
  #orphans = 0;

  /** Throws OperatorError when the memory does not hold one datagram. */
  constructor(options: FragmentsOptions) {
    this.#timeoutUs = options.timeoutUs ?? TIMEOUT_US;
    this.#hash = new WordHash(options.seed ?? randomInt(0x100000000));
    const each = KEY_WORDS * 4 + 9 * 4 + 8 + 2;
    const n = Math.floor(options.memoryBytes / (BlockPool.BYTES_PER_BLOCK + each));
    if (!(n >= 33)) {
      throw new OperatorError(
        'fragments.memory',
        Exit.config,
        `IP fragments were given ${options.memoryBytes} bytes: give the sensor more memory (at least 128 KiB here).`,
      );
    }
    this.#capacity = n;
    this.#blocks = new BlockPool(n);
    this.#key = new Uint32Array(n * KEY_WORDS);
    this.#heads = new Int32Array(n).fill(NONE);
    this.#chain = Int32Array.from({ length: n }, (_, i) => (i + 1 < n ? i + 1 : NONE));
    this.#older = new Int32Array(n);
    this.#newer = new Int32Array(n);
    this.#block = new Int32Array(n).fill(NONE);
    this.#firstUs = new Float64Array(n);
    this.#ports = new Uint32Array(n);
    this.#total = new Uint32Array(n);
    this.#furthest = new Uint32Array(n);
    this.#got = new Uint32Array(n);
    this.#wire = new Uint32Array(n);
    this.#proto = new Uint8Array(n);
    this.#flags = new Uint8Array(n);
  }

  /**
   * Takes the fragment that was decoded from `v` into `p`. Fills in the ports of a later fragment (and its protocol,
   * which behind IPv6 extension headers only the first one knows). Returns true when the datagram is whole.
   */
  add(p: Packet, v: DataView): boolean {
    this.#seen++;
    while (this.#oldest !== NONE && this.#isOver(this.#oldest, p)) this.#expire(this.#oldest);
    const bucket = this.#probeOf(p);
    let entry = this.#find(bucket);
    if (entry !== NONE && this.#isOver(entry, p)) {
      this.#expire(entry);
      entry = NONE;
    }
    if (entry === NONE) entry = this.#begin(bucket, p);
    this.#wire[entry]! += p.wireBytes;
    if (p.fragmentOffset === 0) {
      if ((this.#flags[entry]! & HAS_PORTS) === 0) {
        this.#flags[entry]! |= HAS_PORTS;
        this.#ports[entry] = (p.srcPort << 16) | p.dstPort;
        this.#proto[entry] = p.proto;
      }
    } else if ((this.#flags[entry]! & HAS_PORTS) !== 0) {
      p.srcPort = this.#ports[entry]! >>> 16;
      p.dstPort = this.#ports[entry]! & 0xffff;
      p.proto = this.#proto[entry]!;
    } else {
      this.#orphans++;
    }
    this.#keep(entry, p, v);
    if (!this.#isWhole(entry)) return false;
    const verdict = this.#assemble(entry, p);
    this.#completed++;
    this.#drop(entry);
    return verdict === Verdict.ok;
  }

  /** Totals since start, to be prefixed `fragment.` in the ledger. */
  get tally(): Record<string, number> {
    return {
      seen: this.#seen,
      completed: this.#completed,
      timed_out: this.#timedOut,
      evicted: this.#evicted,
      open: this.#open,
      overlaps: this.#overlaps,
      bad: this.#bad,
      snapped: this.#snapped,
      without_first: this.#orphans,
    };
  }

  /** Stores the bytes of a fragment, or spoils its datagram. */
  #keep(entry: number, p: Packet, v: DataView): void {
    if ((this.#flags[entry]! & SPOILT) !== 0) return;
    const offset = p.fragmentOffset;
    const length = p.transportBytes;
    const end = offset + length;
    const knows = (this.#flags[entry]! & KNOWS_TOTAL) !== 0;
    const isBad =
      length === 0 ||
      end > DATAGRAM_MAX ||
      (p.moreFragments && (length & 7) !== 0) ||
      (p.moreFragments && knows && end > this.#total[entry]!) ||
      (!p.moreFragments && (this.#furthest[entry]! > end || (knows && this.#total[entry] !== end)));
    if (isBad) {
      this.#bad++;
      this.#spoil(entry);
      return;
    }
    if (p.payloadEnd - p.transportStart < length) {
      this.#snapped++;
      this.#spoil(entry);
      return;
    }
    if (!p.moreFragments) {
      this.#flags[entry]! |= KNOWS_TOTAL;
      this.#total[entry] = end;
    }
    if (end > this.#furthest[entry]!) this.#furthest[entry] = end;
    // Nobody reads the payloads of other protocols; their first fragments only lend their ports.
    if ((offset === 0 || p.ipVersion === 4) && p.proto !== PROTO_UDP && p.proto !== PROTO_TCP) {
      this.#spoil(entry);
      return;
    }
    const blocks = this.#blocks;
    const needed = BlockPool.needed(offset, length);
    while (blocks.free < needed && this.#oldest !== entry) this.#evict(this.#oldest);
    if (blocks.free < needed) {
      this.#evicted++;
      this.#spoil(entry);
      return;
    }
    this.#block[entry] = blocks.put(this.#block[entry]!, v, p.transportStart, offset, length);
    this.#got[entry]! += blocks.fresh;
    if (blocks.overlapped) {
      // The very same piece again is a duplicate and harmless (RFC 8200 §4.5).
      const isDuplicate = blocks.fresh === 0 && !blocks.differed;
      if (!isDuplicate) this.#overlaps++;
      if (!isDuplicate && p.ipVersion === 6) this.#spoil(entry);
    }
  }

  #isWhole(entry: number): boolean {
    const flags = this.#flags[entry]!;
    return (flags & (KNOWS_TOTAL | SPOILT)) === KNOWS_TOTAL && this.#got[entry] === this.#total[entry];
  }

  #assemble(entry: number, p: Packet): Verdict {
    const total = this.#total[entry]!;
    this.#blocks.gather(this.#block[entry]!, this.bytes, total);
    const d = this.datagram;
    d.timeUs = p.timeUs;
    d.proto = this.#proto[entry]!;
    d.ttl = p.ttl;
    d.vlan = p.vlan;
    d.innerVlan = p.innerVlan;
    d.ipVersion = p.ipVersion;
    d.ipBytes = p.transportStart - p.ipStart + total;
    d.wireBytes = this.#wire[entry]!;
    d.transportBytes = total;
    d.srcPort = d.dstPort = d.tcpFlags = d.tcpSeq = d.tcpAck = d.tcpWindow = 0;
    for (let i = 0; i < 8; i++) d.addr[i] = p.addr[i]!;
    return readTransport(this.view, total, d);
  }

  /** Too old for this packet, either way: clocks step back. */
  #isOver(entry: number, p: Packet): boolean {
    const ageUs = p.timeUs - this.#firstUs[entry]!;
    return ageUs > this.#timeoutUs || -ageUs > this.#timeoutUs;
  }

  /** Key of the packet's datagram (RFC 791 §3.2; RFC 8200 §4.5 leaves the protocol out) and its bucket. */
  #probeOf(p: Packet): number {
    const probe = this.#probe;
    for (let i = 0; i < 8; i++) probe[i] = p.addr[i]!;
    probe[8] = p.fragmentId;
    probe[9] = (p.vlan << 20) | (p.innerVlan << 8) | (p.ipVersion === 4 ? p.proto : 0);
    return Math.floor((this.#hash.hash(probe, 0, KEY_WORDS) / 0x100000000) * this.#capacity);
  }

  #find(bucket: number): number {
    const key = this.#key;
    const probe = this.#probe;
    let entry = this.#heads[bucket]!;
    for (; entry !== NONE; entry = this.#chain[entry]!) {
      let same = true;
      for (let i = 0; i < KEY_WORDS && same; i++) same = key[entry * KEY_WORDS + i] === probe[i];
      if (same) break;
    }
    return entry;
  }

  #begin(bucket: number, p: Packet): number {
    if (this.#free === NONE) this.#evict(this.#oldest);
    const entry = this.#free;
    this.#free = this.#chain[entry]!;
    this.#open++;
    this.#key.set(this.#probe, entry * KEY_WORDS);
    this.#chain[entry] = this.#heads[bucket]!;
    this.#heads[bucket] = entry;
    this.#older[entry] = this.#newest;
    this.#newer[entry] = NONE;
    if (this.#newest === NONE) this.#oldest = entry;
    else this.#newer[this.#newest] = entry;
    this.#newest = entry;
    this.#block[entry] = NONE;
    this.#firstUs[entry] = p.timeUs;
    this.#ports[entry] = this.#total[entry] = this.#furthest[entry] = this.#got[entry] = this.#wire[entry] = 0;
    this.#proto[entry] = p.proto;
    this.#flags[entry] = 0;
    return entry;
  }

  /** Gives the bytes up; the entry stays, so that later fragments find their ports and start nothing new. */
  #spoil(entry: number): void {
    this.#flags[entry]! |= SPOILT;
    this.#blocks.release(this.#block[entry]!);
    this.#block[entry] = NONE;
  }

  #expire(entry: number): void {
    if ((this.#flags[entry]! & SPOILT) === 0) this.#timedOut++;
    this.#drop(entry);
  }

  #evict(entry: number): void {
    if ((this.#flags[entry]! & SPOILT) === 0) this.#evicted++;
    this.#drop(entry);
  }

  #drop(entry: number): void {
    this.#blocks.release(this.#block[entry]!);
    this.#block[entry] = NONE;
    const older = this.#older[entry]!;
    const newer = this.#newer[entry]!;
    if (older === NONE) this.#oldest = newer;
    else this.#newer[older] = newer;
    if (newer === NONE) this.#newest = older;
    else this.#older[newer] = older;
    // A key's bucket is found again from the key, so that no entry has to remember it.
    const key = this.#key;
    const at = entry * KEY_WORDS;
    const bucket = Math.floor((this.#hash.hash(key, at, at + KEY_WORDS) / 0x100000000) * this.#capacity);
    if (this.#heads[bucket] === entry) {
      this.#heads[bucket] = this.#chain[entry]!;
    } else {
      let before = this.#heads[bucket]!;
      while (this.#chain[before] !== entry) before = this.#chain[before]!;
      this.#chain[before] = this.#chain[entry]!;
    }
    this.#chain[entry] = this.#free;
    this.#free = entry;
    this.#open--;
  }
}
