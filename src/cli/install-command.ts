import { Exit } from '../base/errors.js';
import type { Command } from './command.js';
import { install } from './install.js';

export const installCommand: Command = {
  options: (y) =>
    y
      .positional('role', { choices: ['sensor', 'central'] as const, demandOption: true, describe: 'What to install' })
      .option('root', {
        type: 'string',
        requiresArg: true,
        default: '/',
        describe: 'Write below this folder instead (for packages and images)',
      })
      .option('dry-run', { type: 'boolean', describe: 'Only say what would be written' }),
  async run(args) {
    await install({
      role: args.role as 'sensor' | 'central',
      root: String(args.root),
      dryRun: args['dry-run'] === true,
    });
    return Exit.ok;
  },
};
