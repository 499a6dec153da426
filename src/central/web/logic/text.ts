/**
 * Text from the wire, made safe to look at. Names and addresses are chosen by attackers: control characters,
 * direction marks and invisible letters are written out as escapes, so that what is shown is what is there.
 * React escapes markup; this file is about what a reader's eyes would otherwise miss (Unicode TR36 §2 and TR39).
 */
export interface Piece {
  readonly text: string;
  /** True when `text` is an escape that stands for a character that cannot be seen. */
  readonly escape: boolean;
}

/** Control, format, surrogate, private and unassigned code points, line separators, odd spaces, invisible letters. */
const UNSEEN = /[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]|(?! )\p{Zs}/u;
const MARK = /\p{M}/u;
/** More marks in a row than any script needs are drawn over the neighbouring lines. */
const MARKS_MAX = 2;

function escapeOf(char: string): string {
  const code = char.codePointAt(0)!;
  if (code < 0x100) return `\\x${code.toString(16).padStart(2, '0')}`;
  return `\\u{${code.toString(16)}}`;
}

/** The text in pieces, in order; joined they are what visible() gives. */
export function pieces(text: string): Piece[] {
  const out: Piece[] = [];
  let plain = '';
  let marks = 0;
  let before = ' ';
  let left = text.length;
  for (const char of text) {
    left -= char.length;
    marks = MARK.test(char) ? marks + 1 : 0;
    // A space at an end, or after another, is as invisible as the rest.
    const lost = char === ' ' && (before === ' ' || left === 0);
    before = char;
    if (!lost && !UNSEEN.test(char) && marks <= MARKS_MAX) {
      plain += char;
      continue;
    }
    if (plain !== '') out.push({ text: plain, escape: false });
    plain = '';
    out.push({ text: escapeOf(char), escape: true });
  }
  if (plain !== '') out.push({ text: plain, escape: false });
  return out;
}

/** The text with everything invisible written out. */
export function visible(text: string): string {
  return pieces(text)
    .map((p) => p.text)
    .join('');
}

/** True when a name holds letters outside ASCII, which may look like others (`аpple.com` with a Cyrillic а). */
export function foreign(text: string): boolean {
  return /[^\x00-\x7f]/.test(text);
}

/**
 * At most `max` characters, cut in the middle, since both ends of a name tell something: the labels that vary and
 * the domain that was registered. Two thirds of the room go to the end.
 */
export function middle(text: string, max: number): string {
  const chars = Array.from(text);
  if (chars.length <= max) return text;
  const room = Math.max(max - 1, 2);
  const head = Math.max(1, Math.floor(room / 3));
  return `${chars.slice(0, head).join('')}…${chars.slice(chars.length - (room - head)).join('')}`;
}

/** encodeURIComponent for any string: a lone surrogate, which it would throw on, becomes U+FFFD. */
export function encode(text: string): string {
  return encodeURIComponent(text.replace(/\p{Surrogate}/gu, '\ufffd'));
}

/** decodeURIComponent that gives back what cannot be decoded as it was. */
export function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** FNV-1a over UTF-16 units, in base 36: a short name for a long key in the address bar. */
export function shortHash(text: string): string {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  return (h >>> 0).toString(36);
}
