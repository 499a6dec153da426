import type { ServerResponse } from 'node:http';

const CLIENTS_MAX = 64;
const HEARTBEAT_MS = 15_000;
/** A thousand sensors that commit together make one write. */
const GATHER_MS = 100;
/** Bytes that may wait for a client that does not read; then it is let go and may come again. */
const BACKLOG_MAX = 64 * 1024;

/** Tells open consoles that something is new (Server-Sent Events, WHATWG HTML §9.2). */
export class Events {
  readonly #clients = new Set<ServerResponse>();
  /** Events to be told, each once, however often they happened since the last telling. */
  readonly #pending = new Set<string>();
  #flush: NodeJS.Timeout | null = null;
  readonly #timer: NodeJS.Timeout;

  constructor() {
    this.#timer = setInterval(() => this.#write(': still here\n\n'), HEARTBEAT_MS);
    this.#timer.unref();
  }

  get clients(): number {
    return this.#clients.size;
  }

  /** Takes over a response; false when there are too many. */
  add(response: ServerResponse, headers: Record<string, string>): boolean {
    if (this.#clients.size >= CLIENTS_MAX) return false;
    response.writeHead(200, {
      ...headers,
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    });
    response.write('retry: 3000\n\n');
    this.#clients.add(response);
    response.on('close', () => this.#clients.delete(response));
    response.on('error', () => this.#clients.delete(response));
    return true;
  }

  tell(event: 'batch' | 'status' | 'model', data: string): void {
    if (this.#clients.size === 0) return;
    this.#pending.add(`event: ${event}\ndata: ${data.replace(/[\r\n]/g, ' ')}\n\n`);
    this.#flush ??= setTimeout(() => {
      this.#flush = null;
      this.#write([...this.#pending].join(''));
      this.#pending.clear();
    }, GATHER_MS);
  }

  close(): void {
    clearInterval(this.#timer);
    if (this.#flush !== null) clearTimeout(this.#flush);
    for (const client of this.#clients) client.end();
    this.#clients.clear();
  }

  #write(text: string): void {
    for (const client of this.#clients) {
      if (client.writableLength > BACKLOG_MAX) client.destroy();
      else client.write(text);
    }
  }
}
