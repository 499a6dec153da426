/**
 * Takes the README's picture of the console, docs/console.png, from the demo as it runs now.
 *
 *   npx tsc -p test && node .build/test/tools/picture.js
 */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { packageRoot } from '../src/base/root.js';
import { launch, openTab } from '../test/console/support/browser.js';
import { MAIN } from '../test/support/cli.js';

const demo = spawn(process.execPath, [MAIN, 'demo'], { stdio: ['ignore', 'pipe', 'inherit'] });
const url = await new Promise<string>((resolve, reject) => {
  let said = '';
  demo.stdout.on('data', (text) => {
    said += String(text);
    const found = /Console: (http:\S+)/.exec(said);
    if (found) resolve(found[1]!);
  });
  demo.once('exit', (code) => reject(new Error(`the demo ended with ${code}`)));
});
const browser = await launch();
try {
  const { page } = await openTab(browser, url, { width: 1366, height: 820 });
  await page.goto(url);
  await page.waitForSelector('.line');
  await page.keyboard.press('j');
  await page.keyboard.press('o');
  await page.waitForLoadState('networkidle').catch(() => {});
  await page.screenshot({ path: join(packageRoot(), 'docs/console.png') });
} finally {
  await browser.close();
  demo.kill('SIGINT');
}
