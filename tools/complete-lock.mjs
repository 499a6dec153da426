#!/usr/bin/env node
// Adds to package-lock.json the optional packages for other platforms that npm left out of it.
//
//   node tools/complete-lock.mjs        after every `npm install` that changed the lock
//
// npm writes only what it could see: with node_modules in place, or with a registry that lacks some platforms, the lock
// comes out without the others, and `npm ci` refuses it ("Missing: ... from lock file"; npm/cli issue 4828). Platform
// and version follow from the package's name and its parent's exact requirement. There is no integrity for what was
// not seen: for those the registry's own digest counts.
import { readFileSync, writeFileSync } from 'node:fs';

const path = new URL('../package-lock.json', import.meta.url);
const lock = JSON.parse(readFileSync(path, 'utf8'));
const { packages } = lock;

const PLATFORM =
  /-(android|darwin|freebsd|linux|openbsd|win32)-(arm|arm64|ia32|ppc64|riscv64|s390x|x64)(?:-(gnu|musl))?$/;
let added = 0;
for (const [parentPath, parent] of Object.entries({ ...packages })) {
  for (const [name, version] of Object.entries(parent.optionalDependencies ?? {})) {
    if (packages[`node_modules/${name}`] !== undefined || packages[`${parentPath}/node_modules/${name}`] !== undefined)
      continue;
    const platform = PLATFORM.exec(name);
    if (platform === null || !/^\d+\.\d+\.\d+/.test(version)) {
      process.stderr.write(
        `${name}@${version} of ${parentPath} is missing, and nothing tells its platform or version\n`,
      );
      process.exitCode = 1;
      continue;
    }
    const [, os, cpu, libc] = platform;
    packages[`node_modules/${name}`] = {
      version,
      cpu: [cpu],
      ...(parent.dev ? { dev: true } : {}),
      ...(os === 'linux' ? { libc: [libc === 'musl' ? 'musl' : 'glibc'] } : {}),
      optional: true,
      os: [os],
    };
    added++;
  }
}
if (added > 0) {
  lock.packages = Object.fromEntries(Object.entries(packages).sort(([a], [b]) => a.localeCompare(b, 'en')));
  writeFileSync(path, `${JSON.stringify(lock, null, 2)}\n`);
}
process.stdout.write(`${added} packages added to package-lock.json\n`);
