import type { Finding } from '../record/finding.js';
import type { Context } from './context.js';
import type { Window } from './window.js';

/**
 * One kind of evidence. A detector sees every window in order, keeps what it must in bounded tables, and adds what it
 * finds; it tells the same thing again, under the same key, when the evidence has grown. It works alike on one window
 * of a whole capture and on many of a minute.
 */
export interface Detector {
  readonly name: string;
  /** Table rows given up for newer ones, since start. */
  readonly evicted: number;
  window(window: Window, context: Context, out: Finding[]): void;
}
