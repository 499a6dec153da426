import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { crc32 } from 'node:zlib';
import { packageRoot } from '../../src/base/root.js';
import { decodeBatch, encodeBatch, openBatch, sealEnvelope } from '../../src/record/codec.js';
import { scoreOf } from '../../src/record/score.js';
import { Prng } from '../support/prng.js';
import { anyBatch } from './batches.js';

// protoc is Google's own implementation: what it makes of our bytes is what any other reader will.
const root = packageRoot();
const noProtoc = spawnSync('protoc', ['--version']).status === 0 ? false : 'protoc is not installed';

function protoc(how: 'decode' | 'encode', type: string, input: Uint8Array | string): Buffer {
  return execFileSync('protoc', [`--${how}=tapspot.v1.${type}`, '-Iproto', 'proto/tapspot.proto'], {
    cwd: root,
    input,
    maxBuffer: 2 ** 28,
  });
}

/** protoc's text format as a tree: repeated names make arrays. */
type Tree = { [name: string]: (string | Tree)[] };
function parse(text: string): Tree {
  const stack: Tree[] = [{}];
  for (const line of text.split('\n')) {
    const open = /^\s*(\w+) \{$/.exec(line);
    const leaf = /^\s*(\w+): (.*)$/.exec(line);
    const top = stack.at(-1)!;
    if (open) {
      const child: Tree = {};
      (top[open[1]!] ??= []).push(child);
      stack.push(child);
    } else if (leaf) (top[leaf[1]!] ??= []).push(leaf[2]!);
    else if (/^\s*\}$/.test(line)) stack.pop();
    else assert.equal(line, '', 'a line that is neither');
  }
  return stack[0]!;
}

test('protoc reads our bytes, field by field', { skip: noProtoc }, () => {
  const batch = anyBatch(new Prng(21), 40);
  const tree = parse(protoc('decode', 'Batch', encodeBatch(batch)).toString());
  assert.deepEqual(tree.site, ['"hq"']);
  assert.equal(Number(tree.window_from_us![0]), batch.windowFromUs);
  assert.equal(tree.addresses!.length, batch.addresses.length);
  assert.equal(tree.strings!.length, batch.strings.length);
  assert.equal(tree.ledger?.length ?? 0, Object.keys(batch.ledger).length);
  assert.equal(tree.findings?.length ?? 0, batch.findings.length);
  const flows = tree.flows![0] as Tree;
  const numbers = (name: string) => (flows[name] as string[]).map(Number);
  assert.deepEqual(numbers('count'), [40]);
  assert.deepEqual(numbers('dport'), [...batch.flows.dport]);
  assert.deepEqual(numbers('orig_bytes'), [...batch.flows.origBytes]);
  assert.deepEqual(numbers('weight'), [...batch.flows.weight]);
  assert.deepEqual(
    numbers('more_flows'),
    [...batch.flows.flows].map((n) => n - 1),
  );
  let at = batch.windowFromUs;
  assert.deepEqual(
    numbers('ts_delta_us').map((d) => (at += d)),
    [...batch.flows.tsUs],
  );
  assert.deepEqual(
    numbers('score').map((q) => scoreOf(q)),
    [...batch.flows.score],
  );
});

test('we read what protoc writes, in packed and unpacked form', { skip: noProtoc }, () => {
  const columns =
    (...values: number[]) =>
    (name: string) =>
      values.map((v) => `${name}: ${v}`).join(' ');
  const text = `
    version: 1 site: "hq" sensor: "tap1" window_from_us: 1700000000000000 window_to_us: 1700000060000000
    word_set: "tapspot" ledger { key: "capture.frames" value: 12 }
    addresses: "\\012\\000\\000\\001" addresses: "\\040\\001\\015\\270\\000\\000\\000\\000\\000\\000\\000\\000\\000\\000\\000\\001"
    strings: "" strings: "ShADad"
    flows { count: 2 ${columns(0, 1)('src')} ${columns(1, 0)('dst')} ${columns(443, 53)('dport')}
      ${columns(5, 1000)('ts_delta_us')} ${columns(250, 5000)('score')} ${columns(1, 1)('history')} ${columns(0, 9)('more_flows')} }
    findings { kind: "beacon" src: "10.0.0.1" dst_port: 0 first_us: 1 last_us: 2 reasons { name: "beacon.interval" points: 2.5 text: "every 10 s" } }`;
  const batch = decodeBatch(protoc('encode', 'Batch', text));
  assert.deepEqual(batch.addresses, ['10.0.0.1', '2001:db8::1']);
  assert.deepEqual([...batch.flows.tsUs], [1700000000000005, 1700000000001005]);
  assert.deepEqual([...batch.flows.dport], [443, 53]);
  assert.deepEqual([...batch.flows.score], [Math.fround(10 ** -2.5), 0]);
  assert.deepEqual([...batch.flows.flows], [1, 10]);
  assert.deepEqual(batch.findings[0], {
    kind: 'beacon', src: '10.0.0.1', dst: null, dstPort: 0, proto: null, domain: null, firstUs: 1, lastUs: 2,
    reasons: [{ name: 'beacon.interval', points: 2.5, text: 'every 10 s' }],
  }); // biome-ignore format: as short
  assert.equal(batch.ledger['capture.frames'], 12);
});

test('an envelope that protoc wrote around an uncompressed body is opened, and ours is read by protoc', {
  skip: noProtoc,
}, () => {
  const batch = anyBatch(new Prng(22), 10);
  const body = encodeBatch(batch);
  const escaped = [...body].map((b) => `\\${b.toString(8).padStart(3, '0')}`).join('');
  const text = `version: 1 site: "hq" sensor: "tap-1.lab" epoch: 7 sequence: 9 codec: "identity"
    checksum: ${crc32(body)} length: ${body.length} body: "${escaped}" gap: 2`;
  const { envelope, batch: opened } = openBatch(protoc('encode', 'Envelope', text));
  assert.deepStrictEqual(opened, batch);
  assert.deepEqual([envelope.epoch, envelope.sequence, envelope.gap], [7, 9, 2]);
  const ours = sealEnvelope({ site: 'hq', sensor: 'tap-1.lab', epoch: 2 ** 43 + 1, sequence: 5, gap: 1 }, body);
  const tree = parse(protoc('decode', 'Envelope', ours).toString());
  assert.deepEqual([tree.epoch, tree.sequence, tree.gap, tree.codec], [['8796093022209'], ['5'], ['1'], ['"brotli"']]);
});

test('the generated module is what the schema generates', () => {
  const dir = mkdtempSync(join(tmpdir(), 'tapspot-uplink-proto-'));
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>;
  };
  const command = scripts['build:proto']!.replaceAll('-o proto/', `-o ${dir}/`).replaceAll(
    'pbjs ',
    'node_modules/.bin/pbjs ',
  );
  execFileSync('sh', ['-c', command], { cwd: root });
  for (const name of ['tapspot.js', 'tapspot.d.ts']) {
    assert.equal(
      readFileSync(join(dir, name), 'utf8'),
      readFileSync(join(root, 'proto', name), 'utf8'),
      `${name}: run npm run build:proto`,
    );
  }
  rmSync(dir, { recursive: true });
});

test('the record works where code may not be made of strings', () => {
  const codec = join(import.meta.dirname, '../../src/record/codec.js');
  const blocks = join(import.meta.dirname, '../../src/record/blocks.js');
  const script = `import { encodeBatch, decodeBatch } from '${codec}'; import { emptyBatch } from '${blocks}';
    console.log(decodeBatch(encodeBatch(emptyBatch('hq', 'tap1', 0, 1))).site);`;
  const out = execFileSync(process.execPath, [
    '--disallow-code-generation-from-strings',
    '--input-type=module',
    '-e',
    script,
  ]);
  assert.equal(out.toString(), 'hq\n');
});
