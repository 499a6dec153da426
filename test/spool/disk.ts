import { dirname } from 'node:path';
import type { SpoolFile, SpoolFs } from '../../src/spool/fs.js';
import type { Prng } from '../support/prng.js';

export class PowerCut extends Error {
  readonly code = 'ECUT';
}

export class DiskError extends Error {
  readonly code: string;
  constructor(code: string) {
    super(code);
    this.code = code;
  }
}

interface Inode {
  data: Uint8Array;
  /** What the platters hold. */
  synced: Uint8Array;
}

/**
 * A disk in memory that knows what was synced. It loses power at the call with number `diesAt`, in the middle of a
 * write if that is one; afterwards every call fails. `restarted()` gives the disk that the machine comes back with.
 */
export class MemoryDisk implements SpoolFs {
  readonly names = new Map<string, Inode>();
  readonly syncedNames = new Map<string, Inode>();
  calls = 0;
  diesAt = Number.POSITIVE_INFINITY;
  dead = false;
  capacity = Number.POSITIVE_INFINITY;
  /** Fails the call with this error when it says so. */
  fault: ((what: string, path: string) => string | null) | null = null;

  /** A call begins: true when the power fails in the middle of it. */
  call(what: string, path: string): boolean {
    if (this.dead) throw new PowerCut('no power');
    if (this.calls++ === this.diesAt) {
      this.dead = true;
      if (what === 'write') return true;
      throw new PowerCut(`power cut at ${what}`);
    }
    const code = this.fault?.(what, path) ?? null;
    if (code !== null) throw new DiskError(code);
    return false;
  }

  used(): number {
    let sum = 0;
    for (const inode of this.names.values()) sum += inode.data.length;
    return sum;
  }

  async mkdir(path: string) {
    this.call('mkdir', path);
  }

  async readdir(path: string) {
    this.call('readdir', path);
    return [...this.names.keys()].filter((p) => dirname(p) === path).map((p) => p.slice(path.length + 1));
  }

  async unlink(path: string) {
    this.call('unlink', path);
    if (!this.names.delete(path)) throw new DiskError('ENOENT');
  }

  async syncDir(path: string) {
    this.call('syncDir', path);
    for (const p of [...this.syncedNames.keys()]) {
      if (dirname(p) === path && !this.names.has(p)) this.syncedNames.delete(p);
    }
    for (const [p, inode] of this.names) if (dirname(p) === path) this.syncedNames.set(p, inode);
  }

  async open(path: string, how: 'create' | 'read'): Promise<SpoolFile> {
    this.call('open', path);
    let inode = this.names.get(path);
    if (how === 'create') {
      if (inode !== undefined) throw new DiskError('EEXIST');
      inode = { data: new Uint8Array(0), synced: new Uint8Array(0) };
      this.names.set(path, inode);
    }
    if (inode === undefined) throw new DiskError('ENOENT');
    return this.#file(path, inode);
  }

  #file(path: string, inode: Inode): SpoolFile {
    const disk = this;
    return {
      async size() {
        disk.call('size', path);
        return inode.data.length;
      },
      async read(into, position) {
        disk.call('read', path);
        const piece = inode.data.subarray(position, position + into.length);
        into.set(piece);
        return piece.length;
      },
      async write(bytes, position) {
        const cut = disk.call('write', path);
        const room = disk.capacity - disk.used() + Math.max(0, inode.data.length - position);
        const whole = !cut && bytes.length <= room;
        const part = bytes.subarray(0, whole ? bytes.length : cut ? bytes.length >> 1 : Math.max(0, room));
        const data = new Uint8Array(Math.max(inode.data.length, position + part.length));
        data.set(inode.data);
        data.set(part, position);
        inode.data = data;
        if (cut) throw new PowerCut('power cut in a write');
        if (!whole) throw new DiskError('ENOSPC');
      },
      async truncate(length) {
        disk.call('truncate', path);
        inode.data = inode.data.slice(0, length);
      },
      async sync() {
        disk.call('sync', path);
        inode.synced = inode.data.slice();
      },
      async close() {
        if (!disk.dead) disk.call('close', path);
      },
    };
  }

  /**
   * The disk after the power is back. With `forget`, what was never synced may be gone: each such name and each such
   * tail of a file by the toss of a coin, tails also cut anywhere.
   */
  restarted(forget: Prng | null): MemoryDisk {
    const disk = new MemoryDisk();
    const keep = (path: string, data: Uint8Array) => {
      const inode = { data: data.slice(), synced: data.slice() };
      disk.names.set(path, inode);
      disk.syncedNames.set(path, inode);
    };
    for (const [path, inode] of this.names) {
      if (forget === null) keep(path, inode.data);
      else if (this.syncedNames.has(path) || forget.chance(0.5)) keep(path, tail(inode, forget));
    }
    if (forget !== null) {
      for (const [path, inode] of this.syncedNames) {
        if (!this.names.has(path) && forget.chance(0.5)) keep(path, tail(inode, forget));
      }
    }
    return disk;
  }
}

function tail(inode: Inode, forget: Prng): Uint8Array {
  if (inode.data.length <= inode.synced.length || forget.chance(0.4)) return inode.synced;
  const kept = inode.data.slice(0, forget.between(inode.synced.length, inode.data.length));
  // A journalled length with blocks that were never written reads as zeros.
  if (forget.chance(0.3)) kept.fill(0, forget.between(inode.synced.length, kept.length));
  return kept;
}
