/** Reads captures for tests that compare us with tshark: pcap itself, anything else by way of editcap. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Frame } from './frames.js';

/** Unpacks a capture (.xz or plain) into a file of the classic format, runs `use` on it and removes it. */
export function withPcap<T>(path: string, use: (file: string) => T): T {
  const dir = mkdtempSync(join(tmpdir(), 'tapspot-pcap-'));
  try {
    const file = join(dir, 'capture');
    writeFileSync(
      file,
      path.endsWith('.xz') ? execFileSync('xz', ['-dc', path], { maxBuffer: 1 << 30 }) : readFileSync(path),
    );
    const magic = readFileSync(file).readUInt32LE(0);
    if (magic !== 0x0a0d0d0a) return use(file);
    const classic = join(dir, 'classic');
    execFileSync('editcap', ['-F', 'pcap', file, classic], { stdio: 'pipe' });
    return use(classic);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/** The frames of a capture file of the classic format. */
export function readPcap(file: string): Frame[] {
  const b = readFileSync(file);
  const magic = b.readUInt32LE(0);
  const isLittle = magic === 0xa1b2c3d4 || magic === 0xa1b23c4d;
  const u32 = (at: number) => (isLittle ? b.readUInt32LE(at) : b.readUInt32BE(at));
  const isNano = u32(0) === 0xa1b23c4d;
  if (!isNano && u32(0) !== 0xa1b2c3d4) throw new Error(`${file} is not a capture file`);
  const linkType = u32(20) & 0xffff;
  const frames: Frame[] = [];
  for (let at = 24; at + 16 <= b.length; ) {
    const capLen = u32(at + 8);
    const bytes = b.subarray(at + 16, at + 16 + capLen);
    const timeUs = u32(at) * 1e6 + (isNano ? u32(at + 4) / 1000 : u32(at + 4));
    frames.push({ timeUs, bytes, linkType, wireLen: u32(at + 12) });
    at += 16 + capLen;
  }
  return frames;
}
