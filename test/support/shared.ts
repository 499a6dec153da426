import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { packageRoot } from '../../src/base/root.js';

/** Labelled traffic beside the checkout; tests that need it are left out, with this reason, where it is not. */
export const SHARED = join(packageRoot(), '..', 'shared', 'data');
export const noShared = existsSync(join(SHARED, 'pcap')) ? false : 'the labelled captures are not here';

/** Every labelled capture: `kind/name`. */
export function sharedCaptures(): string[] {
  if (noShared) return [];
  const root = join(SHARED, 'pcap');
  return readdirSync(root)
    .sort()
    .flatMap((kind) =>
      readdirSync(join(root, kind))
        .sort()
        .map((name) => `${kind}/${name}`),
    )
    .filter((name) => name.endsWith('.xz'));
}

/** The capture's bytes, unpacked. */
export function unpacked(name: string): Buffer {
  return execFileSync('xz', ['-dc', join(SHARED, 'pcap', name)], { maxBuffer: 1 << 30 });
}

/** A file with the capture's bytes, for tools that want one; kept for the next who asks. */
export function unpackedFile(name: string): string {
  const folder = join(tmpdir(), 'tapspot-captures');
  mkdirSync(folder, { recursive: true });
  const path = join(folder, name.replaceAll('/', '__').replace(/\.xz$/, ''));
  if (!existsSync(path) || statSync(path).size === 0) {
    const bytes = unpacked(name);
    writeFileSync(`${path}.${process.pid}`, bytes);
    execFileSync('mv', [`${path}.${process.pid}`, path]);
  }
  return path;
}

export function sampleCaptures(): string[] {
  const folder = join(packageRoot(), 'samples');
  return readdirSync(folder)
    .filter((n) => /\.pcap(ng)?(\.gz)?$/.test(n))
    .sort()
    .map((n) => join(folder, n));
}

export const nameOf = (path: string) => basename(path);
export const readText = (path: string) => readFileSync(path, 'utf8');
