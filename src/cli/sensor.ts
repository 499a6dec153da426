import { loadConfig } from '../base/config.js';
import { Exit } from '../base/errors.js';
import { SensorConfig } from '../sensor/config.js';
import { Sensor } from '../sensor/sensor.js';
import type { Command } from './command.js';
import { makeLog } from './log.js';
import { Service, untilSignal } from './service.js';
import { versionText } from './version.js';

export const sensor: Command = {
  options: (y) =>
    y
      .option('c', {
        alias: 'config',
        type: 'string',
        requiresArg: true,
        default: '/etc/tapspot/sensor.yaml',
        describe: 'Configuration',
      })
      .option('once', {
        type: 'boolean',
        describe: 'Replay the configured captures, wait until the central has everything, and end',
      })
      .option('v', { alias: 'verbose', type: 'boolean', describe: 'Log more' }),
  async run(args, env) {
    const config = loadConfig(String(args.c), SensorConfig);
    const log = makeLog(args.v ? 'debug' : config.log, env);
    const running = await Sensor.start(config, { version: versionText(), log });
    const service = new Service(env, () => running.isAlive());
    service.ready(`${config.site}/${config.sensor}`);
    const ended = running.run();
    const asked = untilSignal(log);
    if (args.once) {
      const first = await Promise.race([ended.then(() => 'ended' as const), asked]);
      const drained = first === 'ended' && (await Promise.race([running.drained(60_000), asked.then(() => false)]));
      service.stopping();
      await running.stop();
      if (!drained) log.error({}, 'the central did not confirm everything; the rest waits in the spool');
      return drained ? Exit.ok : Exit.unavailable;
    }
    const signal = await Promise.race([asked, ended.then(() => asked)]);
    service.stopping();
    await running.stop();
    return signal === 'SIGINT' ? 130 : Exit.ok;
  },
};
