import { createReadStream, existsSync, statSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { extname, join, normalize } from 'node:path';

/** The policy the console lives under, as strict as the central's. */
export const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** What one route answers: JSON, or a status and a body; `hang` never answers, `drop` cuts the connection. */
export type Answer =
  | { json: unknown; status?: number; delayMs?: number }
  | { text: string; status: number }
  | 'hang'
  | 'drop';
export type Route = (request: { path: string; params: URLSearchParams; method: string }) => Answer;

/** A central that says whatever a test wants said. */
export interface FixtureServer {
  url: string;
  /** Replaced by tests between steps. */
  routes: Record<'shortlist' | 'entity' | 'sensors' | 'model' | 'train', Route>;
  /** Paths asked of the API, with their search, in order. */
  asked: string[];
  /** False refuses the event stream with a 503. */
  streaming: boolean;
  emit(event: string, data: string): void;
  /** How many listen to the event stream now. */
  listeners(): number;
  /** Cuts all streams, as a restart would. */
  cut(): void;
  close(): Promise<void>;
}

function send(response: ServerResponse, answer: Answer): void {
  if (answer === 'hang') return;
  if (answer === 'drop') {
    response.socket?.destroy();
    return;
  }
  if ('text' in answer) {
    response.writeHead(answer.status, { 'content-type': 'text/html' }).end(answer.text);
    return;
  }
  const body = JSON.stringify(answer.json);
  setTimeout(
    () => response.writeHead(answer.status ?? 200, { 'content-type': 'application/json' }).end(body),
    answer.delayMs ?? 0,
  );
}

/** Serves the built console from `root` and the routes beside it, on a free port of loopback (or the one given). */
export async function serve(root: string, routes: FixtureServer['routes'], port = 0): Promise<FixtureServer> {
  const streams = new Set<ServerResponse>();
  const sockets = new Set<Socket>();
  const held: FixtureServer = {
    url: '',
    routes,
    asked: [],
    streaming: true,
    emit(event, data) {
      for (const stream of streams) stream.write(`event: ${event}\ndata: ${data}\n\n`);
    },
    listeners: () => streams.size,
    cut() {
      for (const stream of streams) stream.socket?.destroy();
      streams.clear();
    },
    close() {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
  const server: Server = createServer((request, response) => {
    response.setHeader('content-security-policy', POLICY);
    response.setHeader('x-content-type-options', 'nosniff');
    const url = new URL(request.url ?? '/', 'http://fixture');
    if (!url.pathname.startsWith('/api/')) return file(root, url.pathname, response);
    held.asked.push(`${request.method} ${url.pathname}${url.search}`);
    if (url.pathname === '/api/events') return stream(held, streams, request, response);
    const name = url.pathname.split('/')[2] as keyof FixtureServer['routes'];
    const route = Object.hasOwn(held.routes, name) ? held.routes[name] : undefined;
    if (route === undefined)
      return send(response, { json: { error: { code: 'not_found', message: 'No such route.' } }, status: 404 });
    send(response, route({ path: url.pathname, params: url.searchParams, method: request.method ?? 'GET' }));
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  held.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return held;
}

function stream(
  held: FixtureServer,
  streams: Set<ServerResponse>,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  if (!held.streaming) {
    response.writeHead(503).end();
    return;
  }
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  response.write('retry: 300\n\n');
  streams.add(response);
  request.on('close', () => streams.delete(response));
}

/** A file of the console, or its page for any address that is none, as a console with its own addresses needs. */
function file(root: string, path: string, response: ServerResponse): void {
  const wanted = join(root, normalize(`/${path}`));
  const found = existsSync(wanted) && statSync(wanted).isFile() ? wanted : join(root, 'index.html');
  response.writeHead(200, { 'content-type': TYPES[extname(found)] ?? 'application/octet-stream' });
  createReadStream(found).pipe(response);
}
