/** tshark as a second opinion on the same capture. */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../src/base/root.js';

const CAPTURES = join(packageRoot(), '..', 'shared', 'data', 'pcap');

export const hasTshark = (() => {
  try {
    execFileSync('tshark', ['--version'], { stdio: 'pipe' });
    return true;
  } catch {
    return false;
  }
})();

/** Why a test against tshark cannot run here; false when it can. */
export const noTshark = !existsSync(CAPTURES) ? 'no captures' : !hasTshark ? 'no tshark' : false;

/** The captures to compare: a few of each kind, or all of them with ALL_CAPTURES set. */
export function captures(each: number): string[] {
  if (!existsSync(CAPTURES)) return [];
  const out: string[] = [];
  for (const folder of readdirSync(CAPTURES).sort()) {
    const files = readdirSync(join(CAPTURES, folder)).sort();
    const step = process.env.ALL_CAPTURES ? 1 : Math.max(1, Math.floor(files.length / each));
    for (let i = 0; i < files.length; i += step) out.push(join(CAPTURES, folder, files[i]!));
  }
  return out;
}

/** One line of fields a frame, the first occurrence of each: the outermost layer. Nothing is put together. */
export function tsharkFields(file: string, fields: readonly string[]): string[][] {
  const args = ['-r', file, '-n', '-T', 'fields', '-E', 'occurrence=f', '-E', 'separator=/t'];
  for (const preference of ['ip.defragment:FALSE', 'ipv6.defragment:FALSE', 'tcp.desegment_tcp_streams:FALSE']) {
    args.push('-o', preference);
  }
  args.push('--enable-protocol', 'communityid');
  for (const field of fields) args.push('-e', field);
  const text = execFileSync('tshark', args, {
    maxBuffer: 1 << 30,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => line.split('\t'));
}

/** Packets and bytes of frames per conversation, `tcp` or `udp`. */
export function tsharkConversations(file: string, kind: 'tcp' | 'udp'): { ends: string; frames: number }[] {
  const args = ['-r', file, '-n', '-q', '-o', 'ip.defragment:FALSE', '-z', `conv,${kind}`];
  const text = execFileSync('tshark', args, {
    maxBuffer: 1 << 30,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const out: { ends: string; frames: number }[] = [];
  for (const line of text.split('\n')) {
    const m = /^(\S+)\s+<->\s+(\S+)\s+(\d+)\s+[\d.,]+\s*\S*\s+(\d+)\s/.exec(line);
    if (m) out.push({ ends: [m[1]!, m[2]!].sort().join(' '), frames: Number(m[3]) + Number(m[4]) });
  }
  return out;
}
