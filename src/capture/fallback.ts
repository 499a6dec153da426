import { spawn, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { Exit, OperatorError } from '../base/errors.js';
import { BATCH_ROWS, newBatch } from './batch.js';
import type { FallbackOptions, Refusal } from './fallback-child.js';
import { CaptureFile } from './file.js';
import { FILE_ARENA_BYTES } from './reader.js';
import { Sift } from './sift.js';
import type { FrameSource } from './source.js';
import { StreamInput } from './stream.js';

const CHILD = fileURLToPath(new URL('./fallback-child.js', import.meta.url));
const CHECK_MS = 10_000;

/**
 * A live tap through the `cap` package, where our own addon is not built. One handle and no fanout; it cannot tell
 * what was dropped (NaN), and stamps frames itself, a little late.
 *
 * `cap` lives in a process of its own: it works on one main thread only (it polls on the default loop), it can be
 * loaded once, and it corrupts memory when its objects are collected. Its frames come over a pipe as a capture file,
 * so all this thread runs is the reader that files have. Throws an OperatorError as openTap() does.
 */
export function openFallback(options: FallbackOptions): FrameSource {
  const tried = spawnSync(process.execPath, [CHILD], {
    input: `${JSON.stringify({ ...options, onlyCheck: true })}\n`,
    encoding: 'utf8',
    timeout: CHECK_MS,
  });
  if (tried.status !== 0) throw refusalOf(options.device, tried.stdout, tried.stderr);

  const child = spawn(process.execPath, [CHILD], { stdio: ['pipe', 'pipe', 'pipe'] });
  // The child ends when this pipe does, so it cannot outlive us; a write to a child that died is of no interest.
  child.stdin.on('error', () => {}).write(`${JSON.stringify(options)}\n`);
  let said = '';
  child.stderr.on('data', (words: Buffer) => {
    if (said.length < 500) said += words.toString('latin1');
  });
  const outcome = new Promise<string | null>((resolve) => {
    child.on('error', (error) => resolve(`cap cannot be run: ${error.message}`));
    child.on('close', (code) => resolve(`cap ended (${code ?? 'killed'}) ${said.trim()}`));
  });
  const input = new StreamInput(child.stdout, { outcome, close: () => void child.kill('SIGKILL') });
  const name = `${options.device} through cap (drops unknown)`;
  return new CaptureFile(name, input, new Sift({}), newBatch(BATCH_ROWS, FILE_ARENA_BYTES));
}

/** Whether the optional package is there. Loading it is the child's business. */
export function hasFallback(): boolean {
  try {
    import.meta.resolve('cap');
    return true;
  } catch {
    return false;
  }
}

function refusalOf(device: string, stdout: string, stderr: string): OperatorError {
  let refusal: Refusal;
  try {
    refusal = JSON.parse(stdout) as Refusal;
  } catch {
    refusal = { loaded: false, message: stderr.trim().split('\n').at(-1) ?? '' };
  }
  const message = refusal.message.replace(/\s+/g, ' ');
  if (!refusal.loaded) {
    const why = `The package cap cannot be loaded (${message}). Install a C++ compiler and libpcap-dev, then run "npm install cap" or, better, "npm run build:native".`;
    return new OperatorError('capture.no-cap', Exit.unavailable, why);
  }
  if (/permission|not permitted/i.test(message)) {
    const why = `There is no permission to capture on ${device}: CAP_NET_RAW is needed.`;
    return new OperatorError('capture.no-permission', Exit.permission, why);
  }
  if (/no such device|doesn't exist/i.test(message)) {
    const why = `There is no network device "${device}" here.`;
    return new OperatorError('capture.no-device', Exit.noInput, why);
  }
  return new OperatorError('capture.tap', Exit.unavailable, `${device} cannot be captured on through cap: ${message}`);
}
