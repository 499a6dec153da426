import { type FileHandle, mkdir, open, rename, rm } from 'node:fs/promises';

/** The calls by which the lake changes the disk; a test hands in one that dies after the n-th of them. */
export interface Disk {
  makeDir(path: string): Promise<void>;
  /** What was written to the file is on the platter when this returns. */
  syncFile(path: string): Promise<void>;
  /** The names in the folder are on the platter when this returns. */
  syncDir(path: string): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  /** Removes a file or a whole folder; what is not there is no fault. */
  remove(path: string): Promise<void>;
  /** Writes whole records at `at`; a cut in the middle leaves a torn record. */
  write(file: FileHandle, bytes: Uint8Array, at: number): Promise<void>;
  syncHandle(file: FileHandle): Promise<void>;
  truncate(file: FileHandle, length: number): Promise<void>;
}

export const nodeDisk: Disk = {
  async makeDir(path) {
    await mkdir(path, { recursive: true });
  },
  syncFile: syncPath,
  syncDir: syncPath,
  rename,
  async remove(path) {
    await rm(path, { recursive: true, force: true });
  },
  async write(file, bytes, at) {
    let done = 0;
    while (done < bytes.length) {
      const { bytesWritten } = await file.write(bytes, done, bytes.length - done, at + done);
      done += bytesWritten;
    }
  },
  async syncHandle(file) {
    await file.datasync();
  },
  async truncate(file, length) {
    await file.truncate(length);
    await file.datasync();
  },
};

async function syncPath(path: string): Promise<void> {
  const file = await open(path, 'r');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}
