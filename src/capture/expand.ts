import { lstatSync, opendirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { OperatorError } from '../base/errors.js';
import { cannotOpen } from './input.js';
import { checkCapture } from './open.js';

export interface Expansion {
  /** Capture files, and '-' where it was given: the arguments' own order, folders sorted by path. */
  files: string[];
  /** What lay in a folder and is not read, and why. */
  skipped: { path: string; reason: string }[];
}

/** A folder deeper than this is taken for a mistake (or a trap). */
const DEPTH_MAX = 32;

/**
 * Turns what an operator named into the files to read. A folder stands for the capture files in it, at any depth,
 * told by their content; a link to a folder inside it is not followed, so the walk ends. A file named outright is
 * kept whatever it holds: opening it will say what is wrong with it. Throws an OperatorError where nothing exists.
 */
export function expand(given: readonly string[]): Expansion {
  const out: Expansion = { files: [], skipped: [] };
  for (const path of given) {
    if (path !== '-' && isFolder(path)) walk(path, 0, out);
    else out.files.push(path);
  }
  return out;
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch (error) {
    throw cannotOpen(path, error as NodeJS.ErrnoException);
  }
}

function walk(folder: string, depth: number, out: Expansion): void {
  for (const name of namesIn(folder, out)) {
    const path = join(folder, name);
    const stat = lstatSync(path, { throwIfNoEntry: false });
    if (stat === undefined) continue;
    if (stat.isDirectory()) {
      if (depth < DEPTH_MAX) walk(path, depth + 1, out);
      else out.skipped.push({ path, reason: `more than ${DEPTH_MAX} folders deep` });
      continue;
    }
    const reason = whyNot(path);
    if (reason === null) out.files.push(path);
    else out.skipped.push({ path, reason });
  }
}

/** Sorted by code unit, not by locale: the same folder gives the same order on every machine. */
function namesIn(folder: string, out: Expansion): string[] {
  const names: string[] = [];
  try {
    const dir = opendirSync(folder);
    for (let entry = dir.readSync(); entry !== null; entry = dir.readSync()) names.push(entry.name);
    dir.closeSync();
  } catch (error) {
    out.skipped.push({ path: folder, reason: (error as Error).message });
  }
  return names.sort();
}

/** Looks into a file, also when it is compressed; null when it is a capture. */
function whyNot(path: string): string | null {
  // Opening a pipe or a device just to look at it may wait for ever.
  if (statSync(path, { throwIfNoEntry: false })?.isFile() !== true) return 'not a regular file';
  try {
    checkCapture(path);
    return null;
  } catch (error) {
    if (error instanceof OperatorError) return error.message;
    throw error;
  }
}
