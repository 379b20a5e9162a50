import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { connectDatabase, type Sql } from '../../db/client.js';
import { seriesMismatches } from '../../db/series.js';
import { type RunningServer, startServer } from '../../server/app.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { REVIEW_DATA } from '../support/review-data.js';
import { contextOf, READY, reviseFirst, SILENT_LOG, seedWorld } from './ask-world.js';
import { LOW_CONTRAST, openBrowser, type Visit, visit } from './browser.js';

const TOKEN = 'a-token-of-thirty-two-characters';
let browser: Browser;
let database: TestDatabase;
let sql: Sql;
let server: RunningServer;
const opened: Visit[] = [];

beforeAll(async () => {
  browser = await openBrowser();
});
beforeEach(async () => {
  database = await createTestDatabase();
  sql = connectDatabase(database.url, { max: 4 });
  await seedWorld(sql);
  // Two labels that the coder is not sure of.
  await sql`update observations set confidence = 0.55 where indicator in ('mil.quarrel', 'econ.trade')`;
  server = await startServer({
    ...contextOf(sql),
    data: REVIEW_DATA,
    env: { host: '127.0.0.1', port: 0, apiToken: TOKEN },
    log: SILENT_LOG,
    readiness: async () => READY,
  });
});
afterEach(async () => {
  for (const one of opened.splice(0)) await one.close();
  await server.close();
  await sql.end();
  await database.drop();
});
afterAll(() => browser?.close());

const PHONE = { width: 390, height: 844 };

async function look(path: string, options: Parameters<typeof visit>[2] = {}): Promise<Visit> {
  const one = await visit(browser, `${server.url}${path}`, {
    viewport: { width: 1280, height: 900 },
    // What a person types into the browser's own dialog when it is asked.
    httpCredentials: { username: 'ann', password: TOKEN },
    javaScriptEnabled: false,
    ...options,
  });
  opened.push(one);
  return one;
}

const decisions = () => sql`select verdict, indicator, dyad, author, reason from reviews order by id`;
const article = (page: Page, indicator: string) => page.locator(`article.review[aria-label^="${indicator}"]`);

describe('the review page', () => {
  it('lists what the coder is not sure of, and a press of a button decides, without a script', async () => {
    const { page, trouble } = await look('/review');
    expect(await page.locator('article.review').count()).toBe(2);
    const quarrel = article(page, 'mil.quarrel');
    expect(await quarrel.locator('mark.act').innerText()).toBe('scolds');
    expect(await quarrel.locator('.reasons').innerText()).toBe('The coder is not sure.');
    await quarrel.getByLabel('Your name').fill('ann');
    await quarrel.getByLabel('Reason').selectOption('only talk, opinion or a forecast');
    await quarrel.getByLabel('Note').fill('an editorial');
    await quarrel.getByRole('button', { name: 'Reject' }).click();
    expect(await page.locator('.done').innerText()).toContain('Decided.');
    expect(await decisions()).toEqual([
      {
        verdict: 'reject',
        indicator: 'mil.quarrel',
        dyad: 'AAA-BBB',
        author: 'ann',
        reason: 'only talk, opinion or a forecast: an editorial',
      },
    ]);
    // The name is kept in the address, the decided label no longer waits, and agreeing needs no reason.
    expect(await page.locator('article.review').count()).toBe(1);
    const trade = article(page, 'econ.trade');
    expect(await trade.getByLabel('Your name').inputValue()).toBe('ann');
    await trade.getByRole('button', { name: 'Confirm' }).click();
    expect((await decisions()).at(-1)).toMatchObject({
      verdict: 'confirm',
      indicator: 'econ.trade',
      reason: 'right as coded',
    });
    expect(await page.locator('main').innerText()).toContain('1 of 2 reviewed labels were right (50 %');
    await page.locator('summary', { hasText: 'By act' }).press('Enter');
    expect(await page.locator('.figures tbody tr').allInnerTexts()).toEqual([
      'Trade\t100 %\t21 % to 100 %\t1',
      'Military quarrel\t0 %\t0 % to 79 %\t1',
    ]);
    expect(await seriesMismatches(sql)).toEqual([]);
    expect(trouble).toEqual([]);
  });

  it('corrects, adds and undoes on the page of the item, by keyboard on a phone', async () => {
    const { page, trouble } = await look('/review?status=uncertain&author=ann', { viewport: PHONE });
    await article(page, 'econ.trade')
      .getByRole('link', { name: /Correct it/ })
      .press('Enter');
    await page.locator('summary', { hasText: 'Correct it' }).press('Enter');
    await page.locator('select[name=to_status]').first().selectOption('announced');
    const correct = page.locator('form', { has: page.getByRole('button', { name: 'Correct', exact: true }) });
    await correct.getByLabel('Note').fill('it speaks of the future');
    await correct.getByRole('button', { name: 'Correct', exact: true }).press('Enter');
    expect(await article(page, 'econ.trade').locator('.chip .status').innerText()).toBe('announced');
    expect(await article(page, 'econ.trade').locator('.meta').innerText()).toContain('decision 1 of ann');

    await page.locator('summary', { hasText: 'Add a label' }).press('Enter');
    const add = page.locator('form', { has: page.getByRole('button', { name: 'Add the label' }) });
    await add.locator('select[name=indicator]').selectOption('mil.quarrel');
    await add.locator('input[type=checkbox][value=AAA]').press('Space');
    await add.locator('input[type=checkbox][value=BBB]').press('Space');
    await add.getByLabel('Words of the act').fill('weather');
    await add.getByLabel('Note').fill('missed');
    await add.getByRole('button', { name: 'Add the label' }).press('Enter');
    expect(await page.locator('.problems').innerText()).toContain('"weather" does not stand in the item');
    await page.locator('summary', { hasText: 'Add a label' }).press('Enter');
    await add.locator('select[name=indicator]').selectOption('mil.quarrel');
    await add.locator('input[type=checkbox][value=AAA]').press('Space');
    await add.locator('input[type=checkbox][value=BBB]').press('Space');
    await add.getByLabel('Words of the act').fill('denies');
    await add.getByLabel('Note').fill('missed');
    await add.getByRole('button', { name: 'Add the label' }).press('Enter');
    expect(await article(page, 'mil.quarrel').count()).toBe(1);

    await page.locator('.decisions summary').first().press('Enter');
    await page.getByLabel('Why undo it').first().fill('a slip');
    await page.getByRole('button', { name: 'Undo decision 2' }).press('Enter');
    expect(await article(page, 'mil.quarrel').count()).toBe(0);
    expect((await decisions()).map(({ verdict }) => verdict)).toEqual(['correct', 'add', 'undo']);
    expect(await seriesMismatches(sql)).toEqual([]);
    expect(trouble.filter((text) => !text.includes('400 (Bad Request)'))).toEqual([]);
  });

  it('asks again about a rejected label when the text was edited', async () => {
    const [{ id }] = await sql<[{ id: string }]>`select id from items where key = 'guid:one'`;
    const item = await look(`/review/${id}?author=ann`);
    await item.page.getByLabel('Note').first().fill('an old act');
    await item.page.getByRole('button', { name: 'Reject', exact: true }).click();
    await reviseFirst(sql);
    const { page } = await look('/review?status=edited&author=bob');
    expect(await page.locator('.reasons').innerText()).toBe('The text was edited after a person decided.');
    expect(await article(page, 'mil.aid').getByRole('button').allInnerTexts()).toEqual([
      'The label is right now',
      'Reject again',
    ]);
    await page.getByLabel('Note').fill('still so');
    await page.getByRole('button', { name: 'Reject again' }).click();
    expect(await page.locator('article.review').count()).toBe(0);
    expect((await decisions()).map(({ verdict, author }) => `${verdict} ${author}`)).toEqual([
      'reject ann',
      'reject bob',
    ]);
  });

  it.each([
    ['light', { width: 1280, height: 900 }],
    ['dark', PHONE],
  ] as const)('fits its window in %s, and every text has the contrast of WCAG AA', async (colorScheme, viewport) => {
    const [{ id }] = await sql<[{ id: string }]>`select id from items where key = 'guid:five'`;
    for (const path of ['/review', '/review?sample=10&seed=3', `/review/${id}`]) {
      const { page } = await look(path, { viewport, colorScheme, javaScriptEnabled: true });
      await page.locator('details').evaluateAll((all) => {
        for (const one of all) one.setAttribute('open', '');
      });
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(viewport.width);
      const { checked, found } = (await page.evaluate(LOW_CONTRAST)) as { checked: number; found: string[] };
      expect(checked).toBeGreaterThan(20);
      expect(found).toEqual([]);
    }
  });

  it('two who decide on the same label: the second is told', async () => {
    const first = await look('/review');
    const second = await look('/review');
    for (const { page } of [first, second]) await article(page, 'econ.trade').getByLabel('Your name').fill('bob');
    await article(first.page, 'econ.trade').getByRole('button', { name: 'Confirm' }).click();
    await article(second.page, 'econ.trade').getByLabel('Note').fill('no');
    await article(second.page, 'econ.trade').getByRole('button', { name: 'Reject' }).click();
    expect(await second.page.locator('.problems').innerText()).toContain(
      'Somebody decided on this label after you looked',
    );
    expect(await decisions()).toHaveLength(1);
  });

  it('without the password nothing is decided', async () => {
    const { page } = await look('/review', { httpCredentials: { username: 'ann', password: 'wrong' } });
    await article(page, 'econ.trade').getByLabel('Your name').fill('eve');
    await article(page, 'econ.trade').getByRole('button', { name: 'Confirm' }).click();
    expect(await page.locator('h1').innerText()).toBe('A token is needed');
    expect(await decisions()).toEqual([]);
  });
});
