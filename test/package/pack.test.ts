import assert from 'node:assert/strict';
import { execFileSync, type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { after, test } from 'node:test';
import { packageRoot } from '../../src/base/root.js';

// The tarball as a stranger gets it: packed from a copy of the checkout, installed where there is no compiler.
const folder = realpathSync(mkdtempSync(join(tmpdir(), 'tapspot-pack-')));
after(() => rmSync(folder, { recursive: true, force: true }));
const checkout = join(folder, 'checkout');
const empty = join(folder, 'empty');
const bin = join(folder, 'bin');
const modules = join(empty, 'node_modules');
let tarball = '';

/** Finds a program on the PATH, as the shell would. */
function which(program: string): string {
  const dir = (process.env.PATH ?? '').split(':').find((d) => existsSync(join(d, program)));
  assert.ok(dir, `${program} is not on the PATH`);
  return join(dir, program);
}

function run(program: string, args: string[], cwd: string, path: string): SpawnSyncReturns<string> {
  // npm tells its children of the checkout it was started in; this one is to know nothing of it.
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([k]) => !/^(npm_(?!config_)|INIT_CWD|NODE_TEST|MAKE)/i.test(k)),
  );
  return spawnSync(program, args, {
    cwd,
    env: { ...env, PATH: path },
    encoding: 'utf8',
    timeout: 220_000,
    maxBuffer: 1 << 26,
  });
}

test('npm pack builds the program, the console and the addon, and takes nothing else along', {
  timeout: 230_000,
}, () => {
  const left = new Set(['node_modules', 'dist', 'build', 'prebuilds', '.build', '.git', '.demo', 'artefacts']);
  cpSync(packageRoot(), checkout, {
    recursive: true,
    filter: (path) => !left.has(relative(packageRoot(), path)) && !path.endsWith('.tgz'),
  });
  symlinkSync(join(packageRoot(), 'node_modules'), join(checkout, 'node_modules'));
  const packed = run('npm', ['pack', '--json', '--pack-destination', folder], checkout, process.env.PATH!);
  assert.equal(packed.status, 0, packed.stderr + packed.stdout);
  tarball = join(folder, readdirSync(folder).find((name) => name.endsWith('.tgz'))!);

  const files = execFileSync('tar', ['-tzf', tarball], { encoding: 'utf8' }).trim().split('\n');
  for (const wanted of [
    'package/dist/cli/main.js',
    'package/dist/web/index.html',
    'package/proto/tapspot.js',
    'package/systemd/tapspot-sensor.service',
    'package/systemd/central.yaml',
    'package/samples/office.pcapng.gz',
    'package/LICENSE',
    'package/README.md',
  ]) {
    assert.ok(files.includes(wanted), `${wanted} is not in the package`);
  }
  assert.ok(
    files.some((f) => /^package\/prebuilds\/linux-[a-z0-9]+\/.*\.node$/.test(f)),
    'the addon is not in the package',
  );
  const strange = files.filter(
    (f) => !/^package\/(dist|prebuilds|proto|systemd|samples)\/|^package\/(LICENSE|README\.md|package\.json)$/.test(f),
  );
  assert.deepEqual(strange, []);
});

test('it installs where there is no compiler, and does without the optional fallback', { timeout: 230_000 }, () => {
  mkdirSync(bin);
  mkdirSync(empty);
  for (const program of ['sh', 'env', 'npm', 'npx']) symlinkSync(which(program), join(bin, program));
  symlinkSync(process.execPath, join(bin, 'node'));
  for (const compiler of ['gcc', 'g++', 'cc', 'make', 'python3', 'python']) {
    assert.equal(
      spawnSync(compiler, ['--version'], { env: { PATH: bin } }).error?.name,
      'Error',
      `${compiler} is on the path`,
    );
  }
  const ran = run(
    'npm',
    ['install', '--no-audit', '--no-fund', '--no-package-lock', '--prefix', empty, tarball],
    empty,
    bin,
  );
  assert.equal(ran.status, 0, ran.stderr + ran.stdout);
  assert.ok(existsSync(join(modules, 'tapspot/dist/cli/main.js')));
  assert.ok(!existsSync(join(modules, 'cap')), 'cap was built: a compiler was found after all');
});

test('npx tapspot version tells the same version there, with the addon loaded', () => {
  const ran = run('npx', ['--no-install', 'tapspot', 'version', '--json'], empty, bin);
  assert.equal(ran.status, 0, ran.stderr);
  const facts = JSON.parse(ran.stdout) as Record<string, string>;
  assert.equal(facts.node, process.versions.node);
  assert.match(facts.tapspot!, /^\d+\.\d+\.\d+/);
  assert.match(facts.libpcap!, /\d/);
});

test('npx tapspot inspect reads a sample there and reports findings as JSON', () => {
  const sample = join(modules, 'tapspot/samples/office.pcapng.gz');
  const ran = run('npx', ['--no-install', 'tapspot', 'inspect', '-r', sample, '--json'], empty, bin);
  assert.equal(ran.status, 0, ran.stderr);
  const lines = ran.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  assert.ok(lines.length > 3, ran.stdout);
});

test('the same install runs on Node.js 24 where that is at hand', (t) => {
  const below24 = join(packageRoot(), '.build/node24/node_modules');
  const found = existsSync(below24) ? readdirSync(below24).find((name) => name.startsWith('node-linux-')) : undefined;
  if (found === undefined) return t.skip('make test fetches it');
  const node = join(below24, found, 'bin/node');
  const sample = join(modules, 'tapspot/samples/quiet.pcap.gz');
  const ran = run(
    node,
    [join(modules, 'tapspot/dist/cli/main.js'), 'inspect', '-r', sample, '--json'],
    empty,
    dirname(node),
  );
  assert.equal(ran.status, 0, ran.stderr);
});

test('tapspot install refuses to make a unit for a program that the unit could not reach', () => {
  const ran = run('npx', ['--no-install', 'tapspot', 'install', 'sensor', '--root', join(folder, 'root')], empty, bin);
  assert.equal(ran.status, 78, ran.stderr);
  assert.match(ran.stderr, /the service could not run/);
});
