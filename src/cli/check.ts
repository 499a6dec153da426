import { existsSync, readFileSync } from 'node:fs';
import { parse } from 'yaml';
import type { z } from 'zod';
import { loadConfig } from '../base/config.js';
import { Exit, OperatorError } from '../base/errors.js';
import { bytesText } from '../base/units.js';
import { listDevices } from '../capture/devices.js';
import { openTap } from '../capture/tap.js';
import { CentralConfig } from '../central/config.js';
import { SensorConfig } from '../sensor/config.js';
import { shardsOf } from '../sensor/pipeline.js';
import type { Command } from './command.js';
import { checkBroker, checkClock, checkFolder, checkMemory, checkReadable, type Finding } from './environment.js';
import { type Colours, colours, printable } from './terminal.js';

export const check: Command = {
  options: (y) =>
    y
      .option('c', {
        alias: 'config',
        type: 'string',
        requiresArg: true,
        default: '/etc/tapspot/sensor.yaml',
        describe: 'Configuration of a sensor or a central',
      })
      .option('role', {
        choices: ['sensor', 'central'] as const,
        describe: 'What it configures, where that is not plain',
      })
      .option('environment', {
        type: 'boolean',
        default: true,
        describe: 'Look at this machine too (--no-environment: only the file)',
      })
      .option('network', { type: 'boolean', default: true, describe: 'Try to reach the broker (--no-network: do not)' })
      .option('strict', { type: 'boolean', describe: 'Exit with 2 when there are warnings' })
      .option('print', {
        type: 'boolean',
        describe: 'Print the configuration in force, defaults and all, as JSON on stdout',
      }),
  async run(args, env) {
    const path = String(args.c);
    const role = (args.role as 'sensor' | 'central' | undefined) ?? roleOf(path);
    const config = loadConfig(path, (role === 'sensor' ? SensorConfig : CentralConfig) as z.ZodType);
    if (args.print) process.stdout.write(`${JSON.stringify(config, null, 2)}\n`);
    const findings: Finding[] = [{ grade: 'ok', about: 'file', text: `${path} is a good ${role} configuration` }];
    if (args.environment) {
      if (role === 'sensor') await sensorEnvironment(config as SensorConfig, args.network !== false, findings);
      else await centralEnvironment(config as CentralConfig, args.network !== false, findings);
    }
    report(findings, colours(process.stderr, env));
    const fault = findings.find((f) => f.grade === 'fault');
    if (fault !== undefined) return fault.exit ?? Exit.failed;
    return args.strict && findings.some((f) => f.grade === 'warning') ? Exit.warnings : Exit.ok;
  },
};

/** Only a sensor has an uplink. */
function roleOf(path: string): 'sensor' | 'central' {
  if (!existsSync(path))
    throw new OperatorError('CONFIG_UNREADABLE', Exit.noInput, `${path}: there is no such file; name one with -c`);
  try {
    const data = parse(readFileSync(path, 'utf8'), { maxAliasCount: 0 }) as Record<string, unknown> | null;
    return data !== null &&
      typeof data === 'object' &&
      ('broker' in data || 'lake' in data || 'data' in data || 'console' in data)
      ? 'central'
      : 'sensor';
  } catch {
    return 'sensor';
  }
}

function report(findings: readonly Finding[], paint: Colours): void {
  const mark = { ok: paint.green('ok     '), warning: paint.yellow('warning'), fault: paint.red('fault  ') };
  for (const f of findings)
    process.stderr.write(`${mark[f.grade]}  ${paint.bold(f.about.padEnd(10))}  ${printable(f.text)}\n`);
}

async function sensorEnvironment(config: SensorConfig, network: boolean, out: Finding[]): Promise<void> {
  if (config.interfaces.length > 0) checkInterfaces(config, out);
  for (const path of config.captures) {
    if (!existsSync(path))
      out.push({ grade: 'fault', about: 'captures', text: `there is no ${path}`, exit: Exit.noInput });
  }
  const rings = config.interfaces.length * shardsOf(config.shards) * config.buffer;
  checkMemory(config.memory + rings, `memory ${bytesText(config.memory)} and rings ${bytesText(rings)}`, out);
  checkFolder('spool', config.spool.directory, config.spool.limit, out);
  for (const [key, path] of Object.entries({
    ...config.uplink.tls,
    passwordFile: config.uplink.passwordFile,
    modelKey: config.uplink.modelKey,
  })) {
    if (path !== undefined) checkReadable(`uplink`, key, path, out);
  }
  if (config.uplink.modelKey === undefined) {
    out.push({
      grade: 'warning',
      about: 'model',
      text: 'uplink.modelKey is not set: this sensor takes no model from the central and scores by what it learns itself',
    });
  }
  if (config.uplink.broker.startsWith('mqtt://') && !/^mqtt:\/\/(127\.|localhost|\[::1\])/.test(config.uplink.broker)) {
    out.push({
      grade: 'warning',
      about: 'uplink',
      text: 'the broker is on another machine and mqtt:// is not encrypted: use mqtts://',
    });
  }
  if (network) await checkBroker(config.uplink.broker, out);
  checkClock(out);
}

async function centralEnvironment(config: CentralConfig, network: boolean, out: Finding[]): Promise<void> {
  checkFolder('data', config.data, config.lake.retention.bytes, out);
  const { broker } = config;
  const files = { ...broker.tls, ...broker.clientTls, users: broker.users, passwordFile: broker.passwordFile };
  for (const [key, path] of Object.entries(files)) if (path !== undefined) checkReadable('broker', key, path, out);
  if (broker.url !== undefined && network) await checkBroker(broker.url, out);
  checkMemory(config.lake.memory, `lake.memory ${bytesText(config.lake.memory)}`, out);
  checkClock(out);
}

function checkInterfaces(config: SensorConfig, out: Finding[]): void {
  const known = new Map(listDevices().map((d) => [d.name, d]));
  for (const device of config.interfaces) {
    try {
      const tap = openTap({
        device,
        snapLen: config.snaplen,
        promiscuous: config.promiscuous,
        bufferBytes: 1 << 20,
        filter: config.filter ?? '',
        fanout: null,
      });
      tap.close();
      const seen = known.get(device);
      if (seen !== undefined && !seen.up)
        out.push({ grade: 'warning', about: 'interface', text: `${device} is down: ip link set ${device} up` });
      else out.push({ grade: 'ok', about: 'interface', text: `packets can be taken from ${device}` });
    } catch (error) {
      if (!(error instanceof OperatorError)) throw error;
      out.push({ grade: 'fault', about: 'interface', text: error.message, exit: error.exit });
    }
  }
}
