import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { test } from 'node:test';
import { packageRoot } from '../src/base/root.js';

const root = packageRoot();
const src = join(root, 'src');

// Data moves down this list; imports point up it. A folder may import itself, base/ (all but base/ itself) and the
// folders named beside it. What is missing from a row is the point of the row.
const MAY_IMPORT: Record<string, readonly string[]> = {
  base: [],
  record: [], // the contract: the only folder both halves import
  capture: [],
  decode: ['capture'],
  flow: ['capture', 'decode'],
  dns: ['capture', 'decode'],
  app: ['decode'],
  score: ['decode', 'flow', 'dns', 'record'],
  summary: ['record', 'decode', 'flow', 'dns', 'score'],
  spool: [], // bytes in, bytes out: it never learns what a batch is
  uplink: ['record', 'spool'],
  sensor: ['record', 'capture', 'decode', 'flow', 'dns', 'score', 'summary', 'spool', 'uplink'],
  'central/config': [],
  'central/broker': ['record', 'central/config'],
  'central/collector': ['record', 'central/config', 'central/broker', 'central/lake'],
  'central/lake': ['record', 'central/config'],
  'central/model': ['record', 'central/config', 'central/lake'],
  'central/api': ['record', 'central/config', 'central/broker', 'central/collector', 'central/lake', 'central/model'],
  'central/web': ['central/api'], // types only: a browser has nothing else of ours
  central: [
    'record',
    'central/config',
    'central/broker',
    'central/collector',
    'central/lake',
    'central/model',
    'central/api',
  ],
  cli: [
    'record',
    'sensor',
    'central',
    'central/config',
    'central/broker',
    'central/api',
    'capture',
    'decode',
    'flow',
    'dns',
    'score',
    'spool',
    'uplink',
  ],
};

/** Every file below a folder, except what is generated or fetched. */
function filesBelow(dir: string): string[] {
  if (!existsSync(dir)) return [];
  return readdirSync(dir, { withFileTypes: true }).flatMap((entry) => {
    if (['node_modules', 'generated', 'dist'].includes(entry.name)) return [];
    const path = join(dir, entry.name);
    return entry.isDirectory() ? filesBelow(path) : [path];
  });
}

/**
 * `flow/table.ts` is of stage `flow`, `central/lake/part.ts` of `central/lake`. `central/config.ts`, the settings, is a stage
 * by itself, above all that read them; `central/central.ts`, the wiring, is of `central`.
 */
function stageOf(path: string): string {
  const [first, second, ...rest] = relative(src, path).split('/');
  if (first !== 'central') return first!;
  if (rest.length > 0) return `central/${second}`;
  return second === 'config.ts' || second === 'config.js' ? 'central/config' : 'central';
}

const sources = filesBelow(src).filter((path) => /\.tsx?$/.test(path));
const importsOf = (path: string): string[] =>
  [...readFileSync(path, 'utf8').matchAll(/(?:\bfrom\s+|\bimport\s*\(\s*|^import\s+)['"](\.[^'"]+)['"]/gm)].map(
    (m) => m[1]!,
  );

test('imports only ever point up the pipeline', () => {
  const wrong: string[] = [];
  let seen = 0;
  for (const path of sources) {
    const stage = stageOf(path);
    const allowed = MAY_IMPORT[stage];
    assert.ok(allowed, `${relative(root, path)} is in a folder that MAY_IMPORT does not know`);
    for (const specifier of importsOf(path)) {
      const target = resolve(dirname(path), specifier);
      seen++;
      if (!target.startsWith(`${src}/`)) {
        wrong.push(`${relative(root, path)} imports ${specifier}, outside src`);
        continue;
      }
      const to = stageOf(target);
      if (to !== stage && to !== 'base' && !allowed.includes(to)) {
        wrong.push(`${relative(src, path)} imports ${relative(src, target)}`);
      }
    }
  }
  assert.deepEqual(wrong, []);
  assert.ok(seen > 100, `found only ${seen} imports: this test has stopped looking`);
});

test('only the command line reads arguments, environment and signals', () => {
  // A program of its own, started by capture with its task as argument.
  const programs = [join(src, 'capture/fallback-child.ts')];
  const wrong = sources.filter(
    (path) =>
      stageOf(path) !== 'cli' &&
      !programs.includes(path) &&
      /\bprocess\.(argv|env|exit|on\(['"]SIG)/.test(withoutComments(readFileSync(path, 'utf8'))),
  );
  assert.deepEqual(
    wrong.map((path) => relative(root, path)),
    [],
  );
});

test('decode, dns, app, flow and score never ask the clock', () => {
  const timeless = sources.filter((path) => ['decode', 'dns', 'app', 'flow', 'score'].includes(stageOf(path)));
  assert.ok(timeless.length > 8, 'the timeless stages have gone missing');
  const clock =
    /\bDate\.now\b|\bnew Date\(\s*\)|\bperformance\.now\b|\bhrtime\b|\bsetTimeout\b|\bsetInterval\b|\bMath\.random\b/;
  assert.deepEqual(
    timeless
      .filter((path) => clock.test(withoutComments(readFileSync(path, 'utf8'))))
      .map((path) => relative(root, path)),
    [],
  );
});

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|\s)\/\/.*$/gm, '$1');
}

test('no file is longer than 400 lines, and no test longer than 500', () => {
  const own = ['src', 'test', 'native', 'tools', 'bench', 'systemd'].flatMap((dir) => filesBelow(join(root, dir)));
  const code = own.filter((path) => /\.(ts|tsx|cc|h|sh|py|css|proto|service)$/.test(path));
  assert.ok(code.length > 60, 'found hardly any files: this test has stopped looking');
  const long = code
    .map((path) => ({ path: relative(root, path), lines: readFileSync(path, 'utf8').split('\n').length - 1 }))
    .filter(({ path, lines }) => lines > (path.startsWith('test/') ? 500 : 400));
  assert.deepEqual(long, []);
});

test('nothing in the source is marked as unfinished', () => {
  const words = ['TO' + 'DO', 'FIX' + 'ME', 'XX' + 'X', 'not' + ' implemented'];
  const marks = new RegExp(`\\b(?:${words.join('|')})\\b`);
  const marked = [...sources, ...filesBelow(join(root, 'native'))].filter((path) =>
    marks.test(readFileSync(path, 'utf8')),
  );
  assert.deepEqual(
    marked.map((path) => relative(root, path)),
    [],
  );
});

test('every dependency is pinned to one version', () => {
  const pkg = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Record<string, Record<string, string>>;
  const all = Object.entries({ ...pkg.dependencies, ...pkg.optionalDependencies, ...pkg.devDependencies });
  assert.ok(all.length > 30);
  // Type declarations follow the package they describe, which is itself pinned.
  const loose = all.filter(
    ([name, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version) && !name.startsWith('@types/'),
  );
  assert.deepEqual(loose, []);
});
