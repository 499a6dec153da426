import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { addonIfAny } from '../../src/capture/native.js';
import { notify } from '../../src/capture/notify.js';
import { scratch } from './support.js';

/** Node has no datagram sockets of the Unix kind, so Python plays the service manager. */
const MANAGER = `
import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
name = sys.argv[1]
s.bind('\\0' + name[1:] if name[0] == '@' else name)
print('bound', flush=True)
s.settimeout(5)
print(s.recv(4096).decode().replace('\\n', '|'), flush=True)
`;
const skip =
  (spawnSync('python3', ['--version']).error !== undefined && 'python3 is not installed') ||
  (addonIfAny() === null && 'the addon is not built');

for (const [what, socket] of [
  ['a path', join(scratch('notify'), 'socket')],
  ['an abstract name', `@tapspot-capture-${process.pid}`],
] as const) {
  test(`the service manager behind ${what} is told`, { skip }, async () => {
    const manager = spawn('python3', ['-c', MANAGER, socket]);
    let said = '';
    const closed = new Promise((resolve) => manager.on('close', resolve));
    await new Promise<void>((resolve) => {
      manager.stdout.on('data', (bytes: Buffer) => {
        said += bytes.toString();
        resolve();
      });
    });
    assert.equal(notify(socket, 'READY=1\nSTATUS=listening'), true);
    await closed;
    assert.equal(said, 'bound\nREADY=1|STATUS=listening\n');
  });
}

test('where no manager listens nothing happens', () => {
  assert.equal(notify(undefined, 'READY=1'), false);
  assert.equal(notify('', 'READY=1'), false);
  assert.equal(notify('/nowhere/at/all', 'READY=1'), false);
  assert.equal(notify('relative', 'READY=1'), false);
  assert.equal(notify('vsock:2:1234', 'READY=1'), false);
  assert.equal(notify(`/${'x'.repeat(300)}`, 'READY=1'), false);
});
