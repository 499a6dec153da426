import type { Argv } from 'yargs';
import type { Exit } from '../base/errors.js';

/** A subcommand: what it takes, and what it does. Its name and what it is for are in main.ts. */
export interface Command {
  options: (y: Argv) => Argv;
  /** Resolves with the exit code. */
  run: (args: Record<string, unknown>, env: NodeJS.ProcessEnv) => Promise<Exit | number>;
}
