import { accessSync, constants, existsSync, statfsSync } from 'node:fs';
import { connect } from 'node:net';
import { freemem, totalmem } from 'node:os';
import { dirname } from 'node:path';
import { Exit } from '../base/errors.js';
import { bytesText } from '../base/units.js';

/** What this machine can do and what not, as `check` and `doctor` both ask: one function a question. */
export interface Finding {
  grade: 'ok' | 'warning' | 'fault';
  about: string;
  text: string;
  /** What the program should end with, for a fault. */
  exit?: Exit;
}

export function checkFolder(about: string, path: string, limit: number, out: Finding[]): void {
  let there = path;
  while (!existsSync(there) && dirname(there) !== there) there = dirname(there);
  try {
    accessSync(there, constants.W_OK);
  } catch {
    out.push({ grade: 'fault', about, text: `${there} cannot be written by this user`, exit: Exit.permission });
    return;
  }
  const fs = statfsSync(there);
  const free = fs.bavail * fs.bsize;
  if (free < limit)
    out.push({
      grade: 'warning',
      about,
      text: `${path} may grow to ${bytesText(limit)} but only ${bytesText(free)} are free there`,
    });
  else out.push({ grade: 'ok', about, text: `${path} can be written, ${bytesText(free)} free` });
}

export function checkReadable(about: string, key: string, path: string, out: Finding[]): void {
  try {
    accessSync(path, constants.R_OK);
    out.push({ grade: 'ok', about, text: `${key} ${path} can be read` });
  } catch (error) {
    out.push({ grade: 'fault', about, text: `${key}: ${(error as Error).message}`, exit: Exit.noInput });
  }
}

export function checkMemory(wanted: number, what: string, out: Finding[]): void {
  if (wanted > totalmem())
    out.push({
      grade: 'fault',
      about: 'memory',
      text: `${what} are more than this machine's ${bytesText(totalmem())}`,
      exit: Exit.config,
    });
  else if (wanted > freemem())
    out.push({
      grade: 'warning',
      about: 'memory',
      text: `${what} are more than the ${bytesText(freemem())} that are free now`,
    });
  else out.push({ grade: 'ok', about: 'memory', text: what });
}

/** A clock before this release was made stamps every record wrongly. */
export function checkClock(out: Finding[]): void {
  if (Date.now() < Date.UTC(2026, 0, 1))
    out.push({
      grade: 'fault',
      about: 'clock',
      text: `this machine believes it is ${new Date().toISOString()}: set its clock`,
      exit: Exit.failed,
    });
}

export async function checkBroker(url: string, out: Finding[]): Promise<void> {
  const { hostname, port, protocol } = new URL(url);
  const at = { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port || (protocol === 'mqtts:' ? 8883 : 1883)) };
  const why = await new Promise<string | null>((resolve) => {
    const socket = connect({ ...at, timeout: 3000 });
    const done = (text: string | null) => {
      socket.destroy();
      resolve(text);
    };
    socket.once('connect', () => done(null));
    socket.once('timeout', () => done('no answer within 3 s'));
    socket.once('error', (error) => done(error.message));
  });
  if (why === null) out.push({ grade: 'ok', about: 'broker', text: `${at.host}:${at.port} answers` });
  else
    out.push({
      grade: 'fault',
      about: 'broker',
      text: `${at.host}:${at.port} cannot be reached: ${why}`,
      exit: Exit.unavailable,
    });
}
