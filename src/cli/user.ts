import { createInterface } from 'node:readline';
import { Exit, OperatorError } from '../base/errors.js';
import { userLine } from '../central/broker/users.js';
import { NAME_PATTERN } from '../record/topics.js';
import type { Command } from './command.js';

export const user: Command = {
  options: (y) =>
    y
      .positional('name', { type: 'string', demandOption: true, describe: "The sensor's name" })
      .example('$0 user edge-1 < password.txt >> /etc/tapspot/users', 'let the sensor edge-1 in'),
  async run(args) {
    const name = String(args.name);
    if (!NAME_PATTERN.test(name)) {
      throw new OperatorError(
        'USAGE',
        Exit.usage,
        `${JSON.stringify(name)} is no name: letters, digits, '.', '_' and '-' only.`,
      );
    }
    if (process.stdin.isTTY) process.stderr.write('Password (it will be seen as you type): ');
    const password = await firstLine();
    if (password.length < 12) {
      throw new OperatorError(
        'USAGE',
        Exit.usage,
        'The password has less than 12 characters; `openssl rand -base64 24` makes a good one.',
      );
    }
    process.stdout.write(`${await userLine(name, password)}\n`);
    return Exit.ok;
  },
};

async function firstLine(): Promise<string> {
  for await (const line of createInterface({ input: process.stdin })) return line;
  return '';
}
