import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Exit } from '../../src/base/errors.js';
import { install } from '../../src/cli/install.js';

const folder = mkdtempSync(join(tmpdir(), 'tapspot-units-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const ROLES = ['sensor', 'central'] as const;
const unitPath = (role: string) => join(folder, 'etc/systemd/system', `tapspot-${role}.service`);

before(async () => {
  // /usr/bin/env stands for node: `verify` wants the program to exist.
  const paths = { node: '/usr/bin/env', packageFolder: '/usr/local/lib/node_modules/tapspot' };
  for (const role of ROLES) await install({ role, root: folder, dryRun: false, ...paths, say: () => {} });
});

/** The values of a directive, in order; what a later empty one has cleared is gone. */
function directive(role: string, name: string): string[] {
  const values: string[] = [];
  for (const [, key, value] of readFileSync(unitPath(role), 'utf8').matchAll(/^(\w+)=(.*)$/gm)) {
    if (key === name) value === '' ? (values.length = 0) : values.push(value!);
  }
  return values;
}

const analyze = spawnSync('systemd-analyze', ['--version']).status === 0 ? false : 'systemd-analyze is not here';

for (const role of ROLES) {
  test(`the unit of the ${role} has nothing that systemd-analyze verify complains about`, { skip: analyze }, () => {
    const ran = spawnSync('systemd-analyze', ['verify', '--recursive-errors=no', unitPath(role)], { encoding: 'utf8' });
    assert.equal(ran.stderr.trim(), '');
    assert.equal(ran.status, 0);
  });

  test(`the exposure of the ${role} is at most 2.0 by systemd-analyze security`, { skip: analyze }, () => {
    const out = execFileSync('systemd-analyze', ['security', '--offline=true', '--no-pager', unitPath(role)], {
      encoding: 'utf8',
    });
    const level = Number(/exposure level for \S+: (\d+\.\d+)/.exec(out)?.[1]);
    assert.ok(level > 0 && level <= 2.0, `exposure ${level}\n${out}`);
  });

  test(`the ${role} is not restarted after faults that a restart cannot mend`, () => {
    const wanted = [Exit.usage, Exit.noInput, Exit.permission, Exit.config].sort();
    assert.deepEqual(directive(role, 'RestartPreventExitStatus'), [wanted.join(' ')]);
    assert.deepEqual(directive(role, 'Restart'), ['on-failure']);
  });

  test(`the ${role} may write what its default configuration names, under the unit's state folder`, () => {
    const yaml = readFileSync(join(folder, `etc/tapspot/${role}.yaml`), 'utf8');
    const [state] = directive(role, 'StateDirectory');
    assert.match(yaml, new RegExp(`: /var/lib/${state}$`, 'm'));
  });

  test(`the ${role} lets V8 compile`, () => {
    assert.deepEqual(directive(role, 'MemoryDenyWriteExecute'), []);
  });
}

test('the sensor has one capability, to open packet sockets; the central has none and no packet sockets', () => {
  for (const name of ['CapabilityBoundingSet', 'AmbientCapabilities']) {
    assert.deepEqual(directive('sensor', name), ['CAP_NET_RAW']);
    assert.match(readFileSync(unitPath('central'), 'utf8'), new RegExp(`^${name}=$`, 'm'));
    assert.deepEqual(directive('central', name), []);
  }
  assert.match(directive('sensor', 'RestrictAddressFamilies')[0]!, /\bAF_PACKET\b/);
  assert.doesNotMatch(directive('central', 'RestrictAddressFamilies')[0]!, /\bAF_PACKET\b/);
});
