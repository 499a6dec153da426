import type { FileHandle } from 'node:fs/promises';
import { type Disk, nodeDisk } from '../../../src/central/lake/disk.js';

/** The power is gone: nothing after this call happened. */
export class PowerCut extends Error {
  constructor() {
    super('the power is gone');
    this.name = 'PowerCut';
  }
}

/** The real disk until the n-th call, which is cut: a write leaves half of its bytes, anything else does not happen. */
export function diesAfter(calls: number): { disk: Disk; died: () => boolean; calls: () => number } {
  let n = 0;
  const alive = () => n++ < calls;
  const guarded =
    <A extends unknown[]>(call: (...args: A) => Promise<void>) =>
    async (...args: A) => {
      if (!alive()) throw new PowerCut();
      await call(...args);
    };
  const disk: Disk = {
    makeDir: guarded(nodeDisk.makeDir),
    syncFile: guarded(nodeDisk.syncFile),
    syncDir: guarded(nodeDisk.syncDir),
    rename: guarded(nodeDisk.rename),
    remove: guarded(nodeDisk.remove),
    syncHandle: guarded(nodeDisk.syncHandle),
    truncate: guarded(nodeDisk.truncate),
    async write(file: FileHandle, bytes: Uint8Array, at: number) {
      if (!alive()) {
        if (n === calls + 1) await nodeDisk.write(file, bytes.subarray(0, bytes.length >> 1), at);
        throw new PowerCut();
      }
      await nodeDisk.write(file, bytes, at);
    },
  };
  return { disk, died: () => n > calls, calls: () => n };
}
