import { chmodSync, existsSync, mkdirSync, readFileSync, realpathSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import process from 'node:process';
import { Exit, OperatorError } from '../base/errors.js';
import { packageRoot } from '../base/root.js';
import { versionText } from './version.js';

export interface InstallOptions {
  role: 'sensor' | 'central';
  /** Everything is written below this folder; `/` on the machine itself. */
  root: string;
  /** Only say what would be done. */
  dryRun: boolean;
  /** Paths that the unit names; by default those of the running program. */
  node?: string;
  packageFolder?: string;
  /** Takes the lines for the operator; standard output by default. */
  say?: (line: string) => void;
}

/** One file and what became of it. */
export interface Installed {
  path: string;
  outcome: 'written' | 'replaced' | 'unchanged' | 'kept';
}

/** What ProtectHome= and PrivateTmp= of the units hide. */
const HIDDEN = /^\/(?:home|root|run\/user|tmp|var\/tmp)(?:\/|$)/;

/**
 * Puts the systemd unit and a commented configuration of a role in place and says what to type next. The unit belongs to
 * Tapspot and is replaced by a newer one (changes of one's own go to `systemctl edit`); a configuration that is there is
 * never touched.
 * @throws OperatorError INSTALL_HIDDEN (78) where the service could not reach its own program, INSTALL_PERMISSION (77),
 * INSTALL_WRITE (74).
 */
export async function install(options: InstallOptions): Promise<Installed[]> {
  const { role, dryRun } = options;
  const say = options.say ?? ((line: string) => process.stdout.write(`${line}\n`));
  const from = options.packageFolder ?? packageRoot();
  const node = options.node ?? realpathSync(process.execPath);
  for (const path of [node, from]) reachable(path);

  const unit = join(resolve(options.root), 'etc/systemd/system', `tapspot-${role}.service`);
  const config = join(resolve(options.root), 'etc/tapspot', `${role}.yaml`);
  const template = (name: string) => readFileSync(join(packageRoot(), 'systemd', name), 'utf8');
  const values: Record<string, string> = { NODE: node, TAPSPOT: from, VERSION: versionText() };
  const unitText = template(`tapspot-${role}.service`).replace(/@(NODE|TAPSPOT|VERSION)@/g, (_, key) => values[key]!);

  const done: Installed[] = [
    { path: config, outcome: existsSync(config) ? 'kept' : write(config, template(`${role}.yaml`), dryRun) },
    { path: unit, outcome: write(unit, unitText, dryRun) },
  ];
  for (const { path, outcome } of done) say(`${dryRun ? 'would be ' : ''}${outcome}: ${path}`);
  say('');
  say(dryRun ? 'Nothing was written. After the real thing, next:' : 'Next:');
  for (const line of nextLines(role)) say(`  ${line}`);
  return done;
}

/** A path with blanks would fall apart in ExecStart=, and one that the sandbox hides would not be found there. */
function reachable(path: string): void {
  if (/^[\w@%+=:,./-]+$/.test(path) && !path.includes('%') && !HIDDEN.test(path)) return;
  throw new OperatorError(
    'INSTALL_HIDDEN',
    Exit.config,
    `the service could not run ${path}: the unit hides /home, /root, /run/user and /tmp from it, and takes no blanks in paths. ` +
      'Install Node.js system-wide and Tapspot with `npm install --global --prefix /usr/local tapspot`, then run this again.',
  );
}

/** Whole or not at all: written beside its place and then renamed. */
function write(path: string, text: string, dryRun: boolean): Installed['outcome'] {
  try {
    const before = existsSync(path) ? readFileSync(path, 'utf8') : null;
    if (before === text) return 'unchanged';
    if (!dryRun) {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(`${path}.new`, text);
      // Whatever the umask: systemd and the service's own user have to read it.
      chmodSync(`${path}.new`, 0o644);
      renameSync(`${path}.new`, path);
    }
    return before === null ? 'written' : 'replaced';
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'EACCES' || code === 'EPERM') {
      throw new OperatorError('INSTALL_PERMISSION', Exit.permission, `${path} cannot be written: run this as root`, {
        cause: error,
      });
    }
    throw new OperatorError('INSTALL_WRITE', Exit.io, `${path} cannot be written: ${message}`, { cause: error });
  }
}

function nextLines(role: 'sensor' | 'central'): string[] {
  const config = `/etc/tapspot/${role}.yaml`;
  const look = role === 'sensor' ? ['tapspot devices                             # the interfaces there are'] : [];
  return [
    ...look,
    `sudoedit ${config}`.padEnd(44) + '# every key is explained there',
    `sudo tapspot check -c ${config}`,
    'sudo systemctl daemon-reload',
    `sudo systemctl enable --now tapspot-${role}`,
    `journalctl -fu tapspot-${role}`,
  ];
}
