import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { Exit, OperatorError } from '../../src/base/errors.js';
import { install } from '../../src/cli/install.js';

const folder = mkdtempSync(join(tmpdir(), 'tapspot-install-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const PATHS = { node: '/usr/bin/env', packageFolder: '/usr/local/lib/node_modules/tapspot' };
let roots = 0;
const freshRoot = () => join(folder, `root${roots++}`);

for (const role of ['sensor', 'central'] as const) {
  test(`install ${role} writes a unit with every place filled in, and a configuration, both readable for all`, async () => {
    const root = freshRoot();
    const said: string[] = [];
    const umask = process.umask(0o077);
    const done = await install({ role, root, dryRun: false, ...PATHS, say: (line) => said.push(line) }).finally(() =>
      process.umask(umask),
    );
    assert.deepEqual(
      done.map((d) => [d.path, d.outcome]),
      [
        [join(root, `etc/tapspot/${role}.yaml`), 'written'],
        [join(root, `etc/systemd/system/tapspot-${role}.service`), 'written'],
      ],
    );
    for (const { path } of done) assert.equal(statSync(path).mode & 0o777, 0o644);
    const unit = readFileSync(done[1]!.path, 'utf8');
    assert.doesNotMatch(unit, /@[A-Z]+@/);
    assert.match(unit, /^ExecStart=\/usr\/bin\/env \/usr\/local\/lib\/node_modules\/tapspot\/dist\/cli\/main\.js /m);
    assert.match(said.join('\n'), new RegExp(`systemctl enable --now tapspot-${role}`));
    assert.match(said.join('\n'), new RegExp(`tapspot check -c /etc/tapspot/${role}\\.yaml`));
  });
}

test('a configuration that is there is never touched, and a unit of ours is brought up to date', async () => {
  const root = freshRoot();
  const options = { role: 'sensor', root, dryRun: false, ...PATHS, say: () => {} } as const;
  const [config, unit] = await install(options);
  writeFileSync(config!.path, 'mine: yes\n');
  const good = readFileSync(unit!.path, 'utf8');
  writeFileSync(unit!.path, good.replace('WatchdogSec=', '#WatchdogSec='));
  assert.deepEqual(
    (await install(options)).map((d) => d.outcome),
    ['kept', 'replaced'],
  );
  assert.equal(readFileSync(config!.path, 'utf8'), 'mine: yes\n');
  assert.equal(readFileSync(unit!.path, 'utf8'), good);
  assert.deepEqual(
    (await install(options)).map((d) => d.outcome),
    ['kept', 'unchanged'],
  );
});

test('a dry run says the same and writes nothing', async () => {
  const root = freshRoot();
  const said: string[] = [];
  const done = await install({ role: 'central', root, dryRun: true, ...PATHS, say: (line) => said.push(line) });
  assert.deepEqual(
    done.map((d) => d.outcome),
    ['written', 'written'],
  );
  assert.match(said.join('\n'), /would be written: .*central\.yaml/);
  assert.throws(() => statSync(root), { code: 'ENOENT' });
});

for (const hidden of ['/home/jo/tapspot', '/root/tapspot', '/tmp/x', '/opt/my apps/tapspot', '/opt/50%/tapspot']) {
  test(`a program at ${hidden}, where the service could not reach it, is refused before anything is written`, async () => {
    const root = freshRoot();
    await assert.rejects(
      install({ role: 'sensor', root, dryRun: false, ...PATHS, packageFolder: hidden, say: () => {} }),
      (error) => error instanceof OperatorError && error.code === 'INSTALL_HIDDEN' && error.exit === Exit.config,
    );
    assert.throws(() => statSync(root), { code: 'ENOENT' });
  });
}

test('a place that cannot be written to is told with its name', async () => {
  const root = freshRoot();
  writeFileSync(root, 'a file, not a folder');
  await assert.rejects(
    install({ role: 'sensor', root, dryRun: false, ...PATHS, say: () => {} }),
    (error) => error instanceof OperatorError && error.code === 'INSTALL_WRITE' && error.message.includes(root),
  );
});
