import { z } from 'zod';
import { bitRate, parseConfig, size, span } from '../base/config.js';
import { NAME_PATTERN } from '../record/topics.js';

const name = (what: string) =>
  z
    .string()
    .regex(NAME_PATTERN, `the ${what} is 1 to 63 letters, digits, '.', '_' or '-', and begins with a letter or digit`);

const cidr = z.union([z.cidrv4(), z.cidrv6()], { error: 'is not a network such as 10.0.0.0/8 or fd00::/8' });

/** Networks of RFC 1918, RFC 4193, RFC 6598 and link-local: what is usually one's own. */
export const PRIVATE_NETWORKS = [
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '100.64.0.0/10',
  '169.254.0.0/16',
  'fc00::/7',
  'fe80::/10',
];

const timeouts = z
  .strictObject({
    tcp: span('5m').describe('A TCP flow ends after this long without a packet'),
    udp: span('60s').describe('A flow of UDP or another protocol ends after this long without a packet'),
    icmp: span('30s').describe('An ICMP flow ends after this long without a packet'),
    active: span('30m').describe('A flow that goes on is reported at least this often'),
    dns: span('10s').describe('A DNS query without an answer is reported as unanswered after this long'),
  })
  .prefault({});

const tls = z
  .strictObject({
    ca: z.string().optional().describe("PEM file with the authority that signed the broker's certificate"),
    certificate: z.string().optional().describe("PEM file with this sensor's own certificate"),
    key: z.string().optional().describe('PEM file with the key of that certificate'),
  })
  .optional();

const uplink = z.strictObject({
  broker: z
    .url({ protocol: /^mqtts?$/, error: 'is not a broker such as mqtt://127.0.0.1:1883 or mqtts://broker:8883' })
    .describe('Where the summaries go'),
  budget: bitRate('256kbit/s').describe('The most that summaries may take of the line, over a window'),
  username: z.string().optional().describe('User at the broker'),
  passwordFile: z.string().optional().describe('File that holds the password, one line'),
  tls: tls.describe('For mqtts:// brokers'),
  modelKey: z
    .string()
    .optional()
    .describe("PEM file with the central's public key; without it the sensor takes no model and keeps its own"),
});

/** What both `tapspot sensor` and `tapspot inspect` let people set. */
export const pipelineShape = {
  filter: z.string().optional().describe('BPF expression; frames that do not match are never seen'),
  shards: z
    .union([z.literal('auto'), z.int().min(1).max(64)])
    .default('auto')
    .describe('Worker threads that share the packets; auto is one for each core but one'),
  memory: size('256MiB').describe('What the tables of all shards may take together'),
  homeNetworks: z.array(cidr).default(PRIVATE_NETWORKS).describe('Networks that are your own'),
  timeouts: timeouts.describe('When a flow has ended'),
  words: z
    .enum(['tapspot', 'spot'])
    .default('tapspot')
    .describe('Word set of the topic model: tapspot, or spot for the words of Apache Spot'),
  topics: z.int().min(2).max(100).default(20).describe('Topics of the model that the sensor learns by itself'),
  seed: z.int().min(0).max(0xffffffff).default(1).describe('Seed of that model; the same seed gives the same scores'),
};

/** How frames are taken from an interface. */
const listening = {
  snaplen: z.int().min(96).max(262_144).default(65_535).describe('Bytes taken of each frame'),
  buffer: size('64MiB').describe("The kernel's capture ring, for each shard and interface"),
  promiscuous: z.boolean().default(true).describe('Take frames that are not addressed to this machine'),
};

export const SensorConfig = z
  .strictObject({
    site: name('site').default('site').describe('Name of the place; one level of the MQTT topics'),
    sensor: name('sensor').describe('Name of this sensor, unique within its site'),
    interfaces: z.array(z.string().min(1).max(64)).default([]).describe('Interfaces to listen on'),
    captures: z
      .array(z.string().min(1))
      .default([])
      .describe('Capture files or folders to replay instead of listening; the sensor goes on idle when they end'),
    ...pipelineShape,
    ...listening,
    window: span('60s').describe('How much time one summary covers'),
    spool: z
      .strictObject({
        directory: z.string().default('/var/lib/tapspot/spool').describe('Where summaries wait for the central'),
        limit: size('1GiB').describe('The most that they may take; beyond it the oldest make way, counted'),
      })
      .prefault({})
      .describe('Summaries wait here until the central says they are durable'),
    uplink,
    log: z.enum(['debug', 'info', 'warn', 'error']).default('info').describe('How much is logged'),
  })
  .superRefine((config, ctx) => {
    const given = Number(config.interfaces.length > 0) + Number(config.captures.length > 0);
    if (given !== 1) {
      ctx.addIssue({
        code: 'custom',
        path: ['interfaces'],
        message:
          given === 0
            ? 'name at least one interface (tapspot devices lists them), or captures to replay'
            : 'interfaces and captures exclude each other',
      });
    }
    if (config.timeouts.active > 3600) {
      ctx.addIssue({ code: 'custom', path: ['timeouts', 'active'], message: 'is at most 1h' });
    }
    if (config.window < 1) ctx.addIssue({ code: 'custom', path: ['window'], message: 'is at least 1s' });
    if (config.memory < 32 * 2 ** 20) ctx.addIssue({ code: 'custom', path: ['memory'], message: 'is at least 32MiB' });
    if (config.uplink.tls?.certificate !== undefined && config.uplink.tls.key === undefined) {
      ctx.addIssue({ code: 'custom', path: ['uplink', 'tls', 'key'], message: 'is required with a certificate' });
    }
  });
export type SensorConfig = z.output<typeof SensorConfig>;

const pipeline = z.strictObject({ ...pipelineShape, ...listening });
export type PipelineConfig = z.output<typeof pipeline>;

const withSensorKeys = pipeline.extend(
  Object.fromEntries(
    ['site', 'sensor', 'interfaces', 'captures', 'window', 'spool', 'uplink', 'log'].map((key) => [
      key,
      z.unknown().optional(),
    ]),
  ),
);

/**
 * What `inspect` runs with, from YAML. It takes a sensor's file too: keys that only a running sensor needs are known
 * here and mean nothing. Faults as parseConfig tells them.
 */
export function readPipelineConfig(text: string, name: string): PipelineConfig {
  return parseConfig(text, withSensorKeys, name) as unknown as PipelineConfig;
}
