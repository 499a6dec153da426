import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Exit } from '../base/errors.js';
import { packageRoot } from '../base/root.js';
import { captureVersion } from '../capture/native.js';
import type { Command } from './command.js';

export function versionText(): string {
  return (JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8')) as { version: string }).version;
}

export const version: Command = {
  options: (y) => y.option('json', { type: 'boolean', describe: 'As JSON' }),
  async run(args) {
    const facts = {
      tapspot: versionText(),
      node: process.versions.node,
      v8: process.versions.v8,
      libpcap: captureVersion() ?? 'not found',
      platform: `${process.platform}-${process.arch}`,
    };
    if (args.json) process.stdout.write(`${JSON.stringify(facts)}\n`);
    else for (const [what, v] of Object.entries(facts)) process.stdout.write(`${what.padEnd(9)}${v}\n`);
    return Exit.ok;
  },
};
