import type { Log } from '../base/log.js';
import { notify } from '../capture/notify.js';

/**
 * What systemd is told (sd_notify(3)): READY once, WATCHDOG while `alive` holds, RELOADING and STOPPING in between.
 * Silent where no service manager listens.
 */
export class Service {
  readonly #socket: string | undefined;
  #timer: NodeJS.Timeout | null = null;

  constructor(env: NodeJS.ProcessEnv, alive: () => boolean) {
    this.#socket = env.NOTIFY_SOCKET;
    const everyUs = Number(env.WATCHDOG_USEC);
    const ours = env.WATCHDOG_PID === undefined || Number(env.WATCHDOG_PID) === process.pid;
    if (this.#socket !== undefined && everyUs > 0 && ours) {
      this.#timer = setInterval(() => {
        if (alive()) this.#tell('WATCHDOG=1');
      }, everyUs / 2000);
      this.#timer.unref();
    }
  }

  ready(status: string): void {
    this.#tell(`READY=1\nMAINPID=${process.pid}\nSTATUS=${status}`);
  }

  status(text: string): void {
    this.#tell(`STATUS=${text}`);
  }

  stopping(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#tell('STOPPING=1');
  }

  #tell(state: string): void {
    if (this.#socket !== undefined) notify(this.#socket, state);
  }
}

/** Resolves with the first signal that asks the process to end; a second one ends it at once. */
export function untilSignal(log: Log): Promise<'SIGINT' | 'SIGTERM'> {
  return new Promise((resolve) => {
    let asked = false;
    const on = (signal: 'SIGINT' | 'SIGTERM') => {
      if (asked) process.exit(signal === 'SIGINT' ? 130 : 143);
      asked = true;
      log.info({ signal }, 'stopping; once more to stop at once');
      resolve(signal);
    };
    process.on('SIGINT', on);
    process.on('SIGTERM', on);
  });
}
