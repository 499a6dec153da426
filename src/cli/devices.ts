import { Exit } from '../base/errors.js';
import { listDevices } from '../capture/devices.js';
import type { Command } from './command.js';
import { colours, printable } from './terminal.js';

export const devices: Command = {
  options: (y) => y.option('json', { type: 'boolean', describe: 'As NDJSON' }),
  async run(args, env) {
    const paint = colours(process.stdout, env);
    const found = listDevices();
    for (const d of found) {
      if (args.json) {
        process.stdout.write(`${JSON.stringify(d)}\n`);
        continue;
      }
      const marks = [d.up ? 'up' : 'down', d.running ? 'running' : '', d.loopback ? 'loopback' : ''].filter(Boolean);
      process.stdout.write(
        `${paint.bold(printable(d.name).padEnd(16))} ${marks.join(', ').padEnd(22)} ${d.addresses.join(', ')}${d.description ? paint.dim(`  ${printable(d.description)}`) : ''}\n`,
      );
    }
    if (found.length === 0)
      process.stderr.write('tapspot: no interface can be opened here; capturing needs CAP_NET_RAW\n');
    return Exit.ok;
  },
};
