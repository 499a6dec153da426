import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { packageRoot } from '../../src/base/root.js';

test('the lock names every optional package of every platform, as npm ci demands', () => {
  const { packages } = JSON.parse(readFileSync(join(packageRoot(), 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { optionalDependencies?: Record<string, string> }>;
  };
  const wanted = Object.entries(packages).flatMap(([parent, { optionalDependencies }]) =>
    Object.keys(optionalDependencies ?? {}).map((name) => ({ parent, name })),
  );
  assert.ok(wanted.length > 20, 'the lock has lost its optional packages');
  const missing = wanted.filter(
    ({ parent, name }) => !(`node_modules/${name}` in packages) && !(`${parent}/node_modules/${name}` in packages),
  );
  assert.deepEqual(missing, [], 'run: node tools/complete-lock.mjs');
});
