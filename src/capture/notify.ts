import { addonIfAny } from './native.js';

/**
 * Tells the service manager something, as sd_notify(3) does: 'READY=1', 'WATCHDOG=1', 'STATUS=...', one per line.
 * `socket` is the value of NOTIFY_SOCKET: a path, or an abstract name with a leading '@'; undefined or empty where no
 * manager listens, and then nothing is done. Returns whether the manager has been told; that it was not is no reason
 * to stop, so this does not throw.
 */
export function notify(socket: string | undefined, state: string): boolean {
  if (socket === undefined || socket === '') return false;
  return addonIfAny()?.notify(socket, state) === 0;
}
