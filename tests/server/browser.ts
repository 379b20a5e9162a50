import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';

/** Debian's Chromium; the tests fail where it is missing, because a page that nobody looked at proves nothing. */
const CHROMIUM = '/usr/bin/chromium';

export function openBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: CHROMIUM,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      // Without these each start looks for its maker's servers.
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}

export interface Visit {
  page: Page;
  /** Console errors (policy violations are among them), page errors, dialogs, failed or foreign requests. */
  trouble: string[];
  close(): Promise<void>;
}

/** Opens an address in a fresh profile and notes everything that should not happen. */
export async function visit(browser: Browser, url: string, options: BrowserContextOptions = {}): Promise<Visit> {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const trouble: string[] = [];
  page.on('console', (message) => message.type() === 'error' && trouble.push(message.text()));
  page.on('pageerror', (error) => trouble.push(error.message));
  page.on('dialog', (dialog) => {
    trouble.push(`dialog ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('request', (request) => {
    if (new URL(request.url()).origin !== new URL(url).origin) trouble.push(`foreign request ${request.url()}`);
  });
  page.on('requestfailed', (request) => trouble.push(`failed request ${request.url()}`));
  await page.goto(url, { waitUntil: 'load' });
  return { page, trouble, close: () => context.close() };
}

/**
 * Text with less contrast to its ground than WCAG AA asks for (4.5, or 3 for large text), as `ratio: words`. Runs in the page.
 */
export const LOW_CONTRAST = `(() => {
  const parse = (colour) => { const m = colour.match(/[\\d.]+/g).map(Number); return { rgb: m.slice(0, 3), a: m[3] ?? 1 }; };
  const light = (rgb) => { const [r, g, b] = rgb.map((v) => { v /= 255; return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
  const ground = (element) => { for (let e = element; e; e = e.parentElement) {
    const { rgb, a } = parse(getComputedStyle(e).backgroundColor); if (a === 1) return rgb; } return [255, 255, 255]; };
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  let checked = 0;
  while (walker.nextNode()) {
    const text = walker.currentNode.textContent.trim();
    const element = walker.currentNode.parentElement;
    if (text === '' || element.getClientRects().length === 0) continue;
    const style = getComputedStyle(element);
    const a = light(parse(style.color).rgb), b = light(ground(element));
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    const size = parseFloat(style.fontSize), bold = Number(style.fontWeight) >= 700;
    const needed = size >= 24 || (bold && size >= 18.66) ? 3 : 4.5;
    checked += 1;
    if (ratio < needed) found.push(ratio.toFixed(2) + ': ' + text.slice(0, 40));
  }
  return { checked, found };
})()`;
