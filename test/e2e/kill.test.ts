import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { DuckDBInstance } from '@duckdb/node-api';
import { fsck } from '../../src/spool/fsck.js';
import { MAIN } from '../support/cli.js';
import { Prng } from '../support/prng.js';
import { sampleCaptures } from '../support/shared.js';

/** Kills in one run; more with TAPSPOT_KILLS, e.g. 1000 over a night. */
const KILLS = Number(process.env.TAPSPOT_KILLS ?? 24);
const SEED = Number(process.env.TAPSPOT_SEED ?? 7);

const folder = mkdtempSync(join(tmpdir(), 'tapspot-kill-'));
const children = new Set<ChildProcess>();
after(() => {
  for (const child of children) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

const hasMosquitto = (() => {
  try {
    execFileSync('which', ['mosquitto'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer();
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

/** A program that is started again after each kill. */
class Mortal {
  readonly name: string;
  readonly #command: string[];
  #child: ChildProcess | null = null;
  said = '';
  /** Set when it ended by itself. */
  ended: number | null = null;

  constructor(name: string, command: string[]) {
    this.name = name;
    this.#command = command;
  }

  start(): void {
    const child = spawn(this.#command[0]!, this.#command.slice(1), { stdio: ['ignore', 'pipe', 'pipe'] });
    children.add(child);
    this.#child = child;
    this.ended = null;
    const hear = (text: Buffer) => {
      this.said = (this.said + String(text)).slice(-20_000);
    };
    child.stdout!.on('data', hear);
    child.stderr!.on('data', hear);
    child.once('exit', (code) => {
      children.delete(child);
      if (this.#child === child && code !== null) this.ended = code;
    });
  }

  async kill(): Promise<void> {
    const child = this.#child!;
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await gone;
  }
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

test(`sensor, broker and central killed ${KILLS} times at random moments: no batch lost, none twice`, {
  skip: hasMosquitto ? false : 'mosquitto is not installed',
}, async () => {
  const random = new Prng(SEED);
  const [mqtt, web] = [await freePort(), await freePort()];
  const spool = join(folder, 'spool');
  const data = join(folder, 'central');
  mkdirSync(join(folder, 'broker'), { mode: 0o777 });
  writeFileSync(
    join(folder, 'broker.conf'),
    `listener ${mqtt} 127.0.0.1\nallow_anonymous true\nuser root\nmessage_size_limit 0\n`,
  );
  const captures = JSON.stringify(sampleCaptures());
  writeFileSync(
    join(folder, 'sensor.yaml'),
    `sensor: tap-1\ncaptures: ${captures}\nwindow: 2s\nshards: 1\nmemory: 48MiB\nspool: { directory: ${spool} }\nuplink: { broker: "mqtt://127.0.0.1:${mqtt}", budget: 100Mbit/s }\n`,
  );
  writeFileSync(
    join(folder, 'central.yaml'),
    `data: ${data}\nbroker: { url: "mqtt://127.0.0.1:${mqtt}" }\nconsole: { listen: "127.0.0.1:${web}" }\ntraining: { every: 0s }\nlake: { commitInterval: 200ms }\n`,
  );
  const broker = new Mortal('broker', ['mosquitto', '-c', join(folder, 'broker.conf')]);
  const central = new Mortal('central', [process.execPath, MAIN, 'central', '-c', join(folder, 'central.yaml')]);
  const sensor = new Mortal('sensor', [process.execPath, MAIN, 'sensor', '-c', join(folder, 'sensor.yaml')]);
  for (const program of [broker, central, sensor]) program.start();

  let killed = 0;
  while (killed < KILLS) {
    await pause(random.between(50, 1500));
    const victim = random.pick([broker, central, sensor, sensor, central]);
    await victim.kill();
    killed++;
    await pause(random.between(0, 200));
    victim.start();
  }

  // Left alone, everything that the spool held reaches the lake.
  const deadline = Date.now() + 120_000;
  let left = Number.POSITIVE_INFINITY;
  let calm = 0;
  while (calm < 3 && Date.now() < deadline) {
    await pause(1000);
    for (const program of [broker, central, sensor])
      assert.equal(program.ended, null, `${program.name} ended: ${program.said}`);
    const view = (await fetch(`http://127.0.0.1:${web}/api/sensors`)
      .then((r) => r.json())
      .catch(() => null)) as { sensors: { spool: { batches: number } | null }[] } | null;
    left = view?.sensors[0]?.spool?.batches ?? Number.POSITIVE_INFINITY;
    calm = left === 0 ? calm + 1 : 0;
  }
  await sensor.kill();
  await central.kill();
  await broker.kill();
  assert.equal(left, 0, `the spool was not drained: ${sensor.said}\n${central.said}`);

  const report = await fsck(spool);
  const db = await DuckDBInstance.create(':memory:');
  const connection = await db.connect();
  const rows = async (sql: string) =>
    (await connection.runAndReadAll(sql)).getRowObjectsJson() as Record<string, string>[];
  const glob = (table: string) => `read_parquet('${data}/lake/${table}/**/*.parquet', hive_partitioning = false)`;
  const [batches] = await rows(
    `SELECT count(DISTINCT (epoch, seq)) AS n, count(DISTINCT epoch) AS epochs, max(seq) AS last FROM ${glob('ledger')}`,
  );
  assert.ok(Number(batches!.n) > KILLS, `only ${batches!.n} batches: this test has stopped looking`);
  assert.equal(Number(batches!.epochs), 1);
  assert.equal(Number(batches!.n), Number(batches!.last), 'a sequence is missing in the lake');
  assert.equal(Number(batches!.last), report.next - 1, 'the lake has all that the spool ever promised');
  const [twice] = await rows(
    `SELECT count(*) AS n FROM (SELECT epoch, seq, row FROM ${glob('flow')} GROUP BY ALL HAVING count(*) > 1)`,
  );
  assert.equal(Number(twice!.n), 0, 'a flow is in the lake twice');
  const [books] = await rows(
    `SELECT count(*) AS n FROM (SELECT epoch, seq, name FROM ${glob('ledger')} GROUP BY ALL HAVING count(*) > 1)`,
  );
  assert.equal(Number(books!.n), 0, 'a book entry is in the lake twice');
  connection.closeSync();
});
