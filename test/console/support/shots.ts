import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../../src/base/root.js';
import { buildConsole, type Look, launch, openTab } from './browser.js';
import { serve } from './fixture-server.js';
import { broken, empty, hostile, huge, plausible, silent } from './scenes.js';

/**
 * Draws every screen in every state into artefacts/console/, to be looked at:
 * `node .build/test/test/console/support/shots.js [part of a name]`.
 */
const SIZES = {
  laptop: { width: 1366, height: 768 },
  wall: { width: 2560, height: 1440 },
  phone: { width: 420, height: 860 },
};
const scenes = { plausible, empty, broken, silent, hostile, huge };

type Shot = [name: string, scene: keyof typeof scenes, path: string, act?: string];
const SHOTS: readonly Shot[] = [
  ['shortlist', 'plausible', '/'],
  ['shortlist-open', 'plausible', '/', 'j o j o'],
  ['shortlist-filter', 'plausible', '/?q=10.20.9.0/24&sev=2'],
  ['shortlist-none', 'plausible', '/?q=nosuchthing'],
  ['help', 'plausible', '/', '?'],
  ['entity', 'plausible', '/entity/10.20.4.117'],
  ['entity-zoom', 'huge', `/entity/10.20.4.117?t=1795168800000-1795183200000&peersort=-flows`],
  ['sensors', 'plausible', '/sensors'],
  ['sensors-open', 'plausible', '/sensors', 'books'],
  ['model', 'plausible', '/model'],
  ['shortlist-empty', 'empty', '/'],
  ['entity-empty', 'empty', '/entity/10.0.0.1'],
  ['sensors-empty', 'empty', '/sensors'],
  ['model-empty', 'empty', '/model'],
  ['shortlist-error', 'broken', '/'],
  ['shortlist-loading', 'silent', '/'],
  ['shortlist-hostile', 'hostile', '/'],
  ['shortlist-hostile-open', 'hostile', '/', 'j o j o'],
  ['entity-hostile', 'hostile', '/entity/10.6.6.6'],
  ['sensors-hostile', 'hostile', '/sensors', 'books'],
  ['nowhere', 'plausible', '/no/such/page'],
];

// A test runner that is given a whole folder starts this file too; it is none of its tests.
if (process.env.NODE_TEST_CONTEXT !== undefined) process.exit(0);

const wanted = process.argv[2] ?? '';
const folder = join(packageRoot(), 'artefacts/console');
mkdirSync(folder, { recursive: true });
const built = await buildConsole();
const browser = await launch();
try {
  for (const [name, scene, path, act] of SHOTS) {
    for (const [size, box] of Object.entries(SIZES)) {
      for (const theme of ['light', 'dark'] as const) {
        const file = `${name}-${size}-${theme}`;
        if (!file.includes(wanted)) continue;
        await shoot(file, scene, path, act, { theme, ...box });
      }
    }
  }
} finally {
  await browser.close();
  built.remove();
}

async function shoot(file: string, scene: keyof typeof scenes, path: string, act: string | undefined, look: Look) {
  const server = await serve(built.root, scenes[scene]());
  const tab = await openTab(browser, server.url, look);
  await tab.page.goto(server.url + path);
  await tab.page.waitForSelector(scene === 'broken' ? '.failed' : scene === 'silent' ? '.loading' : 'main h1, main h2');
  await tab.page.waitForTimeout(scene === 'broken' ? 200 : 500);
  if (act === 'books') for (const fold of (await tab.page.$$('.books-fold')).slice(0, 2)) await fold.click();
  else for (const key of act?.split(' ') ?? []) await tab.page.keyboard.press(key);
  await tab.page.waitForTimeout(200);
  await tab.page.screenshot({ path: join(folder, `${file}.png`), fullPage: process.argv.includes('--full') });
  for (const complaint of tab.complaints) console.log(file, complaint);
  await tab.context.close();
  await server.close();
}
