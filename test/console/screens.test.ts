import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { axe, type Built, buildConsole, complaintsOf, launch, openTab, until } from './support/browser.js';
import { serve } from './support/fixture-server.js';
import { broken, empty, hostile, huge, plausible, silent } from './support/scenes.js';

const scenes = { plausible, empty, broken, silent, hostile, huge };
const PATHS = ['/', '/entity/10.20.4.117', '/sensors', '/model', '/no/such/page'];
/** What must stand on each screen in each state, so that an empty page cannot pass. */
const WORDS: Readonly<Record<keyof typeof scenes, readonly RegExp[]>> = {
  plausible: [/DNS tunnel/, /cdn-telemetry\.net/, /11\.9 M dropped/, /kerberos/, /There is nothing at this address/],
  empty: [/No data yet/, /Not seen/, /No sensor has been heard of/, /No model yet/, /There is nothing/],
  broken: [/permission denied/, /permission denied/, /permission denied/, /permission denied/, /There is nothing/],
  silent: [/Shortlist/, /10\.20\.4\.117/, /Sensors/, /Model/, /There is nothing/],
  hostile: [/<script>window/, /innocent/, /onerror/, /The last training failed/, /There is nothing/],
  huge: [/48,211/, /5\.00 k/, /edge-1/, /Topic 8/, /There is nothing/],
};

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

for (const [name, scene] of Object.entries(scenes) as [keyof typeof scenes, typeof plausible][]) {
  test(`every screen is whole, quiet and accessible, light and dark: ${name}`, async () => {
    const server = await serve(built.root, scene());
    const tab = await openTab(browser, server.url, { theme: 'light' });
    for (const [i, path] of PATHS.entries()) {
      await tab.page.emulateMedia({ colorScheme: 'light' });
      await tab.page.goto(server.url + path);
      if (name === 'silent' && path !== '/no/such/page') await tab.page.waitForSelector('.loading');
      await until(tab.page, `${WORDS[name][i]}.test(document.querySelector('main')?.innerText ?? '')`);
      if (name === 'plausible' && path === '/sensors') await tab.page.click('.books-fold');
      assert.deepEqual(await axe(tab.page), [], `light ${path}`);
      await tab.page.emulateMedia({ colorScheme: 'dark' });
      assert.deepEqual(await axe(tab.page, ['color-contrast']), [], `dark ${path}`);
      const fits = await tab.page.evaluate('document.documentElement.scrollWidth <= innerWidth');
      assert.equal(fits, true, `${path} is wider than the window`);
      // A refusal that the scene asked for is logged by the browser itself.
      const wanted = name === 'broken' ? /status of 503/ : /^$/;
      const complaints = (await complaintsOf(tab)).filter((c) => !wanted.test(c));
      assert.deepEqual(complaints, [], path);
    }
    await tab.context.close();
    await server.close();
  });
}

test('the accessibility check finds what is wrong', async () => {
  const server = await serve(built.root, plausible());
  const tab = await openTab(browser, server.url);
  await tab.page.goto(server.url);
  await tab.page.waitForSelector('.line');
  await tab.page.evaluate(
    `document.querySelector('main').append(document.createElement('img'), document.createElement('button'))`,
  );
  assert.ok((await axe(tab.page)).length >= 2);
  await tab.context.close();
  await server.close();
});

test('the policy is in force, so that its silence means something', async () => {
  const server = await serve(built.root, plausible());
  const tab = await openTab(browser, server.url);
  await tab.page.goto(server.url);
  await tab.page.waitForSelector('.line');
  await tab.page.evaluate(
    `document.body.insertAdjacentHTML('beforeend', '<img src=x onerror="window.pwned=1"><p style="color:red">')`,
  );
  await until(tab.page, 'window.violations.length >= 2');
  assert.equal(await tab.page.evaluate('window.pwned'), undefined);
  await tab.context.close();
  await server.close();
});

test('the dialogue of keys opens, holds the focus, is accessible and closes', async () => {
  const server = await serve(built.root, plausible());
  for (const theme of ['light', 'dark'] as const) {
    const tab = await openTab(browser, server.url, { theme });
    await tab.page.goto(server.url);
    await tab.page.waitForSelector('.line');
    await tab.page.keyboard.press('?');
    await tab.page.waitForSelector('dialog[open]');
    assert.deepEqual(await axe(tab.page), []);
    await tab.page.keyboard.press('j');
    assert.equal(await tab.page.evaluate('location.search'), '', 'a key went through the dialogue');
    await tab.page.keyboard.press('Escape');
    await tab.page.waitForSelector('dialog[open]', { state: 'detached' });
    await tab.page.keyboard.press('?');
    await tab.page.waitForSelector('dialog[open]');
    await tab.context.close();
  }
  await server.close();
});

test('it fits a phone, a laptop and a wall without scrolling sideways', async () => {
  const server = await serve(built.root, hostile());
  for (const [width, height] of [
    [360, 740],
    [1366, 768],
    [2560, 1440],
  ] as const) {
    const tab = await openTab(browser, server.url, { width, height });
    for (const path of PATHS) {
      await tab.page.goto(server.url + path);
      await tab.page.waitForSelector('main h1, main h2');
      await tab.page.waitForTimeout(150);
      const wide = (await tab.page.evaluate('document.documentElement.scrollWidth')) as number;
      assert.ok(wide <= width, `${path} is ${wide} wide in ${width}`);
    }
    await tab.context.close();
  }
  await server.close();
});
