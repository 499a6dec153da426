#!/usr/bin/env node
import process from 'node:process';
import yargs, { type Argv } from 'yargs';
import { hideBin } from 'yargs/helpers';
import { Exit, OperatorError } from '../base/errors.js';
import { central } from './central.js';
import { check } from './check.js';
import { demo } from './demo.js';
import { devices } from './devices.js';
import { doctor } from './doctor.js';
import { inspect } from './inspect.js';
import { installCommand } from './install-command.js';
import { reference } from './reference.js';
import { sensor } from './sensor.js';
import { printable } from './terminal.js';
import { train } from './train.js';
import { user } from './user.js';
import { version, versionText } from './version.js';

/** A subcommand: how it reads its arguments, and what it does. It resolves with the exit code. */
export interface Command {
  name: string;
  describe: string;
  options: (y: Argv) => Argv;
  run: (args: Record<string, unknown>, env: NodeJS.ProcessEnv) => Promise<Exit | number>;
}

const COMMANDS: readonly Command[] = [
  inspect,
  demo,
  sensor,
  central,
  check,
  devices,
  doctor,
  train,
  installCommand,
  reference,
  user,
  version,
];

function fail(error: unknown): number {
  if (error instanceof OperatorError) {
    process.stderr.write(`tapspot: ${error.message.split('\n').map(printable).join('\n')}\n`);
    return error.exit;
  }
  process.stderr.write(`tapspot: this is a fault of Tapspot itself: ${(error as Error)?.stack ?? String(error)}\n`);
  return Exit.internal;
}

async function main(argv: string[]): Promise<number> {
  let code: number = Exit.ok;
  const parser = yargs(argv)
    .scriptName('tapspot')
    .usage('$0 <command> [options]\n\nPackets on a tap in; a short, ranked list with reasons out.')
    .strict()
    .demandCommand(1, 'Say what to do; `tapspot inspect -r FILE` is a good start.')
    .recommendCommands()
    .version('V', 'Show the version', versionText())
    .alias('V', 'version')
    .alias('h', 'help')
    .wrap(Math.min(100, process.stdout.columns ?? 100))
    .completion('completion', 'Print a script that completes commands in bash or zsh')
    .exitProcess(false)
    .epilogue(
      'Exit codes follow sysexits(3): 0 ok, 64 usage, 65 bad input, 66 no such input, 69 unavailable, 77 permission, 78 configuration.',
    )
    .fail((message, error) => {
      if (error) throw error;
      throw new OperatorError('USAGE', Exit.usage, `${message}\nTry: tapspot --help`);
    });
  for (const command of COMMANDS) {
    parser.command(command.name, command.describe, command.options as never, async (args) => {
      code = await command.run(args as Record<string, unknown>, process.env);
    });
  }
  try {
    await parser.parseAsync();
  } catch (error) {
    return fail(error);
  }
  return code;
}

// A reader that went away (`tapspot inspect … | head`) is no fault.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : Exit.io));
process.exitCode = await main(hideBin(process.argv));
