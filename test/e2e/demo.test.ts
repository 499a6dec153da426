import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { packageRoot } from '../../src/base/root.js';
import type { ModelView, SensorsView } from '../../src/central/api/types.js';
import { launch, openTab, type Tab } from '../console/support/browser.js';
import { MAIN, tapspot } from '../support/cli.js';

/** One hostile act of the samples, from samples/labels.csv. */
interface Act {
  kind: string;
  src: string;
  dst: string;
  domain: string;
}

/** The page's words for findings that name an act rightly. */
const KINDS: Record<string, RegExp> = {
  beacon: /Beacon/,
  'dns.exfiltration': /DNS tunnel/,
  'scan.horizontal': /Address scan/,
  'scan.vertical': /Port scan/,
  bruteforce: /Password guessing/,
  lateral: /Lateral movement/,
  'dns.tunnel': /DNS tunnel/,
  'dns.dga': /Generated domain names/,
  upload: /Unusual upload/,
};

function acts(): Act[] {
  const [head, ...rows] = readFileSync(join(packageRoot(), 'samples/labels.csv'), 'utf8').trim().split('\n');
  const names = head!.split(',');
  return rows.map((row) => Object.fromEntries(row.split(',').map((value, i) => [names[i], value])) as unknown as Act);
}

let demo: ChildProcess;
let said = '';
let url = '';
let browser: Browser;

before(
  async () => {
    assert.ok(existsSync(join(packageRoot(), 'dist/web/index.html')), 'build the console first: npm run build:web');
    demo = spawn(process.execPath, [MAIN, 'demo'], { stdio: ['ignore', 'pipe', 'pipe'] });
    url = await new Promise<string>((resolve, reject) => {
      const hear = (text: Buffer) => {
        said += String(text);
        const found = /Console: (http:\S+)/.exec(said);
        if (found) resolve(found[1]!);
      };
      demo.stdout!.on('data', hear);
      demo.stderr!.on('data', hear);
      demo.once('exit', (code) => reject(new Error(`the demo ended with ${code}: ${said}`)));
    });
    browser = await launch();
  },
  { timeout: 120_000 },
);

after(async () => {
  await browser?.close();
  if (demo.exitCode === null) {
    const gone = new Promise((resolve) => demo.once('exit', resolve));
    demo.kill('SIGINT');
    await gone;
  }
});

async function shot(page: Page, name: string): Promise<void> {
  const folder = join(packageRoot(), 'artefacts');
  mkdirSync(folder, { recursive: true });
  await page.screenshot({ path: join(folder, `demo-${name}.png`) });
}

/** The first lines as a reader of the page sees them. */
async function linesOf(tab: Tab): Promise<string[]> {
  await tab.page.waitForSelector('.line');
  return tab.page.$$eval('.line', (all) => all.map((line) => line.textContent ?? ''));
}

test('every hostile act of the samples is among the first 20 lines of the page', async () => {
  // Tall enough for twenty lines at once: the list draws only what can be seen.
  const tab = await openTab(browser, url, { width: 1600, height: 2400 });
  await tab.page.goto(url);
  const lines = (await linesOf(tab)).slice(0, 20);
  await shot(tab.page, 'shortlist');
  const told = acts();
  assert.ok(told.length >= 8, 'hardly any labels');
  const missing: string[] = [];
  for (const act of told) {
    const far =
      act.domain !== '' && !['beacon', 'upload'].includes(act.kind) ? act.domain : act.dst.includes('/') ? '' : act.dst;
    const found = lines.some(
      (text) =>
        KINDS[act.kind]?.test(text) && text.includes(act.src) && (act.kind.startsWith('dns.dga') || text.includes(far)),
    );
    if (!found) missing.push(`${act.kind} by ${act.src}`);
  }
  assert.deepEqual(missing, [], lines.join('\n'));
  assert.deepEqual(tab.complaints, []);
  await tab.context.close();
});

test('the shortlist rests on records that came over MQTT, and on a model that went back to the sensor', async () => {
  const sensors = (await (await fetch(`${url}/api/sensors`)).json()) as SensorsView;
  const model = (await (await fetch(`${url}/api/model`)).json()) as ModelView;
  const [sensor] = sensors.sensors;
  assert.ok(sensor && sensor.batches > 5 && sensor.missing === 0, JSON.stringify(sensors));
  assert.ok(
    model.generation !== null && model.trainedOn !== null && model.trainedOn.tokens > 500,
    JSON.stringify(model.trainedOn),
  );
  assert.equal(sensor.modelGeneration, model.generation);
});

test('a model that is trained on demand reaches the sensor', async () => {
  const before = ((await (await fetch(`${url}/api/model`)).json()) as ModelView).generation!;
  const ran = await tapspot(['train', '--url', url]);
  assert.equal(ran.code, 0, ran.stderr);
  assert.match(ran.stdout, new RegExp(`^generation ${before + 1}: `));
  for (const deadline = Date.now() + 10_000; ; ) {
    const { sensors } = (await (await fetch(`${url}/api/sensors`)).json()) as SensorsView;
    if (sensors[0]?.modelGeneration === before + 1) break;
    assert.ok(Date.now() < deadline, `the sensor still scores with ${sensors[0]?.modelGeneration}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
});

test('each page of the console shows the demo without a complaint of the browser', async () => {
  const tab = await openTab(browser, url, { width: 1366, height: 768 });
  for (const [path, text] of [
    ['/sensors', /tap-1/],
    ['/model', /generation/i],
    ['/entity/10.20.0.25', /10\.20\.0\.25/],
  ] as const) {
    await tab.page.goto(url + path);
    await tab.page.getByText(text).first().waitFor();
    await tab.page.waitForLoadState('networkidle').catch(() => {});
    await shot(tab.page, path.slice(1).replaceAll('/', '-'));
  }
  assert.deepEqual(tab.complaints, []);
  await tab.context.close();
});
