import { stat } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { Exit, OperatorError } from '../base/errors.js';

/**
 * One process at a time: a socket in Linux's abstract namespace, named for the directory's device and inode. The
 * kernel lets one process bind it and frees it however that process ends, so there is no stale lock to judge.
 */
export async function lockDirectory(dir: string): Promise<() => Promise<void>> {
  const { dev, ino } = await stat(dir);
  const server = createServer((socket) => socket.destroy());
  try {
    await listen(server, `\0tapspot-spool-${dev}-${ino}`);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    throw new OperatorError(
      'spool.busy',
      Exit.again,
      `another sensor is using the spool ${dir}: stop it, or give this one a spool of its own`,
      { cause: error },
    );
  }
  server.unref();
  return () => new Promise((resolve) => server.close(() => resolve()));
}

function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ path }, () => {
      server.off('error', reject);
      server.on('error', () => {});
      resolve();
    });
  });
}
