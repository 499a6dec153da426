/** `npm run bench`: Tapspot and its peers on the same captures, one core each. See bench/README.md. */
import { createSocket } from 'node:dgram';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, release, tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { packageRoot } from '../src/base/root.js';
import { CAPTURES, type CaptureName, makeCapture } from './captures/make.js';
import { hasCompiler, measure, median, native } from './measure.js';
import { PEERS, type Peer, SINK_PORT } from './peers/peers.js';
import { commit, committed, ratioToFloor } from './regression.js';
import { type Cell, inReadme, type Result, table } from './table.js';

const HELP = `npm run bench -- [options]

  --quick              captures of a tenth of the size
  --runs N             runs of each program on each capture (3); the median counts
  --captures A,B       only these of ${CAPTURES.join(', ')}
  --only TEXT          only programs whose name holds TEXT, and the floor
  --core N             core to run on (the last)
  --folder DIR         where the captures are kept (.build/bench-captures; 2.3 GB at full size)
  --write              put the table into README.md
  --regression         only what CI checks: one shard against the floor; with --write, commit to that figure
`;

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    runs: { type: 'string', default: '3' },
    captures: { type: 'string', default: CAPTURES.join(',') },
    only: { type: 'string', default: '' },
    core: { type: 'string', default: String(availableParallelism() - 1) },
    folder: { type: 'string', default: join(packageRoot(), '.build', 'bench-captures') },
    write: { type: 'boolean', default: false },
    regression: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

/** The floor with room for a third more flows than there are: a larger table would cost its page faults. */
function floorFor(flows: number): Peer {
  const bits = Math.max(10, Math.ceil(Math.log2((flows * 4) / 3)));
  return {
    name: 'the floor: C, parse and count in one table',
    command: (capture) => [native('floor'), capture, String(bits)],
    version: () => '',
  };
}

/** Packets and flows of a capture, counted by the floor with a table that holds whatever we make. */
function counted(capture: string, core: number): { packets: number; flows: number } {
  const cost = measure([native('floor'), capture, '22'], core);
  if (cost.code !== 0) throw new Error(`${capture} cannot be counted: the floor ended with ${cost.code}`);
  const [packets, flows] = cost.stdout.split(' ').map(Number);
  return { packets: packets!, flows: flows! };
}

async function main(): Promise<number> {
  const runs = Number(values.runs);
  const core = Number(values.core);
  const names = values.captures.split(',') as CaptureName[];
  const unknown = names.filter((name) => !CAPTURES.includes(name));
  if (values.help || !(runs >= 1) || !Number.isInteger(core) || unknown.length > 0) {
    process.stderr.write(HELP);
    return values.help ? 0 : 64;
  }
  if (!hasCompiler) {
    process.stderr.write('bench: there is no C compiler (cc), so there is no floor to compare with\n');
    return 69;
  }
  if (values.regression) {
    const { ratio, floorNs, shardNs } = ratioToFloor(await makeCapture('manyflows', values.folder, 0.1), 9);
    const { ratio: was, allowed } = committed();
    process.stdout.write(
      `one shard ${shardNs.toFixed(0)} ns, the floor ${floorNs.toFixed(0)} ns: ${ratio.toFixed(2)} times; committed ${was}, at most ${(was * allowed).toFixed(2)}\n`,
    );
    if (values.write) commit(ratio);
    return 0;
  }
  const wanted = PEERS.filter((peer) => peer.name.includes(values.only));
  const versions = new Map(wanted.map((peer) => [peer, peer.version()]));
  const present = wanted.filter((peer) => versions.get(peer) !== null);
  const missing = wanted.filter((peer) => versions.get(peer) === null).map((peer) => peer.name.split(/[ :]/)[0]!);
  const rows = [floorFor(0), ...present].map((peer) => ({ name: peer.name, cells: [] as Cell[] }));

  const scratch = mkdtempSync(join(tmpdir(), 'tapspot-bench-'));
  const sink = createSocket('udp4').on('error', () => {});
  sink.bind(SINK_PORT, '127.0.0.1');
  const sizes: string[] = [];
  try {
    for (const name of names) {
      say(`${name}: making the capture`);
      const capture = await makeCapture(name, values.folder, values.quick ? 0.1 : 1);
      const { packets, flows } = counted(capture, core);
      sizes.push(`${name} ${packets.toLocaleString('en-US')}`);
      const cells = onCapture([floorFor(flows), ...present], name, capture, packets, { runs, core, scratch });
      cells.forEach((cell, i) => {
        rows[i]!.cells.push(cell);
      });
    }
  } finally {
    sink.close();
    rmSync(scratch, { recursive: true, force: true });
  }
  const result: Result = { captures: names, rows, notes: notes(versions, missing, sizes, runs) };
  const text = table(result);
  process.stdout.write(`${text}\n`);
  if (values.write) {
    const readme = join(packageRoot(), 'README.md');
    writeFileSync(readme, inReadme(readFileSync(readme, 'utf8'), text));
    say('README.md has the new table');
  }
  return 0;
}

/** Every program in turn, `runs` times over: a disturbance hits all alike. */
function onCapture(
  peers: readonly Peer[],
  name: CaptureName,
  capture: string,
  packets: number,
  { runs, core, scratch }: { runs: number; core: number; scratch: string },
): Cell[] {
  const costs = peers.map(() => ({ ns: [] as number[], rss: [] as number[], code: 0 }));
  for (let run = 0; run < runs; run++) {
    peers.forEach((peer, i) => {
      const cost = costs[i]!;
      if ((peer.only !== undefined && !peer.only.includes(name)) || cost.code !== 0) return;
      say(`${name}, run ${run + 1} of ${runs}: ${peer.name}`);
      const got = measure(peer.command(capture, scratch), core);
      cost.code = got.code;
      cost.ns.push((got.cpuSeconds * 1e9) / Math.min(packets, peer.packetsMax ?? packets));
      cost.rss.push(got.rssBytes);
    });
  }
  return costs.map((c) => (c.ns.length === 0 ? null : { ns: median(c.ns), rssBytes: median(c.rss), code: c.code }));
}

function notes(versions: Map<Peer, string | null>, missing: string[], sizes: string[], runs: number): string[] {
  const programs = new Set<string>();
  for (const [peer, version] of versions) {
    const program = peer.name.split(/[ :,]/)[0]!;
    if (version !== null) programs.add(version.startsWith(program) ? version : `${program} ${version}`);
  }
  const day = new Date().toISOString().slice(0, 10);
  const out = [
    `Whole process, user and system time on one core, files in the page cache, median of ${runs}. Packets: ${sizes.join(', ')}.`,
    `Measured ${day} on ${cpus()[0]?.model.trim() ?? process.arch}, ${cpus().length} cores, Linux ${release()}, Node.js ${process.version}; ${[...programs].join(', ')}.`,
  ];
  if (missing.length > 0) out.push(`Not installed here: ${missing.join(', ')}.`);
  out.push('`npm run bench` measures anew; [bench/README.md](bench/README.md) tells how to read it.');
  return out;
}

function say(what: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${what}`);
}

process.exitCode = await main();
if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
