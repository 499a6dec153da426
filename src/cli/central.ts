import { loadConfig } from '../base/config.js';
import { Exit } from '../base/errors.js';
import { startCentral } from '../central/central.js';
import { CentralConfig } from '../central/config.js';
import type { Command } from './command.js';
import { makeLog } from './log.js';
import { Service, untilSignal } from './service.js';
import { versionText } from './version.js';

export const central: Command = {
  options: (y) =>
    y
      .option('c', {
        alias: 'config',
        type: 'string',
        requiresArg: true,
        default: '/etc/tapspot/central.yaml',
        describe: 'Configuration',
      })
      .option('v', { alias: 'verbose', type: 'boolean', describe: 'Log more' }),
  async run(args, env) {
    const config = loadConfig(String(args.c), CentralConfig);
    const log = makeLog(args.v ? 'debug' : config.log, env);
    const running = await startCentral(config, { version: versionText(), log });
    const service = new Service(env, () => true);
    service.ready(`console on ${running.url}`);
    log.info({ console: running.url }, 'ready');
    const end = await Promise.race([untilSignal(log), running.failed]);
    if (end instanceof Error) log.error({ error: end.message }, 'the central cannot go on and must be started anew');
    service.stopping();
    await running.stop();
    return end instanceof Error ? Exit.internal : end === 'SIGINT' ? 130 : Exit.ok;
  },
};
