import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import {
  type Built,
  buildConsole,
  complaintsOf,
  type Look,
  launch,
  openTab,
  type Tab,
  text,
  until,
} from './support/browser.js';
import { type FixtureServer, serve } from './support/fixture-server.js';
import { DAY, lines, ranked, shortlist } from './support/fixtures.js';
import { model } from './support/fleet.js';
import { huge, plausible } from './support/scenes.js';

let built: Built;
let browser: Browser;
before(async () => {
  built = await buildConsole();
  browser = await launch();
});
after(async () => {
  await browser?.close();
  built?.remove();
});

async function on(
  path: string,
  routes: FixtureServer['routes'],
  look: Look,
  run: (tab: Tab, server: FixtureServer) => Promise<void>,
) {
  const server = await serve(built.root, routes);
  const tab = await openTab(browser, server.url, look);
  try {
    await tab.page.goto(server.url + path);
    await run(tab, server);
    assert.deepEqual(
      (await complaintsOf(tab)).filter((c) => !/Failed to load resource|ERR_/.test(c)),
      [],
    );
  } finally {
    await tab.context.close();
    await server.close();
  }
}

const search = (page: Page) => page.evaluate('decodeURIComponent(location.search)') as Promise<string>;
const held = (page: Page) => text(page, '.line[data-held] .line-kind');

test('the keyboard alone leads from the list to an entity and back', () =>
  on('/', plausible(), {}, async ({ page }) => {
    await page.waitForSelector('.line');
    await page.keyboard.press('j');
    assert.equal(await held(page), 'DNS tunnel');
    await page.keyboard.press('j');
    await page.keyboard.press('j');
    await page.keyboard.press('k');
    assert.equal(await held(page), 'Beacon');
    assert.equal(await page.evaluate(`document.activeElement.closest('.line')?.hasAttribute('data-held')`), true);
    await page.keyboard.press('o');
    await page.waitForSelector('.line[data-held] .reasons');
    assert.match(await text(page, '.line[data-held] .reasons'), /60\.0 s apart[\s\S]*79\.4\s*the score/);
    await page.keyboard.press('Enter');
    await page.waitForSelector('.entity-name');
    assert.equal(await text(page, '.entity-name'), '10.20.7.23');
    await page.goBack();
    await page.waitForSelector('.line[data-held]');
    assert.equal(await held(page), 'Beacon');
    assert.equal(await page.locator('.reasons').count(), 1);
    await page.keyboard.press('/');
    await page.keyboard.type('scan j');
    assert.match(await search(page), /q=scan j/);
    await page.keyboard.press('Escape');
    await page.keyboard.press('2');
    await page.waitForSelector('.sensor');
  }));

test('the keys move far beyond what is in the document, and the held line stays in view', () =>
  on('/', huge(), {}, async ({ page }) => {
    await page.waitForSelector('.line');
    for (let i = 0; i < 60; i++) await page.keyboard.press('j');
    await page.waitForTimeout(200);
    assert.equal(await text(page, '.line[data-held] .line-rank'), '60');
    const box = (await page.locator('.line[data-held]').boundingBox())!;
    assert.ok(box.y > 80 && box.y + box.height < 768, `held line at ${box.y}`);
    assert.ok((await page.locator('.line').count()) < 60, 'the whole list is in the document');
  }));

test('the points of the reasons sum to the score, and the bars end where the score is', () =>
  on('/', plausible(), {}, async ({ page }) => {
    await page.waitForSelector('.line');
    await page.click('text=Open all');
    await page.waitForSelector('.reason');
    const seen = (await page.evaluate(`[...document.querySelectorAll('.line')].slice(0, 8).map((l) => ({
      score: l.querySelector('.line-score strong').innerText,
      points: [...l.querySelectorAll('.reason:not(.reason-sum) .reason-points')].map((p) => Number(p.innerText.replace('−', '-'))),
      end: Math.max(...[...l.querySelectorAll('.line-score .stack-part:not([data-less])')].map((p) => p.offsetLeft + p.offsetWidth)) / l.querySelector('.line-score .stack').clientWidth,
    }))`)) as { score: string; points: number[]; end: number }[];
    assert.ok(seen.length >= 3);
    for (const line of seen) {
      const sum = line.points.reduce((a, b) => a + b, 0);
      assert.ok(Math.abs(sum - Number(line.score)) < 0.11, `${line.points} against ${line.score}`);
      const up = line.points.reduce((a, b) => a + Math.max(0, b), 0);
      assert.ok(Math.abs(line.end - up / 100) < 0.03, `bar ends at ${line.end}, points at ${up}`);
    }
  }));

test('the address holds everything, and gives it back', () =>
  on('/', plausible(), {}, async ({ page, context }, server) => {
    await page.waitForSelector('.line');
    await page.fill('[data-filter]', 'host:10.20.0.0/16 -kind:rare');
    await page.click('.level:nth-child(3)');
    await page.keyboard.press('Escape');
    await page.click('.line:nth-child(2) .line-kind');
    await page.waitForSelector('.reasons');
    const url = page.url();
    const shown = await text(page, '.lines');
    const second = await context.newPage();
    await second.goto(url);
    await second.waitForSelector('.reasons');
    assert.equal(await text(second, '.lines'), shown);
    assert.equal(await second.inputValue('[data-filter]'), 'host:10.20.0.0/16 -kind:rare');
    assert.equal(await second.getAttribute('.level:nth-child(3)', 'aria-pressed'), 'true');
    assert.match(await text(second, '.tally'), /^\d+ of 60 lines$/);

    await second.goto(`${server.url}/entity/10.20.4.117?day=${DAY}`);
    await second.waitForSelector('.table-peers [role=cell]');
    await second.click('.table-peers [role=columnheader] >> text=Flows');
    await second.fill('.peers [data-filter]', 'tcp');
    await until(second, `/^\\d+ of 340/.test(document.querySelector('.peers header .soft').innerText)`);
    const peers = await text(second, '.table-peers');
    const third = await context.newPage();
    await third.goto(second.url());
    await third.waitForSelector('.table-peers [role=cell]');
    await until(third, `/^\\d+ of 340/.test(document.querySelector('.peers header .soft').innerText)`);
    assert.equal(await text(third, '.table-peers'), peers);
    assert.equal(
      await third.getAttribute('.table-peers [role=columnheader]:has-text("Flows")', 'aria-sort'),
      'descending',
    );
  }));

test('days with data can be picked, and their links are kept', () =>
  on('/', plausible(), {}, async ({ page }, server) => {
    await page.waitForSelector('.line');
    assert.deepEqual(await page.locator('.days option').allInnerTexts(), [
      'Fri 20 Nov 2026 · newest',
      'Thu 19 Nov 2026',
      'Wed 18 Nov 2026',
      'Mon 16 Nov 2026',
    ]);
    await page.keyboard.press('[');
    await until(page, `document.querySelector('.tally').innerText === '6 lines'`);
    assert.equal(await search(page), '?day=2026-11-19');
    await page.click('.line .address');
    await page.waitForSelector('.totals');
    assert.match(page.url(), /\/entity\/.+\?day=2026-11-19$/);
    assert.ok(server.asked.some((a) => /entity\/.*day=2026-11-19/.test(a)));
    await page.keyboard.press('u');
    await page.waitForSelector('.line');
    await page.selectOption('.days select', DAY);
    await until(page, `document.querySelector('.tally').innerText === '60 lines'`);
    assert.equal(await search(page), '', 'the newest day needs no place in the address');
  }));

test('news arrives by itself; the line one reads stays where it is, and is still chosen', () =>
  on('/', huge(), {}, async ({ page }, server) => {
    await page.waitForSelector('.line');
    await until(page, `document.querySelector('.live').dataset.state === 'live'`);
    for (let i = 0; i < 30; i++) await page.keyboard.press('j');
    await page.keyboard.press('o');
    await page.waitForTimeout(300);
    const y = async () => (await page.locator('.line[data-held]').boundingBox())!.y;
    const before = await y();
    const name = await page.getAttribute('.line[data-held]', 'data-key');
    const strong = { ...lines(1)[0]!, src: '10.99.0.1', reasons: [{ name: 'x', points: 99, text: 'Brand new.' }] };
    const fresh = Array.from({ length: 5 }, (_, i) => ({ ...strong, dstPort: 1000 + i }));
    server.routes.shortlist = () => ({
      json: { ...shortlist(1000), lines: ranked([...fresh, ...lines(1000)]), total: 1005 },
    });
    server.emit('batch', 'hq/edge-1');
    await until(page, `document.querySelector('.line[data-held] .line-rank').innerText === '35'`, 8000);
    await page.waitForTimeout(200);
    assert.equal(await page.getAttribute('.line[data-held]', 'data-key'), name);
    assert.ok(Math.abs((await y()) - before) < 3, `the line moved from ${before} to ${await y()}`);
    assert.equal(await page.locator('.line[data-held] .reasons').count(), 1);
    await page.evaluate('scrollTo(0, 0)');
    await page.waitForSelector('text=Brand new.');
    assert.ok((await page.locator('.fresh').count()) >= 5, 'new lines are not marked');
  }));

test('a reader without a chosen line keeps their place too', () =>
  on('/', huge(), {}, async ({ page }, server) => {
    await page.waitForSelector('.line');
    await until(page, `document.querySelector('.live').dataset.state === 'live'`);
    await page.mouse.move(600, 500);
    await page.mouse.wheel(0, 2000);
    await page.waitForTimeout(400);
    const seen = async () =>
      (await page.evaluate(
        `(() => { const l = [...document.querySelectorAll('.line')].find((l) => l.getBoundingClientRect().top > 250); return [l.dataset.key, l.getBoundingClientRect().top]; })()`,
      )) as [string, number];
    const [key, top] = await seen();
    const strong = { ...lines(1)[0]!, src: '10.99.0.1', reasons: [{ name: 'x', points: 99, text: 'Brand new.' }] };
    server.routes.shortlist = () => ({
      json: { ...shortlist(1000), lines: ranked([strong, ...lines(1000)]), total: 1001 },
    });
    server.emit('batch', 'hq/edge-1');
    await until(page, `document.querySelector('.tally').innerText.includes('1,001')`, 8000);
    await page.waitForTimeout(200);
    const after = (await page.evaluate(
      `document.querySelector('[data-key="${key}"]').getBoundingClientRect().top`,
    )) as number;
    assert.ok(Math.abs(after - top) < 3, `moved from ${top} to ${after}`);
  }));

test('a broken stream is said, tried again, and what was missed is fetched', () =>
  on('/', plausible(), {}, async ({ page }, server) => {
    await until(page, `document.querySelector('.live').dataset.state === 'live'`);
    await page.waitForSelector('.line');
    server.streaming = false;
    server.cut();
    await until(page, `document.querySelector('.live').dataset.state === 'lost'`);
    server.routes.shortlist = () => ({ json: shortlist(7) });
    await page.waitForTimeout(600);
    server.streaming = true;
    await until(page, `document.querySelector('.live').dataset.state === 'live'`, 9000);
    await until(page, `document.querySelector('.tally').innerText === '7 lines'`, 6000);
    assert.equal(server.listeners(), 1);
  }));

test('an answer that fails later leaves the older one in sight and says so', () =>
  on('/', plausible(), {}, async ({ page }, server) => {
    await page.waitForSelector('.line');
    await until(page, `document.querySelector('.live').dataset.state === 'live'`);
    const good = server.routes.shortlist;
    for (const answer of [
      'drop' as const,
      { text: '<h1>Bad gateway</h1>', status: 502 },
      { text: 'not json', status: 200 },
    ]) {
      server.routes.shortlist = () => answer;
      server.emit('batch', 'x');
      await page.waitForSelector('.stale', { timeout: 12_000 });
      assert.ok((await page.locator('.line').count()) > 3);
      server.routes.shortlist = good;
      await page.click('.stale button');
      await page.waitForSelector('.stale', { state: 'detached' });
    }
  }));

test('five thousand peers sort, filter and scroll with few rows in the document', () =>
  on('/entity/10.20.4.117', huge(), {}, async ({ page }) => {
    await page.waitForSelector('.table-peers [role=cell]');
    const rows = () => page.locator('.table-peers .table-body [role=row]').count();
    assert.ok((await rows()) < 60, `${await rows()} rows`);
    assert.equal(await page.getAttribute('.table-peers', 'aria-rowcount'), '5001');
    const took = (await page.evaluate(`(async () => {
      const frame = () => new Promise((r) => requestAnimationFrame(() => setTimeout(r)));
      const box = document.querySelector('.peers .table-scroll');
      const took = [];
      for (let i = 1; i <= 20; i++) { const t = performance.now(); box.scrollTop = i * 4000; await frame(); took.push(performance.now() - t); }
      const t = performance.now();
      document.querySelector('.table-peers [role=columnheader]:nth-child(4) button').click();
      await frame();
      return { scroll: took.sort((a, b) => a - b)[10], sort: performance.now() - t };
    })()`)) as { scroll: number; sort: number };
    // The median, and generous, since others may be using the machine; thousands of rows in the document take seconds.
    assert.ok(took.scroll < 400 && took.sort < 2500, JSON.stringify(took));
    assert.ok((await rows()) < 60);
    await page.fill('.peers [data-filter]', '2001:db8');
    await until(page, `/^455 of 5,000/.test(document.querySelector('.peers header .soft').innerText)`);
  }));

test('a stretch of time chosen in a chart narrows the tables, and can be given back', () =>
  on('/entity/10.20.4.117', plausible(), { reducedMotion: 'no-preference' }, async ({ page }) => {
    await page.waitForSelector('.chart:nth-child(2) .u-over');
    assert.match(
      (await page.getAttribute('.chart', 'aria-label'))!,
      /^Flows, flows: .* in all, peak .* at \d\d:\d\d UTC, 2 gaps\.$/,
    );
    const box = (await page.locator('.chart .u-over').first().boundingBox())!;
    await page.mouse.move(box.x + box.width * 0.4, box.y + 20);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.5, box.y + 20, { steps: 4 });
    await page.mouse.up();
    await page.waitForSelector('.activity .chip');
    assert.match(await search(page), /^\?t=\d+-\d+$/);
    assert.match(await text(page, '.activity .chip'), /^09:\d\d – (11:5|12:0)\d/);
    await until(page, `/ of 340/.test(document.querySelector('.peers header .soft').innerText)`);
    await page.click('.activity .chip');
    await until(page, `document.querySelector('.peers header .soft').innerText === '340'`);
    assert.equal(await search(page), '');
  }));

test('a domain opens to examples, and every address leads to its page', () =>
  on('/entity/10.20.4.117', plausible(), {}, async ({ page }) => {
    await page.waitForSelector('.table-domains [role=cell]');
    await page.click('.twig >> text=cdn-telemetry.net');
    await page.waitForSelector('.examples');
    assert.match(await text(page, '.examples'), /mzxw6ytboi4[\s\S]*and 4,809 more names/);
    const peer = await text(page, '.table-peers .address >> nth=0');
    await page.click('.table-peers .address >> nth=0');
    await until(page, `document.querySelector('.entity-name')?.innerText === ${JSON.stringify(peer)}`);
    await page.fill('.goto input', ' 2001:db8::7 ');
    await page.keyboard.press('Enter');
    await until(page, `document.querySelector('.entity-name')?.innerText === '2001:db8::7'`);
  }));

test('training is started, followed while it runs, and its failure is told', () =>
  on('/model', plausible(), {}, async ({ page }, server) => {
    await page.waitForSelector('.topic');
    let training = false;
    server.routes.train = () => {
      training = true;
      return { json: { started: true }, status: 202 };
    };
    server.routes.model = () => ({ json: { ...model(), training } });
    await page.click('.button-main');
    await page.waitForSelector('.button-main:disabled >> text=Training…');
    assert.ok(server.asked.includes('POST /api/train'));
    training = false;
    await page.waitForSelector('.button-main:enabled >> text=Train now', { timeout: 8000 });
    server.routes.train = () => ({
      json: { error: { code: 'no_data', message: 'There is nothing to train on.' } },
      status: 409,
    });
    await page.click('.button-main');
    await page.waitForSelector('.train [role=alert] >> text=There is nothing to train on.');
  }));

test('the theme follows the system until one is chosen, and the choice is kept', () =>
  on('/', plausible(), { theme: 'dark' }, async ({ page }) => {
    await page.waitForSelector('.line');
    const ground = () => page.evaluate(`getComputedStyle(document.documentElement).backgroundColor`) as Promise<string>;
    const dark = await ground();
    await page.emulateMedia({ colorScheme: 'light' });
    const light = await ground();
    assert.notEqual(dark, light);
    await page.keyboard.press('t');
    await page.keyboard.press('t');
    assert.equal(await ground(), dark);
    await page.reload();
    await page.waitForSelector('.line');
    assert.equal(await ground(), dark);
    await page.keyboard.press('t');
    assert.equal(await ground(), light);
  }));

test('times are UTC with the reader’s own on hover', () =>
  on('/', plausible(), { timezoneId: 'Asia/Tokyo' }, async ({ page }) => {
    await page.waitForSelector('.line');
    assert.equal(await text(page, '.line .line-when time'), '01:12 – 22:47');
    assert.match(
      (await page.getAttribute('.line .line-when time', 'title'))!,
      /^2026-11-20 01:12:09\.000 UTC\n.*10:12:09.*here$/,
    );
  }));
