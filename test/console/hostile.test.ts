import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { type Built, buildConsole, complaintsOf, launch, openTab, text, until } from './support/browser.js';
import { type FixtureServer, serve } from './support/fixture-server.js';
import { PAYLOADS } from './support/hostile.js';
import { hostile } from './support/scenes.js';

/** Characters that must never reach the eye as themselves. */
const UNSEEN = '/[\\u0000-\\u0008\\u000b-\\u001f\\u007f-\\u009f\\u200b-\\u200f\\u202a-\\u202e\\u2066-\\u2069\\ufeff]/';

let built: Built;
let browser: Browser;
let server: FixtureServer;
before(async () => {
  built = await buildConsole();
  browser = await launch();
  server = await serve(built.root, hostile());
});
after(async () => {
  await browser?.close();
  await server?.close();
  built?.remove();
});

const PATHS = [
  '/',
  '/entity/10.6.6.6',
  '/sensors',
  '/model',
  ...PAYLOADS.filter((p) => p.trim() !== '' && !p.includes('\ud800')).map((p) => `/entity/${encodeURIComponent(p)}`),
];

test('no name runs, hides or turns around what is beside it', async () => {
  const tab = await openTab(browser, server.url, { reducedMotion: 'no-preference' });
  for (const path of PATHS) {
    await tab.page.goto(server.url + path);
    await tab.page.waitForSelector('main h1');
    await until(tab.page, `document.querySelector('.loading') === null`);
    if (path === '/') await tab.page.click('text=Open all');
    if (path === '/sensors') for (const fold of (await tab.page.$$('.books-fold')).slice(0, 4)) await fold.click();
    // Nudge whatever waits for a mouse.
    for (const [x, y] of [
      [300, 250],
      [700, 300],
      [1100, 420],
    ] as const)
      await tab.page.mouse.move(x, y);
    const found = (await tab.page.evaluate(`({
      unseen: ${UNSEEN}.test(document.body.innerText.replace(/[\\n\\t]/g, '')),
      titles: [...document.querySelectorAll('[title]')].filter((e) => ${UNSEEN}.test(e.title.replaceAll('\\n', ''))).length,
      foreign: document.querySelectorAll('main img, main script, main iframe, main [onerror], main [onload], main [onmouseover]').length,
      links: [...document.querySelectorAll('a[href]')].filter((a) => a.origin !== location.origin || !/^\\/(entity\\/[^/]+|sensors|model)?$/.test(a.pathname)).map((a) => a.href),
      tab: ${UNSEEN}.test(document.title),
    })`)) as { unseen: boolean; titles: number; foreign: number; links: string[]; tab: boolean };
    assert.deepEqual(found, { unseen: false, titles: 0, foreign: 0, links: [], tab: false }, path);
    assert.deepEqual(await complaintsOf(tab), [], path);
  }
  await tab.context.close();
});

test('the payloads are there to be read, whole in the title where they were cut', async () => {
  const tab = await openTab(browser, server.url);
  await tab.page.goto(server.url);
  await tab.page.waitForSelector('.line');
  const shown = await text(tab.page, '.lines');
  assert.match(shown, /<script>window\.pwned=1;alert\(1\)<\/script>/);
  assert.match(shown, /innocent\\u\{202e\}gnp\.exe/);
  assert.match(shown, /a\\x00b\\x07c\\x1b\[31mred\\x0d\\x0a\\x09end/);
  await tab.page.fill('[data-filter]', 'domain:aaaaaaaaaaaa');
  const long = PAYLOADS.find((p) => p.length > 200)!;
  await tab.page.waitForSelector(`.line .domain [title="${long}"]`);
  assert.ok((await text(tab.page, '.line .domain')).length < 60);
  await tab.context.close();
});

test('a line stays within its row and its column, whatever is in it', async () => {
  for (const width of [1366, 2560]) {
    const tab = await openTab(browser, server.url, { width, height: 768 });
    await tab.page.goto(server.url);
    await tab.page.waitForSelector('.line');
    const wrong = await tab.page.evaluate(`[...document.querySelectorAll('.line')].flatMap((l) => {
      const row = l.getBoundingClientRect();
      const face = l.querySelector('.line-face').getBoundingClientRect();
      const cells = [...l.querySelectorAll('.line-face > *')].map((c) => [c.className, c.getBoundingClientRect(), c.scrollWidth > c.clientWidth + 1 && getComputedStyle(c).overflow === 'visible']);
      return cells.filter(([, b, spill], i) => b.bottom > row.bottom + 1 || b.right > face.right + 1 || spill || (i > 0 && b.left < cells[i - 1][1].right - 1)).map(([name]) => l.dataset.index + ' ' + name);
    })`);
    assert.deepEqual(wrong, [], `at ${width}`);
    const overlap = await tab.page.evaluate(
      `(() => { const b = [...document.querySelectorAll('.line')].map((l) => l.getBoundingClientRect()).sort((a, b) => a.top - b.top); return b.filter((r, i) => i > 0 && r.top < b[i - 1].bottom - 1).length; })()`,
    );
    assert.equal(overlap, 0);
    await tab.context.close();
  }
});

test('parameters of the address written by somebody else do no harm', async () => {
  const tab = await openTab(browser, server.url);
  for (const search of [
    '?q=%3Cimg src=x onerror=alert(1)%3E',
    '?at=%22%5D,*%7B%7D&open=..&sev=9',
    '?day=%27%3Bdrop',
    '?q=%E0%A4%A',
    '?t=9-1&peersort=__proto__',
    `?q=${'a'.repeat(5000)}`,
  ]) {
    for (const path of ['/entity/10.0.0.1', '/entity/%E0%A4%A']) {
      await tab.page.goto(server.url + path + search);
      await tab.page.waitForSelector('main h1');
    }
    await tab.page.goto(`${server.url}/${search}`);
    await tab.page.waitForSelector('.filters');
    await tab.page.keyboard.press('j');
  }
  assert.deepEqual(await complaintsOf(tab), []);
  await tab.context.close();
});
