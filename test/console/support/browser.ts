import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { build } from 'vite';
import { packageRoot } from '../../../src/base/root.js';

/** Debian's Chromium; another may be named for other systems. */
const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';
const ARGS =
  '--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync';

export interface Built {
  root: string;
  remove(): void;
}

/** Builds the console as it is shipped, into a folder of its own. */
export async function buildConsole(): Promise<Built> {
  const root = mkdtempSync(join(tmpdir(), 'tapspot-console-'));
  await build({
    configFile: join(packageRoot(), 'src/central/web/vite.config.ts'),
    build: { outDir: root },
    logLevel: 'warn',
  });
  return { root, remove: () => rmSync(root, { recursive: true, force: true }) };
}

export async function launch(): Promise<Browser> {
  return chromium.launch({ executablePath: CHROMIUM, headless: true, args: ARGS.split(' ') });
}

export interface Look {
  theme?: 'light' | 'dark';
  width?: number;
  height?: number;
  reducedMotion?: 'reduce' | 'no-preference';
  timezoneId?: string;
}

/** A page in a fresh profile, and everything on it that a test must not find. */
export interface Tab {
  page: Page;
  context: BrowserContext;
  /** Console errors, page errors, policy violations, dialogues and requests to other places, in order. */
  complaints: string[];
}

export async function openTab(browser: Browser, base: string, look: Look = {}): Promise<Tab> {
  const context = await browser.newContext({
    viewport: { width: look.width ?? 1366, height: look.height ?? 768 },
    colorScheme: look.theme ?? 'light',
    reducedMotion: look.reducedMotion ?? 'reduce',
    timezoneId: look.timezoneId ?? 'Europe/Berlin',
    locale: 'en-GB',
  });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(`console: ${message.text()}`);
  });
  page.on('pageerror', (error) => complaints.push(`page: ${error.message}`));
  page.on('dialog', (dialog) => {
    complaints.push(`dialogue: ${dialog.message()}`);
    dialog.dismiss().catch(() => {});
  });
  page.on('request', (request) => {
    if (!request.url().startsWith(base) && !request.url().startsWith('data:')) {
      complaints.push(`request elsewhere: ${request.url()}`);
    }
  });
  await page.addInitScript(
    `window.violations = []; document.addEventListener('securitypolicyviolation', (e) => window.violations.push(e.violatedDirective + ' ' + e.blockedURI));`,
  );
  return { page, context, complaints };
}

/**
 * Waits until a JavaScript expression is true on the page. Playwright's own waitForFunction evaluates text within the
 * page, which the policy forbids.
 */
export async function until(page: Page, expression: string, withinMs = 15_000): Promise<void> {
  const end = Date.now() + withinMs;
  for (;;) {
    // A page that is being left cannot be asked.
    if (await page.evaluate(`Boolean(${expression})`).catch(() => false)) return;
    if (Date.now() > end) throw new Error(`never came true within ${withinMs} ms: ${expression}`);
    await page.waitForTimeout(40);
  }
}

/** The text of the first element that matches, as it is laid out; waits for one. */
export async function text(page: Page, selector: string): Promise<string> {
  const found = await page.waitForSelector(selector);
  // biome-ignore lint/performance/useDomNodeTextContent: what is seen is what is asked.
  return found.evaluate((e) => (e as unknown as { innerText: string }).innerText);
}

/** The complaints so far, with those the page itself recorded. */
export async function complaintsOf(tab: Tab): Promise<string[]> {
  const within = (await tab.page.evaluate(
    `[...window.violations.map((v) => 'policy: ' + v), ...(window.pwned === undefined ? [] : ['a payload ran'])]`,
  )) as string[];
  return [...tab.complaints, ...within];
}

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/**
 * What axe-core finds wrong, one line each; all of its rules or those named. Evaluated through the debugger, so the
 * page's policy does not forbid it.
 */
export async function axe(page: Page, rules: readonly string[] = []): Promise<string[]> {
  await page.evaluate(axeSource);
  const only = rules.length > 0 ? `runOnly: ${JSON.stringify(rules)}, ` : '';
  const found = (await page.evaluate(
    `axe.run(document, { ${only}resultTypes: ['violations'] }).then((r) => ({
      ran: r.passes.length,
      wrong: r.violations.map((v) => v.impact + ' ' + v.id + ': ' + v.nodes.slice(0, 4).map((n) => n.target.join(' ') + ' ' + (n.any[0]?.message ?? '')).join(' | ')),
    }))`,
  )) as { ran: number; wrong: string[] };
  if (found.ran < (rules.length || 10)) throw new Error(`axe looked at next to nothing: ${found.ran} rules passed`);
  return found.wrong;
}
