import { type FileHandle, mkdir, open, readdir, unlink } from 'node:fs/promises';

/** The few calls the spool makes, so that a test can be the disk. Errors are those of node:fs. */
export interface SpoolFs {
  mkdir(path: string): Promise<void>;
  readdir(path: string): Promise<string[]>;
  /** `create` fails when the file is there. */
  open(path: string, how: 'create' | 'read'): Promise<SpoolFile>;
  unlink(path: string): Promise<void>;
  /** Makes names created in or removed from the directory durable. */
  syncDir(path: string): Promise<void>;
}

export interface SpoolFile {
  size(): Promise<number>;
  /** Bytes read, 0 at the end of the file. */
  read(into: Uint8Array, position: number): Promise<number>;
  /** All of `bytes`, or an error after any part of them. */
  write(bytes: Uint8Array, position: number): Promise<void>;
  truncate(length: number): Promise<void>;
  /** Makes what was written durable, with the length. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

class NodeFile implements SpoolFile {
  readonly #handle: FileHandle;
  constructor(handle: FileHandle) {
    this.#handle = handle;
  }
  async size() {
    return (await this.#handle.stat()).size;
  }
  async read(into: Uint8Array, position: number) {
    return (await this.#handle.read(into, 0, into.length, position)).bytesRead;
  }
  async write(bytes: Uint8Array, position: number) {
    for (let done = 0; done < bytes.length; ) {
      done += (await this.#handle.write(bytes, done, bytes.length - done, position + done)).bytesWritten;
    }
  }
  truncate(length: number) {
    return this.#handle.truncate(length);
  }
  sync() {
    return this.#handle.datasync();
  }
  close() {
    return this.#handle.close();
  }
}

export const nodeFs: SpoolFs = {
  async mkdir(path) {
    await mkdir(path, { recursive: true, mode: 0o700 });
  },
  readdir(path) {
    return readdir(path);
  },
  async open(path, how) {
    return new NodeFile(await open(path, how === 'create' ? 'wx+' : 'r', 0o600));
  },
  unlink(path) {
    return unlink(path);
  },
  async syncDir(path) {
    const handle = await open(path, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  },
};
