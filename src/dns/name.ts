/** Longest name on the wire, root byte included (RFC 1035 §2.3.4). */
export const NAME_BYTES_MAX = 255;
/** A name has at most 127 labels, so an honest one never needs more pointers than that. */
const POINTERS_MAX = 127;

/** A name as wire labels, without the root byte; overwritten by each readName. */
export class NameBuf {
  readonly bytes = new Uint8Array(NAME_BYTES_MAX);
  length = 0;
  /** True when the message holds these very bytes where the name was read: no pointer, no capital letter. */
  verbatim = false;
}

/** Why a name was refused. Negative, so that a fault can never be taken for an offset. */
export const NameFault = { cut: -1, label: -2, pointer: -3, long: -4 } as const;

/**
 * Copies the name at `at` into `out` as lower-case wire labels (as sent when `keepCase`), and returns the offset just
 * past it, or a NameFault. The message lies in `msg` from `base` to `end`; compression pointers count from `base`.
 *
 * A pointer must aim below every place the walk has started from so far (RFC 1035 §4.1.4: "a prior occurrence").
 * Real servers only point backwards, and the rule alone makes the walk end; the limit on pointers keeps a chain of
 * thousands of them, each one step lower, from costing more than a name is worth.
 */
export function readName(
  msg: Uint8Array,
  base: number,
  end: number,
  at: number,
  out: NameBuf,
  keepCase = false,
): number {
  const bytes = out.bytes;
  let floor = at;
  let after = -1; // offset past the first pointer, once there has been one
  let jumps = 0;
  let capitals = false;
  let n = 0;
  while (at < end) {
    const length = msg[at]!;
    if (length === 0) {
      out.length = n;
      out.verbatim = !capitals && after < 0;
      return after < 0 ? at + 1 : after;
    }
    if (length < 0x40) {
      const stop = at + 1 + length;
      if (stop > end) return NameFault.cut;
      if (n + 1 + length >= NAME_BYTES_MAX) return NameFault.long;
      bytes[n++] = length;
      for (let i = at + 1; i < stop; i++) {
        let c = msg[i]!;
        if (c >= 0x41 && c <= 0x5a && !keepCase) {
          capitals = true;
          c |= 0x20;
        }
        bytes[n++] = c;
      }
      at = stop;
    } else if (length >= 0xc0) {
      if (at + 1 >= end) return NameFault.cut;
      const target = base + (((length & 0x3f) << 8) | msg[at + 1]!);
      if (target >= floor || ++jumps > POINTERS_MAX) return NameFault.pointer;
      if (after < 0) after = at + 2;
      floor = at = target;
    } else {
      return NameFault.label; // 0b10 was never given out and 0b01 was withdrawn (RFC 6891 §5)
    }
  }
  return NameFault.cut;
}

/**
 * The offset just past the name at `at`, or a NameFault, without copying it. A pointer is checked for its direction
 * and not followed: that is for whoever wants the text.
 */
export function skipName(msg: Uint8Array, base: number, end: number, at: number): number {
  const first = at;
  while (at < end) {
    const length = msg[at]!;
    if (length === 0) return at + 1;
    if (length < 0x40) {
      at += 1 + length;
      if (at - first >= NAME_BYTES_MAX) return NameFault.long;
    } else if (length >= 0xc0) {
      if (at + 1 >= end) return NameFault.cut;
      return base + (((length & 0x3f) << 8) | msg[at + 1]!) < first ? at + 2 : NameFault.pointer;
    } else {
      return NameFault.label;
    }
  }
  return NameFault.cut;
}

/** How each byte of a label is written: RFC 1035 §5.1, with the specials that a zone file would trip over. */
const ESCAPED: readonly string[] = Array.from({ length: 256 }, (_, c) => {
  if (c <= 0x20 || c >= 0x7f) return `\\${String(c).padStart(3, '0')}`;
  const ch = String.fromCharCode(c);
  return '."\\();@$'.includes(ch) ? `\\${ch}` : ch;
});

/**
 * Wire labels (without the root byte, never compressed) as text without a final dot; `.` for the root.
 * Any byte survives: `\.` for a dot within a label, `\DDD` for what does not print.
 */
export function nameText(bytes: Uint8Array, at: number, length: number): string {
  if (length === 0) return '.';
  let text = '';
  const end = at + length;
  while (at < end) {
    if (text !== '') text += '.';
    const stop = Math.min(end, at + 1 + bytes[at]!);
    for (let i = at + 1; i < stop; i++) text += ESCAPED[bytes[i]!];
    at = stop;
  }
  return text;
}
