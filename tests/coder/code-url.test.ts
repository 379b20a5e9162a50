import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { codeUrl } from '../../cli/code-url.js';
import { SHIPPED_CONFIG_DIR } from '../../config/env.js';
import { createFetchFeed } from '../../feeds/fetch.js';
import { type FeedServer, rssFeed, startFeedServer } from '../support/feed-server.js';
import { run, sink } from './run-command.js';
import { coder } from './support.js';

const HTML = { 'content-type': 'text/html; charset=utf-8' };
const ARTICLE = `<!doctype html><html lang="en"><head><title>Site</title>
<meta property="og:title" content="Iran and Russia sign partnership treaty in Moscow">
<meta name="description" content="The presidents met in the Kremlin.">
<meta property="article:published_time" content="2025-01-17T12:00:00Z"></head><body><p>Text</p></body></html>`;

let server: FeedServer;
const LOCAL = { AXISWATCH_ALLOW_ADDRESSES: '127.0.0.1' };

/** Codes a page as the command does, without reading the codebook anew each time. */
async function visit(path: string, options: { bloc?: string; json?: boolean; config?: string; url?: string } = {}) {
  const out = sink();
  const fetchFeed = createFetchFeed({ allowAddresses: ['127.0.0.1'], userAgent: 'axiswatch/test' });
  const { bloc = null, json = false, config = SHIPPED_CONFIG_DIR, url = server.url } = options;
  const io = { out: out.stream, err: sink().stream, env: {} };
  const languages = ['en', 'ru'];
  await codeUrl(io, coder, fetchFeed, config, `${url}${path}`, { language: null, bloc, json, languages });
  return out.text();
}

beforeEach(async () => {
  server = await startFeedServer({ '/article': { headers: HTML, body: ARTICLE } });
});
afterEach(() => server.close());

describe('axiswatch code --url', () => {
  it('codes an article and says where it got each field', async () => {
    const { code, out } = await run(['code', '--url', `${server.url}/article`], LOCAL);
    expect(code).toBe(0);
    expect(out).toMatch(/^title +Iran and Russia sign partnership treaty in Moscow {2}\(og:title\)$/m);
    expect(out).toMatch(/^summary +The presidents met in the Kremlin\. {2}\(meta description\)$/m);
    expect(out).toMatch(/^language +en {2}\(lang attribute\)$/m);
    expect(out).toMatch(/^published +2025-01-17T12:00:00.000Z {2}\(article:published_time\)$/m);
    expect(out).toMatch(/^pol\.treaties {2}IRN RUS/m);
    expect(out).toMatch(/rules: .*treaty/);
  });

  it('gives the labels of the batch and the fields behind them as JSON', async () => {
    const out = await visit('/article', { json: true });
    const body = JSON.parse(out);
    expect(body.labels.map((l: { indicator: string }) => l.indicator)).toContain('pol.treaties');
    expect(body).toMatchObject({
      id: null,
      url: `${server.url}/article`,
      title: 'Iran and Russia sign partnership treaty in Moscow',
      lang: 'en',
      bloc: null,
      from: { title: 'og:title', summary: 'meta description', lang: 'lang attribute', bloc: null },
    });
    const act = body.labels[0].evidence.find((span: { for: string }) => span.for === 'act');
    expect(body[act.field].slice(act.start, act.end)).toBe(act.text);
  });

  it('reads a page in the encoding that it names', async () => {
    const text =
      '<html lang="ru"><head><meta charset="windows-1251"><title>Россия и Иран подписали договор</title></head></html>';
    const bytes = Uint8Array.from(text, (char) =>
      char >= 'А' && char <= 'я' ? char.charCodeAt(0) - 0x350 : char.charCodeAt(0),
    );
    server.routes['/cyrillic'] = { headers: { 'content-type': 'text/html' }, body: bytes };
    const out = await visit('/cyrillic');
    expect(out).toContain('(windows-1251)');
    expect(out).toMatch(/^pol\.treaties {2}IRN RUS/m);
  });

  it('codes the entries of a feed as a table, and as JSON', async () => {
    server.routes['/feed'] = {
      body: rssFeed([
        { guid: '1', title: 'China and Russia hold joint naval drill', date: 'Tue, 24 Jun 2025 10:00:00 GMT' },
        { guid: '2', title: 'Rain in Lisbon' },
      ]),
    };
    const out = await visit('/feed');
    expect(out).toMatch(/: rss, 2 entries, 1 with labels$/m);
    expect(out).toMatch(/^2025-06-24 +mil\.exercises CHN-RUS occurred +China and Russia hold joint naval drill$/m);
    expect(out).toMatch(/^no date +– +Rain in Lisbon$/m);
    const { entries } = JSON.parse(await visit('/feed', { json: true }));
    expect(entries.map((e: { id: string; labels: unknown[] }) => [e.id, e.labels.length])).toEqual([
      ['1', 1],
      ['2', 0],
    ]);
  });

  it('takes the group of outlets from the configured source of that host', async () => {
    const config = mkdtempSync(join(tmpdir(), 'code-url-'));
    const feed = `{ id: ours, url: "${server.url}/feed", every: 30m }`;
    writeFileSync(
      join(config, 'sources.yaml'),
      `sources:\n  - { id: ours, name: Ours, country: RU, language: ru, bloc: russian, feeds: [${feed}] }\n`,
    );
    server.routes['/home'] = {
      headers: HTML,
      body: '<html lang="ru"><title>Товарооборот нашей страны с Китаем вырос до рекорда</title></html>',
    };
    const out = await visit('/home', { config });
    expect(out).toMatch(/^outlet +russian {2}\(source ours\)$/m);
    expect(out).toMatch(/^econ\.trade-investment {2}CHN RUS/m);
    const other = await visit('/home', { config, bloc: 'western' });
    expect(other).toMatch(/^outlet +western {2}\(--bloc\)$/m);
    expect(other).toContain('No label.');
  });

  it('follows redirects and shows the last address without its password', async () => {
    server.routes['/old'] = { status: 301, headers: { location: '/article' } };
    const out = await visit('/old', { url: server.url.replace('//', '//me:secret@') });
    expect(out).toContain(`page      ${server.url}/article`);
    expect(out).not.toContain('secret');
  });

  it('lets no page move the cursor of a terminal', async () => {
    server.routes['/escape'] = { headers: HTML, body: '<title>Iran and Russia sign&#27;[2J treaty&#x202e;</title>' };
    expect(await visit('/escape')).not.toMatch(/[\u001b\u202e]/);
  });

  it.each([
    ['/nothing', {}, /has no page at this address \(HTTP 404\)/],
    ['/gone', { status: 410 }, /says that the page is gone/],
    ['/broken', { status: 500 }, /has a fault of its own \(HTTP 500\)/],
    [
      '/image',
      { headers: { 'content-type': 'image/png' }, body: Uint8Array.of(137, 80, 78, 71) },
      /gives neither a web page nor a feed \(image\/png\)/,
    ],
    [
      '/text',
      { headers: { 'content-type': 'text/plain' }, body: 'hello' },
      /gives neither a web page nor a feed \(text\/plain\)/,
    ],
    ['/empty', { headers: HTML, body: '' }, /The body is empty/],
    ['/blank', { headers: HTML, body: '<html><body><p>x</p></body></html>' }, /says neither a title nor a description/],
    ['/big', { headers: HTML, body: Buffer.alloc(10 * 1024 * 1024 + 1, 'a') }, /larger than 10240 KiB/],
  ])('%s ends with one clear sentence', async (path, answer, message) => {
    if (path !== '/nothing') server.routes[path] = answer;
    await expect(visit(path)).rejects.toMatchObject({ name: 'Failure', message: expect.stringMatching(message) });
  });

  it.each([
    ['Just a moment...', /gives a test for robots \("Just a moment\.\.\."\) instead of the article/],
    ['Attention Required! | Cloudflare', /a test for robots/],
    ['Bloomberg - Are you a robot?', /a test for robots/],
    ['Access Denied', /gives a refusal/],
    ['Before you continue to YouTube', /a page that asks for consent/],
  ])('a page called %s is no article, though it answers 200', async (title, message) => {
    server.routes['/wall'] = { headers: HTML, body: `<html><title>${title}</title><p>x</p></html>` };
    await expect(visit('/wall')).rejects.toMatchObject({ reason: 'client', message: expect.stringMatching(message) });
  });

  it.each([
    ['<title>Access denied: how Iran and Russia closed a port</title>'],
    ['<title>Just a moment</title><meta property="article:published_time" content="2025-01-17T12:00:00Z">'],
  ])('a headline is no wall: %s', async (head) => {
    server.routes['/headline'] = { headers: HTML, body: `<html><head>${head}</head></html>` };
    expect(await visit('/headline')).toMatch(/^title +(Access denied: how|Just a moment)/m);
  });

  it('says what --lang takes when the page is in a language that the coder does not read', async () => {
    server.routes['/german'] = { headers: HTML, body: '<html lang="de"><title>Regen in Lissabon</title></html>' };
    expect(await visit('/german')).toMatch(
      /^language +de {2}\(lang attribute; not one that the coder reads: --lang takes en, ru\)$/m,
    );
  });

  it('goes to no private address, also not by a redirect', async () => {
    const { code, err } = await run(['code', '--url', `${server.url}/article`], {});
    expect(code).toBe(1);
    expect(err).toMatch(/^127\.0\.0\.1 is not on the public internet.*\n$/);
    expect(server.requests).toEqual([]);
    server.routes['/inside'] = { status: 302, headers: { location: 'http://169.254.169.254/latest' } };
    await expect(visit('/inside')).rejects.toThrow(/169\.254\.169\.254 is not on the public internet/);
  });

  it('stops waiting for a server that never finishes', async () => {
    server.routes['/slow'] = (_, response) => {
      response.writeHead(200, HTML);
      response.write('<html>');
    };
    const fetchFeed = createFetchFeed({
      allowAddresses: ['127.0.0.1'],
      userAgent: 'axiswatch/test',
      limits: { deadlineMs: 100 },
    });
    const io = { out: sink().stream, err: sink().stream, env: {} };
    const coding = codeUrl(io, coder, fetchFeed, 'config', `${server.url}/slow`, {
      language: null,
      bloc: null,
      json: false,
      languages: [],
    });
    await expect(coding).rejects.toMatchObject({ name: 'Failure', reason: 'timeout' });
  });

  it.each([
    [['--url', 'example.org/x'], /is no address/],
    [['--url', 'file:///etc/passwd'], /is no address/],
    [['text', '--url', 'http://example.org/'], /give one of/],
    [
      ['text', '--lang', 'rusian'],
      /--lang "rusian" is no language: did you mean "ru"\?|--lang "rusian" is no language/,
    ],
    [['text', '--bloc', 'rusian'], /--bloc "rusian" is no group of outlets: did you mean "russian"\?/],
  ])('%j is wrong use', async (argv, message) => {
    const { code: exit, err } = await run(['code', ...argv]);
    expect(exit).toBe(2);
    expect(err).toMatch(message);
  });
});
