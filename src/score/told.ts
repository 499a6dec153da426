import type { Finding } from '../record/finding.js';

/** How long a finding goes on to explain what else its source does. */
const KEPT_US = 6 * 3600e6;
/** Findings remembered of one source. */
const PER_SOURCE = 48;
/** What one may take, with its texts, for the bound on all. */
const BYTES_EACH = 400;
/** Payload of both directions that a probe does not exceed. */
const PROBE_BYTES = 2000;
/** Points of its own below which a finding explains nothing. */
const LEAST_POINTS = 20;

/** A flow as findings speak of it. */
export interface Act {
  src: string;
  dst: string;
  /** Null where the protocol has none. */
  port: number | null;
  proto: string;
  payload: number;
  /** Whether it goes to an own host on a service by which hosts are administered. */
  admin: boolean;
}

interface Entry {
  kind: string;
  dst: string | null;
  port: number | null;
  proto: string | null;
  firstUs: number;
  lastUs: number;
}

/**
 * What was told of each source in the last hours, so that a weaker detector need not tell the same in its own words:
 * that each probe of a port scan is strange, or that guesses come regularly. Bounded; the sources told of longest ago are
 * forgotten first.
 */
export class Told {
  readonly #max: number;
  readonly #sources = new Map<string, Entry[]>();
  #count = 0;

  constructor(memoryBytes: number) {
    this.#max = Math.max(256, Math.min(32_768, Math.floor(memoryBytes / BYTES_EACH)));
  }

  note(f: Finding): void {
    if (f.kind === 'rare' || f.reasons.reduce((sum, r) => sum + r.points, 0) < LEAST_POINTS) return;
    const held = this.#sources.get(f.src) ?? [];
    this.#sources.delete(f.src);
    this.#sources.set(f.src, held);
    const same = held.find((e) => e.kind === f.kind && e.dst === f.dst && e.port === f.dstPort && e.proto === f.proto);
    if (same !== undefined) {
      same.firstUs = Math.min(same.firstUs, f.firstUs);
      same.lastUs = Math.max(same.lastUs, f.lastUs);
      return;
    }
    const { kind, dst, dstPort: port, proto, firstUs, lastUs } = f;
    held.push({ kind, dst, port, proto, firstUs, lastUs });
    if (held.length > PER_SOURCE) held.shift();
    else this.#count++;
    for (const [src, entries] of this.#sources) {
      if (this.#count <= this.#max) break;
      this.#count -= entries.length;
      this.#sources.delete(src);
    }
  }

  get count(): number {
    return this.#count;
  }

  /** Whether something of this kind was told of the source, that began before `us` and ended within `span` of it. */
  was(kind: string, src: string, us: number, span: number): boolean {
    const held = this.#sources.get(src);
    return held?.some((e) => e.kind === kind && e.firstUs <= us && us - e.lastUs <= span) ?? false;
  }

  /** Whether the source was told of at all in the hours before `us`. */
  any(src: string, us: number): boolean {
    return this.#sources.get(src)?.some((e) => us - e.lastUs <= KEPT_US) ?? false;
  }

  /** Whether a finding about its source, of one of the kinds if given, already says what this flow is. */
  explains(act: Act, us: number, kinds: ReadonlySet<string> | null = null): boolean {
    const held = this.#sources.get(act.src);
    if (held === undefined) return false;
    return held.some((e) => (kinds === null || kinds.has(e.kind)) && us - e.lastUs <= KEPT_US && says(e, act));
  }
}

function says(e: Entry, act: Act): boolean {
  switch (e.kind) {
    case 'scan.horizontal':
      return e.proto === act.proto && (e.port === null || e.port === act.port) && act.payload <= PROBE_BYTES;
    case 'scan.vertical':
      return e.proto === act.proto && (e.dst === null || e.dst === act.dst) && act.payload <= PROBE_BYTES;
    case 'bruteforce.spray':
      return e.proto === act.proto && e.port === act.port;
    case 'lateral':
      return act.admin;
    case 'dns.tunnel':
    case 'dns.dga':
      return act.port === 53;
    default:
      return e.dst === act.dst && (e.port === null || (e.port === act.port && e.proto === act.proto));
  }
}
