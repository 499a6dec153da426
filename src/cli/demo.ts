import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Exit, OperatorError } from '../base/errors.js';
import { packageRoot } from '../base/root.js';
import { spanText } from '../base/units.js';
import type { ShortlistView } from '../central/api/types.js';
import { type Central, startCentral } from '../central/central.js';
import { CentralConfig } from '../central/config.js';
import { SensorConfig } from '../sensor/config.js';
import { Sensor } from '../sensor/sensor.js';
import type { Command } from './command.js';
import { makeLog } from './log.js';
import { untilSignal } from './service.js';
import { type Colours, colours, printable } from './terminal.js';
import { versionText } from './version.js';

const CONSOLE_PORT = 8080;
const PATIENCE_MS = 120_000;

export const demo: Command = {
  options: (y) =>
    y
      .option('port', { type: 'number', describe: `Port of the console (${CONSOLE_PORT}, or a free one)` })
      .option('data', {
        type: 'string',
        requiresArg: true,
        describe: 'Keep everything in this folder (a temporary one, deleted at the end)',
      })
      .option('v', { alias: 'verbose', type: 'boolean', describe: 'Show the logs of sensor and central' }),
  async run(args, env) {
    const paint = colours(process.stdout, env);
    const log = makeLog(args.v ? 'info' : 'warn', env);
    const kept = args.data !== undefined;
    const data = kept ? String(args.data) : mkdtempSync(join(tmpdir(), 'tapspot-demo-'));
    const port = args.port === undefined ? ((await isFree(CONSOLE_PORT)) ? CONSOLE_PORT : 0) : Number(args.port);
    const asked = untilSignal(log);
    let central: Central | null = null;
    let sensor: Sensor | null = null;
    try {
      const say = steps(paint);
      central = await startCentral(
        CentralConfig.parse({
          data: join(data, 'central'),
          broker: { listen: '127.0.0.1:0' },
          console: { listen: `127.0.0.1:${port}` },
          training: { every: '0s' },
        }),
        { version: versionText(), log },
      );
      say(`central   broker on 127.0.0.1:${central.ports.broker}, lake in ${join(data, 'central', 'lake')}`);
      sensor = await Sensor.start(
        SensorConfig.parse({
          site: 'demo',
          sensor: 'tap-1',
          captures: [samples('quiet')],
          spool: { directory: join(data, 'spool') },
          uplink: {
            broker: `mqtt://127.0.0.1:${central.ports.broker}`,
            budget: '10Mbit/s',
            modelKey: join(data, 'central', 'signing.key.pub'),
          },
        }),
        { version: versionText(), log },
      );
      const path = walk(central, sensor, say);
      const signal = await Promise.race([asked, path.then(() => null)]);
      if (signal === null) {
        await showShortlist(central.url, paint);
        process.stdout.write(`\n${paint.bold(`Console: ${central.url}`)}   (Ctrl-C ends the demo)\n`);
        await asked;
      } else path.catch(() => {});
    } finally {
      await sensor?.stop();
      await central?.stop();
      if (!kept) rmSync(data, { recursive: true, force: true });
    }
    return Exit.ok;
  },
};

/** Ordinary traffic first, so that there is something to learn from; then the same office with intruders in it. */
async function walk(central: Central, sensor: Sensor, say: (text: string) => void): Promise<void> {
  await sensor.run([samples('quiet')]);
  await arrived(sensor);
  say('sensor    an ordinary stretch replayed: summaries over MQTT are in the lake');
  central.trainer.start();
  await central.trainer.idle();
  const generation = await until(() => sensor.modelGeneration, 'the sensor did not take the model');
  say(`model     trained on it, signed and sent back: the sensor scores with generation ${generation}`);
  await sensor.run([samples('office')]);
  await arrived(sensor);
  say('sensor    the stretch with intruders replayed and stored');
}

async function arrived(sensor: Sensor): Promise<void> {
  if (await sensor.drained(PATIENCE_MS)) return;
  throw new OperatorError(
    'DEMO_STUCK',
    Exit.failed,
    `The central did not take the summaries within ${spanText(PATIENCE_MS / 1000)}; run it again with -v.`,
  );
}

async function until<T>(get: () => T | null, otherwise: string): Promise<T> {
  for (const deadline = Date.now() + PATIENCE_MS; Date.now() < deadline; ) {
    const value = get();
    if (value !== null) return value;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new OperatorError('DEMO_STUCK', Exit.failed, `${otherwise}; run it again with -v.`);
}

async function showShortlist(url: string, paint: Colours): Promise<void> {
  const response = await fetch(new URL('/api/shortlist?limit=10', url));
  const { lines, total } = (await response.json()) as ShortlistView;
  process.stdout.write('\n');
  for (const line of lines) {
    const far =
      line.domain ?? (line.dst === null ? '' : `${line.dst}${line.dstPort === null ? '' : `:${line.dstPort}`}`);
    const strongest = [...line.reasons].sort((a, b) => b.points - a.points)[0];
    const tone = line.score >= 60 ? paint.red : line.score >= 30 ? paint.yellow : paint.dim;
    process.stdout.write(
      `${String(line.rank).padStart(3)} ${tone(line.score.toFixed(1).padStart(6))}  ${paint.bold(printable(line.src + (far ? ` → ${far}` : '')))}\n            ${printable(strongest?.text ?? '')}\n`,
    );
  }
  if (total > lines.length)
    process.stdout.write(paint.dim(`            and ${total - lines.length} more on the page\n`));
}

/** The sample captures whose name begins so, as a folder or files beside the program. */
function samples(name: string): string {
  const path = join(packageRoot(), 'samples', name);
  if (existsSync(path)) return path;
  for (const end of ['.pcapng.gz', '.pcap.gz', '.pcapng', '.pcap']) if (existsSync(path + end)) return path + end;
  throw new OperatorError(
    'NO_SAMPLES',
    Exit.noInput,
    `The sample captures are not in ${join(packageRoot(), 'samples')}; install Tapspot anew.`,
  );
}

/** Says each step with the time since the start. */
function steps(paint: Colours): (text: string) => void {
  const began = performance.now();
  return (text) =>
    void process.stdout.write(
      `${paint.dim(`${((performance.now() - began) / 1000).toFixed(1).padStart(5)} s`)}  ${text}\n`,
    );
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
