import type { Exit } from '../../base/errors.js';

/** `fault`: nothing useful can be captured. `warning`: packets or facts are lost. `note`: worth knowing. */
export type Severity = 'fault' | 'warning' | 'note';

/** One thing that eats packets, or the facts that packets carry. */
export interface Finding {
  severity: Severity;
  /** Stable and greppable: 'one-way', 'ring-drops' … */
  code: string;
  /** The interface or file it was seen on; null when it is about the whole machine. */
  where: string | null;
  /** What is wrong and what it costs, in a sentence. */
  text: string;
  /** The numbers that were seen. Times in the unit that the name ends with, the rest are counts or bytes. */
  evidence: Record<string, number | string | boolean>;
  /** The command or setting that mends it; null when there is none. */
  mend: string | null;
  /** What the program should end with, for a fault. */
  exit?: Exit;
}

/** `12.3 %` */
export function percent(part: number, whole: number): string {
  const share = whole > 0 ? (100 * part) / whole : 0;
  return `${share >= 10 ? share.toFixed(0) : share >= 0.1 ? share.toFixed(1) : share.toPrecision(1)} %`;
}

/** `12,345` */
export const count = (n: number): string => n.toLocaleString('en-US');
