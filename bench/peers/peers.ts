import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { versionText } from '../../src/cli/version.js';
import type { CaptureName } from '../captures/make.js';

export interface Peer {
  /** As the table calls it: the program and what it does. */
  name: string;
  /** The command for one capture; `scratch` is a folder for its output. */
  command: (capture: string, scratch: string) => readonly string[];
  /** Null when it is not installed. */
  version: () => string | null;
  /** Captures it makes sense on; absent: all. */
  only?: readonly CaptureName[];
  /** It keeps all it has seen, so it gets no more than this many packets. */
  packetsMax?: number;
}

/** Where softflowd sends its records: a socket of ours that nobody reads, so that nothing is refused. */
export const SINK_PORT = 29_995;

const compiled = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const MAIN = compiled('../../src/cli/main.js');
const STAGES = compiled('../flow/captures.js');

/** The first thing in a program's output that looks like a version; null when the program is not there. */
function version(command: string, args: readonly string[]): string | null {
  const env = { ...process.env, LC_ALL: 'C' };
  const ran = spawnSync(command, args, { encoding: 'utf8', timeout: 10_000, env });
  if (ran.error !== undefined) return null;
  return /\d+(?:\.\d+)+/.exec(`${ran.stdout}\n${ran.stderr}`)?.[0] ?? 'unknown';
}

export const TAPSPOT = 'tapspot inspect: flows, DNS, scoring';

export const PEERS: readonly Peer[] = [
  {
    name: TAPSPOT,
    command: (capture) => [process.execPath, MAIN, 'inspect', '--json', '-r', capture],
    version: () => versionText().split('\n')[0]!,
  },
  {
    name: 'tapspot inspect --memory 1GiB',
    command: (capture) => [process.execPath, MAIN, 'inspect', '--json', '--memory', '1GiB', '-r', capture],
    version: () => versionText().split('\n')[0]!,
  },
  {
    name: 'tapspot, packets to flows (its stages alone)',
    command: (capture) => [process.execPath, STAGES, capture, '1', 'flow'],
    version: () => (existsSync(STAGES) ? versionText().split('\n')[0]! : null),
  },
  {
    name: 'tcpdump -w /dev/null: only copies',
    command: (capture) => ['tcpdump', '-r', capture, '-w', '/dev/null'],
    version: () => version('tcpdump', ['--version']),
  },
  {
    name: 'softflowd -m 4000000: flows',
    command: (capture, scratch) =>
      `softflowd -r ${capture} -d -m 4000000 -n 127.0.0.1:${SINK_PORT} -v 9 -6 -c none -p ${scratch}/softflowd.pid`.split(
        ' ',
      ),
    version: () => version('softflowd', ['-h']),
  },
  {
    name: 'nfpcapd: flows',
    command: (capture, scratch) => ['nfpcapd', '-r', capture, '-w', scratch, '-B', '524288'],
    version: () => version('nfpcapd', ['-V']),
  },
  {
    name: 'argus: flows',
    command: (capture, scratch) => ['argus', '-X', '-r', capture, '-w', join(scratch, 'argus')],
    version: () => version('argus', ['-h']),
  },
  {
    name: 'ndpiReader: flows and protocols',
    command: (capture) => ['ndpiReader', '-i', capture],
    version: () => version('ndpiReader', ['-h']),
  },
  {
    name: 'tshark: DNS fields',
    command: (capture) =>
      `tshark -n -c 200000 -r ${capture} -Y dns -T fields -e frame.time_epoch -e ip.src -e ip.dst -e dns.id -e dns.qry.name -e dns.qry.type -e dns.flags.rcode`.split(
        ' ',
      ),
    version: () => version('tshark', ['--version']),
    only: ['dns'],
    packetsMax: 200_000,
  },
];
