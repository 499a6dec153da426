#!/usr/bin/env node
import process from 'node:process';
import yargs, { type Argv } from 'yargs';
import { hideBin } from 'yargs/helpers';
import { Exit, OperatorError } from '../base/errors.js';
import type { Command } from './command.js';
import { printable } from './terminal.js';
import { versionText } from './version.js';

/** Each is loaded when it is asked for: a capture is read without a database, a web server and a broker in memory. */
const COMMANDS: readonly { name: string; describe: string; load: () => Promise<Command> }[] = [
  {
    name: 'inspect [captures..]',
    describe: 'Read captures or an interface once and print what deserves a look, strongest first',
    load: async () => (await import('./inspect.js')).inspect,
  },
  {
    name: 'demo',
    describe: 'Show the whole path on sample traffic: sensor, MQTT, lake, a trained model and back, and the console',
    load: async () => (await import('./demo.js')).demo,
  },
  {
    name: 'doctor',
    describe: 'Say what eats packets on this machine or in a capture, with the evidence and the command that mends it',
    load: async () => (await import('./doctor.js')).doctor,
  },
  {
    name: 'sensor',
    describe: 'Run the sensor: packets from taps to summaries at the central',
    load: async () => (await import('./sensor.js')).sensor,
  },
  {
    name: 'central',
    describe: 'Run the central: broker, collector, lake, trainer and console',
    load: async () => (await import('./central.js')).central,
  },
  {
    name: 'check',
    describe: 'Check a configuration: its syntax, its meaning, and whether this machine can do what it says',
    load: async () => (await import('./check.js')).check,
  },
  {
    name: 'devices',
    describe: 'List the interfaces that packets can be taken from',
    load: async () => (await import('./devices.js')).devices,
  },
  {
    name: 'train',
    describe: 'Have a running central learn what is normal now, and wait for the new model',
    load: async () => (await import('./train.js')).train,
  },
  {
    name: 'install <role>',
    describe: 'Put the systemd unit and a commented configuration in place',
    load: async () => (await import('./install-command.js')).installCommand,
  },
  {
    name: 'reference <role>',
    describe: 'Print every configuration key of a sensor or a central, with its default and meaning',
    load: async () => (await import('./reference.js')).reference,
  },
  {
    name: 'user <name>',
    describe: "Make a line for the embedded broker's users file, from a password on stdin",
    load: async () => (await import('./user.js')).user,
  },
  {
    name: 'version',
    describe: 'Show the versions of Tapspot and of what it stands on',
    load: async () => (await import('./version.js')).version,
  },
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
    const { name, describe, load } = command;
    parser.command(name, describe, (async (y: Argv) => (await load()).options(y)) as never, async (args) => {
      code = await (await load()).run(args as Record<string, unknown>, process.env);
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
