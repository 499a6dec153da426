import { existsSync } from 'node:fs';
import { join } from 'node:path';
import helmet from '@fastify/helmet';
import rateLimit from '@fastify/rate-limit';
import fastifyStatic from '@fastify/static';
import Fastify, { type FastifyError, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { z } from 'zod';
import { addressText, parseAddress } from '../../base/address.js';
import type { Log } from '../../base/log.js';
import { isLoopback } from '../config.js';
import { entity } from './entity.js';
import type { Events } from './events.js';
import { type Measured, metrics } from './metrics.js';
import { ModelReader } from './model.js';
import { sensors } from './sensors.js';
import { shortlist } from './shortlist.js';
import type { HealthView } from './types.js';

export interface ApiOptions extends Measured {
  events: Events;
  /** Host names, besides loopback, under which the console may be asked for. */
  hosts: readonly string[];
  /** The built console; the API alone is served where it is absent. */
  webDir: string;
  log: Log;
}

const day = z
  .string()
  .regex(/^\d{4}-\d{2}-\d{2}$/)
  .refine((text) => new Date(`${text}T00:00:00Z`).toJSON()?.slice(0, 10) === text)
  .optional();
const ShortlistQuery = z.object({ day, limit: z.coerce.number().int().min(1).max(10_000).default(250) });
const EntityQuery = z.object({ day });

/** Requests a minute from one address: a console that follows the events of many sensors makes a few a second. */
const REQUESTS_A_MINUTE = 1200;
const TRAININGS_A_MINUTE = 10;

/** Everything comes from here and nothing is inline; the console is served over plain HTTP, so nothing is upgraded. */
const POLICY = {
  'default-src': ["'none'"],
  'script-src': ["'self'"],
  'style-src': ["'self'"],
  'img-src': ["'self'", 'data:'],
  'font-src': ["'self'"],
  'connect-src': ["'self'"],
  'manifest-src': ["'self'"],
  'base-uri': ["'none'"],
  'form-action': ["'none'"],
  'frame-ancestors': ["'none'"],
};

/** The console's HTTP server: the routes of types.ts, /metrics, and the console itself. */
export async function buildServer(options: ApiOptions): Promise<FastifyInstance> {
  const { lake, fleet, collector, models, trainer, events, log, version } = options;
  const app = Fastify({
    bodyLimit: 1024,
    routerOptions: { maxParamLength: 256 },
    requestTimeout: 30_000,
    connectionTimeout: 60_000,
    forceCloseConnections: true,
    // What does not even reach a route: a broken escape, a parameter that is too long.
    frameworkErrors: (error, _, reply) =>
      void fail(reply, error.statusCode ?? 400, 'bad_request', 'The address cannot be read.'),
  });
  app.setErrorHandler((error: FastifyError, request, reply) => answerError(error, request, reply, log));
  app.addHook('onRequest', async (request, reply) => {
    const fault = foreign(request, options.hosts);
    if (fault !== null) await fail(reply, 421, 'wrong_host', fault);
  });
  await app.register(helmet, {
    contentSecurityPolicy: { useDefaults: false, directives: POLICY },
    strictTransportSecurity: false,
    crossOriginOpenerPolicy: { policy: 'same-origin' },
    referrerPolicy: { policy: 'no-referrer' },
  });
  await app.register(rateLimit, {
    max: REQUESTS_A_MINUTE,
    timeWindow: 60_000,
    errorResponseBuilder: () =>
      Object.assign(new Error('too many requests; wait a minute'), { statusCode: 429, code: 'rate_limited' }),
  });

  const reader = new ModelReader(models, trainer);
  const registry = metrics(options);
  app.get('/api/health', (): HealthView => ({ ok: true, version }));
  app.get('/api/shortlist', (request, reply) => {
    const asked = parse(ShortlistQuery, request.query, reply);
    return asked && shortlist(lake, models, asked);
  });
  app.get<{ Params: { host: string } }>('/api/entity/:host', (request, reply) => {
    const asked = parse(EntityQuery, request.query, reply);
    if (asked === null) return;
    const address = new Uint32Array(4);
    if (!parseAddress(request.params.host, address, 0)) {
      return fail(reply, 400, 'bad_host', 'A host is an IPv4 or IPv6 address.');
    }
    return entity(lake, addressText(address, 0), asked.day);
  });
  app.get('/api/sensors', () => sensors(lake, fleet, collector.refused));
  app.get('/api/model', () => reader.view());
  app.post('/api/train', { config: { rateLimit: { max: TRAININGS_A_MINUTE, timeWindow: 60_000 } } }, (_, reply) => {
    const started = trainer.start();
    return reply.code(202).send({ started });
  });
  app.get('/api/events', (_, reply) => {
    const headers = Object.fromEntries(Object.entries(reply.getHeaders()).map(([k, v]) => [k, String(v)]));
    if (!events.add(reply.raw, headers)) return fail(reply, 503, 'too_many', 'Too many open consoles.');
    reply.hijack();
    return undefined;
  });
  app.get('/metrics', async (_, reply) => reply.type(registry.contentType).send(await registry.metrics()));

  await serveConsole(app, options.webDir);
  return app;
}

/** The files of the console; any other path that a person may have typed or kept shows the console too. */
async function serveConsole(app: FastifyInstance, webDir: string): Promise<void> {
  const built = existsSync(join(webDir, 'index.html'));
  if (built) {
    await app.register(fastifyStatic, {
      root: webDir,
      wildcard: false,
      cacheControl: false,
      setHeaders(response, path) {
        const forever = path.includes(`${webDir}/assets/`);
        response.header('cache-control', forever ? 'public, max-age=31536000, immutable' : 'no-cache');
      },
    });
  }
  app.setNotFoundHandler((request, reply) => {
    const path = request.url.split('?')[0]!;
    const page = request.method === 'GET' && !/^\/(?:api|assets)\//.test(path);
    if (page && built) return reply.header('cache-control', 'no-cache').sendFile('index.html');
    const message = page ? 'The console is not built: run npm run build.' : `There is no ${request.method} ${path}.`;
    return fail(reply, 404, 'not_found', message);
  });
}

/**
 * Why a request does not come from a console of ours: a name that a hostile page made resolve to us (DNS
 * rebinding), or a page of another origin that wants something done. null when it is fine.
 */
function foreign(request: FastifyRequest, hosts: readonly string[]): string | null {
  const known = (host: string) => isLoopback(host) || hosts.includes(host);
  const host = hostOf(`http://${request.headers.host ?? ''}`);
  if (host === null || !known(host)) {
    return 'The console is not served under this host name; add it to console.hosts if it is a reverse proxy of yours.';
  }
  const { origin } = request.headers;
  if (origin === undefined || request.method === 'GET' || request.method === 'HEAD') return null;
  const from = hostOf(origin);
  return from !== null && known(from) ? null : 'Requests from pages of other origins are refused.';
}

function hostOf(url: string): string | null {
  try {
    return new URL(url).hostname || null;
  } catch {
    return null;
  }
}

function parse<S extends z.ZodType>(schema: S, value: unknown, reply: FastifyReply): z.output<S> | null {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  void fail(reply, 400, 'bad_request', `${issue!.path.join('.')}: ${issue!.message}`);
  return null;
}

function fail(reply: FastifyReply, status: number, code: string, message: string): FastifyReply {
  return reply.code(status).send({ error: { code, message } });
}

function answerError(error: FastifyError, request: FastifyRequest, reply: FastifyReply, log: Log): FastifyReply {
  if (/^INTERRUPT Error/i.test(error.message)) {
    return fail(reply, 504, 'too_slow', 'The query took too long and was stopped; ask for less.');
  }
  const status = error.statusCode ?? 500;
  if (status < 500) return fail(reply, status, (error.code ?? 'bad_request').toLowerCase(), error.message);
  log.error({ err: error, url: request.url.slice(0, 200) }, 'a request failed');
  return fail(reply, 500, 'internal', 'The central could not answer; its log says why.');
}
