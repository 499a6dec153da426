import { z } from 'zod';
import { size, span } from '../base/config.js';

const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[?::1\]?)$/;

/** `127.0.0.1:1883`, `[::1]:8883`; `:1883` is refused: an address that listens everywhere is written out. */
const address = (standard: string) =>
  z
    .string()
    .default(standard)
    .refine((text) => parseListen(text) !== null, { error: 'is not an address such as 127.0.0.1:1883 or [::1]:1883' });

export interface ListenAddress {
  host: string;
  /** 0: whichever is free. */
  port: number;
}

/** `host:port` with an IPv6 host in brackets; null when it is not that. */
export function parseListen(text: string): ListenAddress | null {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([A-Za-z0-9.-]+)):(\d{1,5})$/.exec(text);
  const port = Number(match?.[3]);
  if (match === null || port > 65_535) return null;
  return { host: (match[1] ?? match[2])!, port };
}

export const isLoopback = (host: string): boolean => LOOPBACK.test(host);

const loopbackOnly = (listen: string): boolean => isLoopback(parseListen(listen)?.host ?? 'localhost');

const tlsServer = z
  .strictObject({
    certificate: z.string().describe("PEM file with the broker's certificate, and the chain to its authority"),
    key: z.string().describe('PEM file with the key of that certificate'),
    clientCa: z
      .string()
      .optional()
      .describe(
        'PEM file with the authority of the sensors; when set, each sensor must show a certificate whose common name is its own name, or site/name',
      ),
  })
  .optional();

const tlsClient = z
  .strictObject({
    ca: z.string().optional().describe("PEM file with the authority that signed the broker's certificate"),
    certificate: z.string().optional().describe("PEM file with the central's own certificate"),
    key: z.string().optional().describe('PEM file with the key of that certificate'),
  })
  .optional();

const broker = z
  .strictObject({
    listen: address('127.0.0.1:1883').describe('Address at which the embedded broker takes sensors'),
    tls: tlsServer.describe('Makes the embedded broker speak TLS'),
    users: z
      .string()
      .optional()
      .describe(
        'File with a line `name:scrypt:salt:hash` for each sensor; without it, and without clientCa, anyone may send',
      ),
    maxClients: z.int().min(1).max(100_000).default(1000).describe('Connections that the embedded broker takes'),
    url: z
      .url({ protocol: /^mqtts?$/, error: 'is not a broker such as mqtt://127.0.0.1:1883 or mqtts://broker:8883' })
      .optional()
      .describe('Broker to use instead of the embedded one'),
    username: z.string().optional().describe('User at that broker'),
    passwordFile: z.string().optional().describe('File that holds the password, one line'),
    clientTls: tlsClient.describe('For an mqtts:// broker'),
  })
  .prefault({});

const lake = z
  .strictObject({
    retention: z
      .strictObject({
        bytes: size('50GiB').describe('The most that the lake may take; beyond it the oldest hours are deleted'),
        days: z
          .int()
          .min(1)
          .max(36_500)
          .optional()
          .describe('Hours of event time older than so many days are deleted; without it only the size counts'),
      })
      .prefault({})
      .describe('What is deleted, and when'),
    commitRows: z.int().min(1).max(5_000_000).default(50_000).describe('Rows that are enough to write at once'),
    commitBytes: size('32MiB').describe('Bytes of batches, as they came, that are enough to write at once'),
    commitInterval: span('1s').describe('The longest that a batch waits to be written'),
    inFlight: size('128MiB').describe('Bytes of batches, decoded, that may wait; beyond it the broker has to'),
    memory: size('1GiB').describe('What DuckDB may take before it uses the disk'),
    threads: z.int().min(1).max(256).default(2).describe('Threads of DuckDB'),
  })
  .prefault({})
  .describe('The store of everything the sensors say');

const training = z
  .strictObject({
    every: span('24h').describe('How often a model is trained; 0s: only when asked in the console'),
    days: z.int().min(1).max(365).default(14).describe('Days of event time it is trained on, back from the newest'),
    topics: z.int().min(2).max(200).default(20).describe('Topics of each model'),
    passes: z.int().min(1).max(1000).default(10).describe('Rounds over the data'),
    seed: z.int().min(0).max(0xffffffff).default(1).describe('Seed; the same words and seed give the same model'),
    words: z
      .enum(['tapspot', 'spot'])
      .default('tapspot')
      .describe('Word set that is trained on: the one the sensors use'),
    wordsMax: z.int().min(100).max(65_536).default(20_000).describe('Most frequent words that are kept'),
    hostsMax: z.int().min(100).max(131_072).default(50_000).describe('Busiest hosts that are kept'),
    keep: z.int().min(1).max(1000).default(10).describe('Generations that are kept on disk'),
  })
  .prefault({})
  .describe('How the topic model is trained');

export const CentralConfig = z
  .strictObject({
    data: z
      .string()
      .min(1)
      .default('/var/lib/tapspot/central')
      .describe('Folder that holds all that the central keeps'),
    broker: broker.describe('Where sensors and central meet'),
    console: z
      .strictObject({
        listen: address('127.0.0.1:8080').describe('Address of the console; it asks for no password, so loopback only'),
        hosts: z
          .array(z.string().regex(/^[A-Za-z0-9.-]+$/, 'is not a host name'))
          .default([])
          .describe('Host names, besides localhost, under which a reverse proxy reaches the console'),
      })
      .prefault({})
      .describe('The page for analysts'),
    lake,
    training,
    maxSensors: z.int().min(1).max(100_000).default(1000).describe('Sensors that are taken in; others are refused'),
    log: z.enum(['debug', 'info', 'warn', 'error']).default('info').describe('How much is logged'),
  })
  .superRefine((config, ctx) => {
    const refuse = (path: (string | number)[], message: string) => ctx.addIssue({ code: 'custom', path, message });
    if (!loopbackOnly(config.console.listen)) {
      refuse(
        ['console', 'listen'],
        'must be on loopback, since the console asks for no password: put a reverse proxy that does before it, and name its host under console.hosts',
      );
    }
    const { broker: b } = config;
    if (b.url !== undefined && (b.tls !== undefined || b.users !== undefined)) {
      refuse(['broker', 'url'], 'cannot stand beside tls or users, which are for the embedded broker');
    }
    if (b.url === undefined && (b.username ?? b.passwordFile ?? b.clientTls) !== undefined) {
      refuse(['broker'], 'username, passwordFile and clientTls are for a broker that is named by url');
    }
    const open = b.url === undefined && b.users === undefined && b.tls?.clientCa === undefined;
    if (open && !loopbackOnly(b.listen)) {
      refuse(
        ['broker', 'listen'],
        'is reachable from the network, so sensors must prove who they are: set tls with clientCa, or users',
      );
    }
    if (b.users !== undefined && b.tls === undefined && !loopbackOnly(b.listen)) {
      refuse(['broker', 'users'], 'would send passwords in the clear: set tls too');
    }
  });
export type CentralConfig = z.output<typeof CentralConfig>;
