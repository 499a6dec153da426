import { Exit, OperatorError } from '../base/errors.js';
import { FRAME_BYTES_MAX } from './batch.js';
import { dataLinkOfLinkType, LinkType, linkTypeName } from './linktype.js';
import { addon, type NativeError, type NativeFilter, noLibpcap } from './native.js';
import type { FrameBatch } from './source.js';

/** A compiled pcap-filter(7) expression for frames of one link type. */
export interface BatchFilter {
  /** Sets keep[i] to 1 or 0 for each row i of the batch, as if every row were of the filter's link type. */
  match(batch: FrameBatch, keep: Uint8Array): void;
}

/**
 * Compiles `expression` for frames of `linkType`. Throws an OperatorError when it cannot be: a mistake in it, or no
 * libpcap on this machine.
 */
export function compileFilter(expression: string, linkType: number, snapLen = FRAME_BYTES_MAX): BatchFilter {
  let native: NativeFilter;
  try {
    native = new (addon('A filter').Filter)(expression, dataLinkOfLinkType(linkType), snapLen);
  } catch (error) {
    throw filterError(expression, error);
  }
  return {
    match(b, keep) {
      native.match(b.arena, b.start, b.capLen, b.wireLen, b.timeUs, b.count, keep);
    },
  };
}

export function filterError(expression: string, error: unknown): unknown {
  const { code, message } = error as NativeError;
  if (code === 'LIBPCAP_MISSING') return noLibpcap('A filter', error as Error);
  if (code !== 'FILTER') return error;
  return new OperatorError(
    'capture.filter',
    Exit.usage,
    `The filter "${expression}" is not understood: ${message}. Its language is that of tcpdump, see pcap-filter(7).`,
    { cause: error },
  );
}

/** Link types an expression is tried on when a file is opened, before it is known what the file holds. */
const USUAL = [LinkType.ethernet, LinkType.raw, LinkType.linuxSll, LinkType.ieee80211];

/**
 * One expression over frames of any link type: compiled for each the first time it is met.
 *
 * A mistake in the expression is found by the constructor. But a file may also hold a link type to which a sound
 * expression does not apply ("vlan 7" on raw IP); such frames do not match, and `inapplicable` names the type.
 *
 * Offline, a VLAN tag is part of the frame and "port 53" does not look behind it; write "port 53 or (vlan and port
 * 53)". Live, the kernel has taken the outer tag off before it filters.
 */
export class AnyFilter {
  readonly inapplicable: string[] = [];
  readonly #expression: string;
  readonly #compiled = new Map<number, BatchFilter | null>();
  #keepOne = new Uint8Array(0);

  constructor(expression: string) {
    this.#expression = expression;
    let first: unknown;
    for (const linkType of USUAL) {
      try {
        this.#compiled.set(linkType, compileFilter(expression, linkType));
        return;
      } catch (error) {
        first ??= error;
      }
    }
    throw first;
  }

  match(batch: FrameBatch, keep: Uint8Array): void {
    const { linkType, count } = batch;
    if (count === 0) return;
    const only = linkType[0]!;
    let i = 1;
    while (i < count && linkType[i] === only) i++;
    if (i === count) this.#matchAll(only, batch, keep);
    else this.#matchMixed(batch, keep);
  }

  #matchAll(linkType: number, batch: FrameBatch, keep: Uint8Array): void {
    const filter = this.#for(linkType);
    if (filter === null) keep.fill(0, 0, batch.count);
    else filter.match(batch, keep);
  }

  /** Several link types in one batch are rare (one pcapng, several interfaces): each gets a pass of its own. */
  #matchMixed(batch: FrameBatch, keep: Uint8Array): void {
    const { linkType, count } = batch;
    if (this.#keepOne.length < count) this.#keepOne = new Uint8Array(linkType.length);
    const one = this.#keepOne;
    for (const type of new Set(linkType.subarray(0, count))) {
      this.#matchAll(type, batch, one);
      for (let i = 0; i < count; i++) if (linkType[i] === type) keep[i] = one[i]!;
    }
  }

  #for(linkType: number): BatchFilter | null {
    let filter = this.#compiled.get(linkType);
    if (filter === undefined) {
      try {
        filter = compileFilter(this.#expression, linkType);
      } catch {
        filter = null;
        this.inapplicable.push(linkTypeName(linkType));
      }
      this.#compiled.set(linkType, filter);
    }
    return filter;
  }
}
