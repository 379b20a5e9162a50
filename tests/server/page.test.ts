import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { connectDatabase, type Sql } from '../../db/client.js';
import { syncSources } from '../../db/feeds.js';
import type { MatrixBody } from '../../server/api/matrix.js';
import { type RunningServer, type ServerOptions, startServer } from '../../server/app.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import {
  contextOf,
  HOSTILE_TITLE,
  NOW,
  READY,
  reviseFirst,
  SILENT_LOG,
  SOURCE_CONFIG,
  seedWorld,
} from './ask-world.js';
import { LOW_CONTRAST, openBrowser, type Visit, visit } from './browser.js';

let browser: Browser;
let database: TestDatabase;
let sql: Sql;
let server: RunningServer;
const opened: Visit[] = [];

const optionsOf = (of: Sql, more: Partial<ServerOptions> = {}): ServerOptions => ({
  ...contextOf(of),
  env: { host: '127.0.0.1', port: 0, apiToken: null },
  log: SILENT_LOG,
  readiness: async () => READY,
  ...more,
});

beforeAll(async () => {
  [browser, database] = await Promise.all([openBrowser(), createTestDatabase()]);
  sql = connectDatabase(database.url);
  await seedWorld(sql);
  server = await startServer(optionsOf(sql));
});
afterEach(async () => {
  for (const one of opened.splice(0)) await one.close();
});
afterAll(async () => {
  await browser?.close();
  await server?.close();
  await sql?.end();
  await database?.drop();
});

const DESKTOP = { width: 1280, height: 900 };
const PHONE = { width: 390, height: 844 };

async function look(path: string, options: Parameters<typeof visit>[2] = { viewport: DESKTOP }): Promise<Visit> {
  const one = await visit(browser, `${server.url}${path}`, options);
  opened.push(one);
  return one;
}

const textOf = async ({ page }: Visit, selector: string) => page.locator(selector).allInnerTexts();

describe('the overview', () => {
  it('shows the numbers of the API in every cell, without a script', async () => {
    const seen = await look('/', { viewport: DESKTOP, javaScriptEnabled: false });
    const body = (await (await fetch(`${server.url}/api/v1/matrix`)).json()) as MatrixBody;
    expect(await textOf(seen, '.matrix thead th')).toEqual(['Pair', 'Military', 'Economic']);
    const rows = seen.page.locator('.matrix tbody tr');
    expect(await rows.count()).toBe(body.rows.length);
    for (const [i, row] of body.rows.entries()) {
      expect(await rows.nth(i).locator('th a').innerText()).toBe(row.dyad.replace('-', '–'));
      const numbers = await rows.nth(i).locator('td .numbers').allInnerTexts();
      expect(numbers.map((text) => text.replace(/\s/g, ''))).toEqual(
        row.cells.map((cell) => `▲${cell.cooperation}${cell.friction ? `▼${cell.friction}` : ''}`),
      );
    }
    expect(body.rows[0]!.cells.map((cell) => [cell.cooperation, cell.friction])).toEqual([
      [4, 1],
      [0, 0],
    ]);
    expect(await seen.page.locator('script').count()).toBe(0);
    expect(seen.trouble).toEqual([]);
  });

  it('draws a gap as a dotted line and the running week hollow, and says both in words', async () => {
    const seen = await look('/?from=2026-02-16');
    const chart = seen.page.locator('.matrix tbody tr').first().locator('svg').first();
    expect(await chart.getAttribute('aria-label')).toBe(
      'AAA–BBB, military, cooperation per week: 2, not covered, 1, 1',
    );
    expect(await chart.locator('.gap').count()).toBe(1);
    expect(await chart.locator('.up').count()).toBe(3);
    expect(await chart.locator('.up.hollow').count()).toBe(1);
    const lead = await seen.page.locator('.lead').innerText();
    expect(lead).toContain('16 Feb 2026 to 15 Mar 2026 UTC, the latest week provisional');
    expect(lead).toContain('1 week of 4 was not covered');
    expect(lead).toContain('1/2 sources');
  });

  it('tells in plain words which feed fails and why, with hostile text as text', async () => {
    const seen = await look('/');
    expect(await textOf(seen, '#feeds > .feeds > li')).toEqual([
      expect.stringContaining(
        'failed 4 times in a row: The server sent <nothing> for 20 seconds. (last read 16 days ago; next try in 60 min)',
      ),
    ]);
    expect(await seen.page.locator('#feeds').innerText()).toContain('1 of 2 sources up to date (50 %)');
  });

  it('marks the words behind the labels, and the marked words are those of the API', async () => {
    const seen = await look('/');
    const { items } = (await (await fetch(`${server.url}/api/v1/items?labelled=true`)).json()) as {
      items: Array<{ title: string; labels: Array<{ evidence: Array<{ for: string; text: string }> }> }>;
    };
    const entries = seen.page.locator('.items > li');
    expect(await entries.count()).toBe(items.length);
    for (const [i, item] of items.entries()) {
      expect(
        await entries
          .nth(i)
          .locator('h3')
          .evaluate((element) => element.textContent),
      ).toBe(item.title);
      const marked = await entries
        .nth(i)
        .locator('h3 mark')
        .evaluateAll((marks) => marks.map((mark) => mark.textContent));
      const words = new Set(items[i]!.labels.flatMap((label) => label.evidence.map((span) => span.text)));
      expect(new Set(marked)).toEqual(words);
    }
    expect(await entries.nth(1).locator('.chip').innerText()).toMatch(/▲\s*AAA–BBB\s*Trade\s*denied/i);
  });

  it('runs nothing that a feed sends: no script, no image, no javascript link', async () => {
    const seen = await look('/?dyad=CCC-BBB');
    expect(await textOf(seen, '.items h3')).toEqual([expect.stringContaining('<script>alert(1)</')]);
    expect(await seen.page.locator('.items h3').evaluate((element) => element.textContent)).toBe(HOSTILE_TITLE);
    expect(await seen.page.locator('script, img, [onerror]').count()).toBe(0);
    expect(await seen.page.locator('a[href^="javascript:"]').count()).toBe(0);
    expect(await seen.page.getByText('Original').count()).toBe(0);
    expect(seen.trouble).toEqual([]);
  });

  it('links to originals without referrer power, and to nothing else outside', async () => {
    const seen = await look('/');
    const outside = await seen.page
      .locator('a[href^="http"]')
      .evaluateAll((links) => links.map((link) => [link.getAttribute('href'), link.getAttribute('rel')]));
    expect(outside.sort()).toEqual(
      ['four', 'one', 'three', 'two'].map((name) => [`https://example.org/${name}`, 'noopener nofollow']),
    );
  });

  it('gives a Persian title its language and lets the browser find its direction', async () => {
    await sql`update items set language = 'fa' where key = 'guid:two'`;
    const seen = await look('/');
    const title = seen.page.locator('h3[lang=fa]');
    expect(await title.getAttribute('dir')).toBe('auto');
    expect(await title.evaluate('getComputedStyle(document.querySelector("h3[lang=fa]")).direction')).toBe('rtl');
    await sql`update items set language = 'en' where key = 'guid:two'`;
  });

  it('keeps all state in the address: a cell narrows the items, a range keeps the cell', async () => {
    const seen = await look('/', { viewport: DESKTOP, javaScriptEnabled: false });
    await seen.page.locator('.matrix tbody tr').first().locator('td a').nth(1).click();
    await seen.page.waitForURL('**/?dyad=AAA-BBB&domain=economic#items');
    expect(await textOf(seen, '#items-title')).toEqual(['Latest coded items: AAA–BBB, economic']);
    expect(await textOf(seen, '.items h3')).toEqual([expect.stringContaining('denies')]);
    await seen.page.getByRole('link', { name: '1 year' }).click();
    await seen.page.waitForURL('**/?last=1y&granularity=month&dyad=AAA-BBB&domain=economic');
    expect(await seen.page.locator('.ranges [aria-current]').innerText()).toBe('1 year');
    expect(await textOf(seen, '.items h3')).toHaveLength(1);
  });

  it('an address with a mistake gets a page that names it', async () => {
    const seen = await look('/?dyad=AAA-BBX');
    expect(await seen.page.locator('main').innerText()).toContain(
      'dyad: "AAA-BBX" is not a dyad; did you mean "AAA-BBB"?',
    );
    const missing = await look('/nothing/here');
    expect(await missing.page.locator('h1').innerText()).toBe('Not found');
  });

  it.each([
    ['desktop', DESKTOP, 'light'],
    ['desktop', DESKTOP, 'dark'],
    ['phone', PHONE, 'light'],
    ['phone', PHONE, 'dark'],
  ] as const)('fits a %s of %o in %s, and every text has the contrast of WCAG AA', async (_, viewport, colorScheme) => {
    for (const path of ['/', '/?dyad=AAA-BBB&domain=military']) {
      const seen = await look(path, { viewport, colorScheme });
      await seen.page.locator('summary').click();
      expect(await seen.page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(0);
      const contrast = (await seen.page.evaluate(LOW_CONTRAST)) as { checked: number; found: string[] };
      expect(contrast.found).toEqual([]);
      expect(contrast.checked).toBeGreaterThan(40);
    }
  });

  it('stays a table to a screen reader when a phone lays it out as cards', async () => {
    const { page } = await look('/', { viewport: PHONE });
    const row = page.getByRole('table').getByRole('row').nth(1);
    expect(await row.getByRole('rowheader').innerText()).toContain('AAA–BBB');
    expect(await row.getByRole('cell').count()).toBe(2);
    expect(await page.getByRole('columnheader').count()).toBe(3);
  });

  it('is walked by keyboard: first to the content, then through the cells, with a visible ring', async () => {
    const { page } = await look('/');
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.textContent.trim()')).toBe('Skip to the content');
    expect(await page.evaluate('getComputedStyle(document.activeElement).outlineStyle')).toBe('solid');
    const reached: unknown[] = [];
    for (let i = 0; i < 40; i++) {
      await page.keyboard.press('Tab');
      reached.push(
        await page.evaluate('document.activeElement.closest("td") && document.activeElement.getAttribute("href")'),
      );
    }
    expect(reached).toContain('/?dyad=AAA-BBB&domain=military#items');
    expect(reached).toContain('/?dyad=BBB-CCC&domain=economic#items');
  });
});

describe('an item', () => {
  it('opens to words, rules and versions', async () => {
    const seen = await look('/?dyad=AAA-CCC');
    await seen.page.getByText('Why these labels').click();
    await seen.page.waitForURL('**/items/*');
    const main = await seen.page.locator('main').innerText();
    expect(main).toContain('mil.aid: What military aid means.');
    expect(main).toContain('verb-object');
    expect(main).toContain('rules 1.0.0, codebook 1.0+test, 9 Mar 2026, 07:00 UTC');
    expect(main).toContain('AAA → BBB');
    expect(main).toContain('AAA–BBB, AAA–CCC, BBB–CCC');
    expect(await seen.page.locator('article.why').count()).toBe(1);
    expect(await seen.page.title()).toBe(`${HOSTILE_TITLE} · axiswatch`);
    expect(seen.trouble).toEqual([]);
  });

  it('that was edited shows what it said before and which labels no longer hold', async () => {
    const id = await reviseFirst(sql);
    const seen = await look(`/items/${id}`, { viewport: PHONE });
    expect(await seen.page.locator('h1').evaluate((element) => element.textContent)).toBe('Edited: one 1');
    const main = await seen.page.locator('main').innerText();
    expect(main).toContain('Labels that no longer hold');
    expect(main).toContain('held until 10 Mar 2026, 13:00 UTC');
    expect(main).toContain('What the feed showed, 2 versions');
    // The old label marks the old words, not whatever stands at the same place now.
    expect(await seen.page.locator('section:has(#before) mark.act').allInnerTexts()).toEqual([
      expect.stringMatching(/^arms/),
    ]);
    expect(await seen.page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(0);
  });
});

describe('before there is anything to see', () => {
  it('says why, and what comes next', async () => {
    const empty = await createTestDatabase();
    const client = connectDatabase(empty.url);
    const fresh = await startServer(optionsOf(client, { config: { sources: [] }, banner: 'Demo world: sample news.' }));
    const see = async () => {
      const one = await visit(browser, fresh.url);
      opened.push(one);
      return one.page.locator('body').innerText();
    };
    const nothing = await see();
    expect(nothing).toContain('Demo world: sample news.');
    expect(nothing).toContain('No feed is configured yet');
    expect(nothing).toContain('not covered');
    await syncSources(
      client,
      SOURCE_CONFIG,
      new Map([
        ['north-feed', 'g'],
        ['south-feed', 'g'],
      ]),
      NOW,
    );
    await client`update feeds set next_due_at = '2026-03-10T12:02:00Z'`;
    const waiting = await see();
    expect(waiting).toContain(
      'No items yet: no feed has been read so far; the first poll is due 10 Mar 2026, 12:02 UTC.',
    );
    expect(waiting).toContain('2 not polled yet');
    await fresh.close();
    await client.end();
    await empty.drop();
  });
});
