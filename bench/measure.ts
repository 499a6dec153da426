import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../src/base/root.js';

/** What one run of one program took. */
export interface Cost {
  /** CPU seconds, user and system, of the whole process. */
  cpuSeconds: number;
  wallSeconds: number;
  rssBytes: number;
  /** Exit status; above 128 a signal. */
  code: number;
  stdout: string;
}

export const hasCompiler = spawnSync('cc', ['--version']).error === undefined;

const built = join(packageRoot(), '.build', 'bench-native');

/** Compiles bench/peers/NAME.c unless that is done, and returns the program. Throws what the compiler says. */
export function native(name: 'floor' | 'measure'): string {
  const source = join(packageRoot(), 'bench', 'peers', `${name}.c`);
  const program = join(built, name);
  if (existsSync(program) && statSync(program).mtimeMs > statSync(source).mtimeMs) return program;
  mkdirSync(built, { recursive: true });
  // Under another name until it is whole: two tests may build it at the same time.
  const fresh = `${program}.${process.pid}`;
  execFileSync('cc', ['-O2', '-march=native', '-Wall', '-Wextra', '-o', fresh, source], { stdio: 'pipe' });
  renameSync(fresh, program);
  return program;
}

/** Runs a command to its end on one core (-1: any) and says what it took. */
export function measure(command: readonly string[], core: number, timeoutMs = 900_000): Cost {
  mkdirSync(built, { recursive: true });
  const report = join(built, `cost-${process.pid}`);
  const ran = spawnSync(native('measure'), [report, String(core), ...command], {
    encoding: 'utf8',
    maxBuffer: 1 << 30,
    timeout: timeoutMs,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  if (ran.status !== 0)
    return { cpuSeconds: Number.NaN, wallSeconds: Number.NaN, rssBytes: Number.NaN, code: 124, stdout: '' };
  const [user, system, wall, rss, code] = readFileSync(report, 'utf8').trim().split(' ').map(Number);
  return { cpuSeconds: user! + system!, wallSeconds: wall!, rssBytes: rss! * 1024, code: code!, stdout: ran.stdout };
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
